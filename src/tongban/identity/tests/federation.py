# SPDX-License-Identifier: Apache-2.0
"""A trust list for tests of one node: itself with its own key, and peers whose keys the test holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey

from tongban.identity import oidc, trust
from tongban.identity.asking import REQUEST_URI
from tongban.identity.oidc import Claims
from tongban.identity.transport import NoAnswer
from tongban.regions import queries as regions
from tongban.regions import trustlist
from tongban.regions.models import SignedTrustList
from tongban.regions.trustlist import TrustedNode, TrustList
from tongban.standards.node import here


@dataclass(frozen=True)
class Peer:
    """A node that is not there, but whose private key the test has."""

    code: str
    name: str
    region: str  # prefix
    key: ECKey = field(default_factory=lambda: oidc.private_key(ECKey.generate_key("P-256").as_pem(private=True)))
    status: Any = "active"

    @property
    def address(self) -> str:
        return f"http://{self.code}.localhost:8009"

    @property
    def return_to(self) -> str:
        return self.address + oidc.RETURN


def listed(peer: Peer, at: datetime) -> TrustedNode:
    """The peer as the trust list has it."""
    numbers = peer.key.public_key.public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32)
    key = trustlist.key_of(
        "sign_in",
        "es256",
        point,
        id=f"key-{peer.code}",
        not_before=at - timedelta(days=1),
        not_after=at + timedelta(days=365),
    )
    words = {"code": peer.code, "name": peer.name, "address": peer.address, "dial": "http://127.0.0.1:9"}
    return TrustedNode(**words, regions=(peer.region,), status=peer.status, roles=(), keys=(key,))


def join(at: datetime, *peers: Peer, region: str = "43") -> None:
    """Let this node trust these peers; whoever signed the list does not matter here."""
    own = Peer(here().code, here().name, region, trust.own_key())
    nodes = {peer.code: listed(peer, at) for peer in (own, *peers)}
    nodes[own.code] = TrustedNode(
        **{
            **{name: getattr(nodes[own.code], name) for name in nodes[own.code].__struct_fields__},
            "address": here().address,
        }
    )
    last = SignedTrustList.objects.order_by("-serial").first()
    at = at.replace(microsecond=0)
    made = TrustList("test", own.code, (last.serial if last else 0) + 1, at, at + timedelta(days=30), nodes)
    SignedTrustList.objects.create(
        serial=made.serial,
        document=trustlist.compose(made),
        signature=b"",
        algorithm="none",
        key_id="",
        issued_at=made.issued_at,
        expires_at=made.expires_at,
    )
    regions.forget()


@dataclass
class Home:
    """A home node behind a transport: it answers as the test says, and keeps what it was sent."""

    peer: Peer
    claims: Claims
    at: datetime
    nonce: str = ""
    silent: bool = False
    answer: tuple[int, bytes] | None = None
    signs_with: ECKey | None = None
    sent: list[Mapping[str, str]] = field(default_factory=list)

    def post_form(self, node_code: str, path: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        self.sent.append(form)
        if self.silent:
            raise NoAnswer(node_code)
        if self.answer is not None:
            return self.answer
        if path == oidc.PUSH:
            self.nonce = form["nonce"]
            return 201, b'{"request_uri": "%s%d", "expires_in": 90}' % (REQUEST_URI.encode(), len(self.sent))
        token = oidc.id_token(
            self.claims,
            only=oidc.TOLD,
            issuer=self.peer.address,
            client=here().code,
            nonce=self.nonce,
            signed_in_at=self.at,
            key=self.signs_with or self.peer.key,
            at=self.at,
        )
        return 200, b'{"id_token": "%s"}' % token.encode()
