# SPDX-License-Identifier: Apache-2.0
"""Signing in with programs that nobody here wrote, as the home node and as the node to walk to."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from django.test import Client as Pages

from tests.interop.peers import Door, Wandering, node_program, program
from tests.people import PASSWORD, WANG, ZHANG
from tongban.identity import actions, ending, oidc, queries, trust
from tongban.identity.models import Person, Staff, Tries
from tongban.identity.tests.federation import Peer, join
from tongban.identity.transport import PageTransport
from tongban.standards import clock
from tongban.standards.node import Node

PERSON = {
    "name": WANG.name,
    "id_type": "resident_id",
    "id_number": WANG.id_number,
    "home_region": "510100",
    "phone_number": WANG.phone,
}


@pytest.fixture
def door(node: Node) -> Iterator[Door]:
    """Gansu's pages on a real port; it knows nobody yet."""
    node_program()
    for model in (Person, Staff, Tries):
        model._base_manager.all().delete()
    made = Door(node)
    yield made
    made.server.server_close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Foreign(Peer):
    """A node of the trust list at a port of its own."""

    @property
    def address(self) -> str:
        return f"http://{self.code}.localhost:{PORTS[self.code]}"


PORTS: dict[str, int] = {}


def foreign() -> Foreign:
    made = Foreign("510000", "四川省节点", "51")
    PORTS[made.code] = free_port()
    join(clock.now(), made, region="62")
    return made


def test_people_of_a_foreign_home_node_sign_in_here_and_are_signed_out_by_it(door: Door) -> None:
    home = foreign()
    told = {
        "issuer": home.address,
        "port": PORTS[home.code],
        "key": home.key.as_dict(private=True),
        "client": door.node.code,
        "clientKeys": oidc.published(trust.own_public_keys(clock.now())),
        "returnTo": trust.return_to(),
        "signOut": door.node.address + ending.SIGN_OUT,
        "ports": door.ports,
        "account": "subject-of-fang",
        "person": PERSON,
    }
    with program("provider.mjs", told) as theirs:
        assert theirs.stdout and theirs.stdout.readline() == "ready\n", theirs.stderr and theirs.stderr.read()
        wandering = Wandering()
        session, again = sign_in(home, wandering), sign_in(home, wandering)

        found = queries.signed_in(session, clock.now())
        assert found and found.person_name == WANG.name and found.issuer == home.code and found.level == 2
        assert queries.person_details(found.actor).id_number == WANG.id_number

        door.serve(lambda: leave(wandering, home))
        assert queries.signed_in(session, clock.now()) is None and queries.signed_in(again, clock.now()) is None


def sign_in(home: Foreign, wandering: Wandering) -> str:
    """The session of somebody who goes there and comes back."""
    way = actions.begin_sign_in(home.code, "/", at=clock.now())
    assert actions.finish_sign_ins(home.code, clock.now(), PageTransport()) == 1
    back = wandering.go(actions.go_home(way, at=clock.now()), trust.return_to())
    actions.come_back(way, dict(parse_qsl(urlsplit(back).query)), at=clock.now())
    assert actions.finish_sign_ins(home.code, clock.now(), PageTransport()) == 1
    entered = actions.enter(way, at=clock.now())
    assert entered, queries.progress(way, clock.now())
    return entered[0]


def leave(wandering: Wandering, home: Foreign) -> None:
    """Sign out at the foreign home node, which tells us before it answers."""
    form = wandering.get(f"{home.address}/oidc/end").forms[0]
    wandering.send(form, {"logout": "yes"})


def test_a_foreign_node_signs_our_people_in_and_every_no_has_the_name_that_its_library_knows(door: Door) -> None:
    walked_to = foreign()
    actions.add_person(
        name=ZHANG.name,
        id_number=ZHANG.id_number,
        phone=ZHANG.phone,
        home_region="620100",
        password=PASSWORD,
        at=clock.now(),
    )
    told = {
        "issuer": door.node.address,
        "ports": door.ports,
        "client": walked_to.code,
        "key": walked_to.key.as_dict(private=True),
        "address": walked_to.address,
        "returnTo": walked_to.return_to,
        "signedOut": walked_to.address + ending.SIGNED_OUT,
        "login": ZHANG.phone,
        "password": PASSWORD,
    }
    with program("client.mjs", told) as theirs:
        door.serve_while(lambda: theirs.poll() is None)
        assert theirs.stdout and theirs.stderr
        assert theirs.returncode == 0, theirs.stderr.read()
        answer = json.loads(theirs.stdout.read())

    assert answer["claims"]["name"] == ZHANG.name and answer["claims"]["home_region"] == "620100"
    assert not {"id_number", "id_type", "phone_number"} & set(answer["claims"])  # nobody asked
    assert answer["sameSubject"] and answer["claims"]["acr"] == "urn:tongban:assurance:2"
    assert {name: answer[name] for name in ("unknown", "stale", "unsure", "secondTime", "gone")} == {
        "unknown": "login_required",
        "stale": "login_required",
        "unsure": "unmet_authentication_requirements",
        "secondTime": "invalid_grant",
        "gone": "login_required",
    }
    assert answer["left"] == f"{walked_to.address}{ending.SIGNED_OUT}?state=leaving"
    assert re.search("INVALID_RESPONSE|RESPONSE", answer["mixedUp"])
    assert checked(door, answer["idToken"], walked_to.code)["sub"] == answer["claims"]["sub"]


def test_another_python_library_believes_what_we_sign(door: Door) -> None:
    told = ending.sign_out_token(
        issuer=trust.own_address(), client="510000", sid="s", subject="u", key=trust.own_key(), at=clock.now()
    )

    assert checked(door, told, "510000")["events"] == {ending.EVENT: {}}
    assert jwt.get_unverified_header(told)["typ"] == "logout+jwt"


def checked(door: Door, token: str, audience: str) -> dict[str, Any]:
    """The claims as PyJWT reads them, with what our discovery document leads to."""
    host = {"host": urlsplit(door.node.address).netloc}
    told = Pages().get("/.well-known/openid-configuration", headers=host).json()
    keys = jwt.PyJWKSet.from_dict(Pages().get(urlsplit(told["jwks_uri"]).path, headers=host).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    algorithms = told["id_token_signing_alg_values_supported"]
    return jwt.decode(token, key.key, algorithms=algorithms, audience=audience, issuer=told["issuer"])
