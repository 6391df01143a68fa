# SPDX-License-Identifier: Apache-2.0
"""The signed request between two nodes: exactly this one, by exactly this key, within five minutes."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from hypothesis import given
from hypothesis import strategies as st

from tongban.exchange import hop
from tongban.exchange.errors import ClockSkew, ExchangeRefusal, SignatureInvalid
from tongban.exchange.hop import Hop
from tongban.exchange.tests.letters import AT, KEYS
from tongban.regions.tests.hub import Keys
from tongban.standards import clock

SUITES = ("ed25519", "sm2")


def request(name: str = "ed25519") -> Hop:
    """A signed request of Gansu's."""
    made = Hop(method="POST", url="http://127.0.0.1:8101/exchange/batches", headers={}, body=b"letters")
    hop.sign(made, node="620000", signer=KEYS[name], at=AT)
    return made


def check(asked: Hop, name: str = "ed25519", after: timedelta = timedelta(0), keys: Keys | None = None) -> None:
    hop.check(asked, suite_name=name, public=(keys or KEYS[name]).public, at=AT + after)


@pytest.mark.parametrize("name", SUITES)
def test_a_signed_request_is_believed(name: str) -> None:
    asked = request(name)

    check(asked, name)

    assert hop.key_id_of(asked.headers) == KEYS[name].key_id


@pytest.mark.parametrize("name", SUITES)
def test_another_body_path_method_or_sender_is_not(name: str) -> None:
    asked = request(name)
    for changed in (
        replace(asked, body=b"Letters"),
        replace(asked, url=asked.url.replace("batches", "trust-list")),
        replace(asked, method="PUT"),
        replace(asked, headers=asked.headers | {hop.SENDER: "430000"}),
    ):
        with pytest.raises(SignatureInvalid):
            check(changed, name)


@pytest.mark.parametrize("name", SUITES)
def test_another_key_did_not_sign_it(name: str) -> None:
    with pytest.raises(SignatureInvalid):
        check(request(name), name, keys=Keys.fresh(name))


def test_a_key_of_the_other_suite_did_not_sign_it() -> None:
    with pytest.raises(SignatureInvalid):
        check(request("ed25519"), "sm2")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_more_than_five_minutes_apart_is_too_far(minutes: int) -> None:
    check(request(), after=timedelta(minutes=4) if minutes > 0 else timedelta(minutes=-4))
    with pytest.raises(ClockSkew):
        check(request(), after=timedelta(minutes=minutes))


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest", hop.SENDER])
def test_a_missing_header_is_refused(name: str) -> None:
    asked = request()
    left = {key: value for key, value in asked.headers.items() if key.lower() != name.lower()}
    assert len(left) == len(asked.headers) - 1
    with pytest.raises(ExchangeRefusal):
        check(replace(asked, headers=left))


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)


@given(st.sampled_from(["Signature", "Signature-Input", "Content-Digest", hop.SENDER]), HEADER)
def test_arbitrary_headers_raise_nothing_but_a_refusal(name: str, value: str) -> None:
    asked = request()
    with pytest.raises(ExchangeRefusal):
        check(replace(asked, headers=asked.headers | {name: value}))
    hop.key_id_of({name: value})


@given(st.data())
def test_a_damaged_signature_header_raises_nothing_but_a_refusal(data: st.DataObject) -> None:
    asked = request()
    name = data.draw(st.sampled_from([key for key in asked.headers if "igest" in key or "ignature" in key]))
    value = asked.headers[name]
    place = data.draw(st.integers(0, len(value) - 1))
    damaged = (
        value[:place]
        + data.draw(st.sampled_from(["", ";", '"', "(", "=", ":", ",", "9", " ", "é"]))
        + value[place + 1 :]
    )
    with suppress(ExchangeRefusal):  # base64 has spare bits: some damage does none
        check(replace(asked, headers=asked.headers | {name: damaged}))


@dataclass(frozen=True)
class Pair(HTTPSignatureKeyResolver):
    """One key, as the library wants it."""

    keys: Keys

    def resolve_public_key(self, key_id: str) -> Any:
        return Ed25519PublicKey.from_public_bytes(self.keys.public)

    def resolve_private_key(self, key_id: str) -> Any:
        return load_pem_private_key(self.keys.private, password=None)


PAIR = Pair(KEYS["ed25519"])


def test_an_implementation_that_is_not_ours_believes_what_is_signed_here() -> None:
    asked = request()
    now = Hop(asked.method, asked.url, {}, asked.body)
    hop.sign(now, node="620000", signer=KEYS["ed25519"], at=clock.now())

    verified = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=PAIR).verify(
        now, expect_tag=hop.TAG, require_components=[*hop.COVERED, "tongban-node"], body=now.body
    )

    assert [one.label for one in verified] == [hop.TAG]


@pytest.mark.parametrize("more", [(), ("content-type",), ("@authority",)])
@pytest.mark.parametrize("include_alg", [True, False])
def test_whatever_covers_all_it_must_is_believed_in_any_spelling(more: tuple[str, ...], include_alg: bool) -> None:
    asked = theirs(covered=[hop.SENDER.lower(), *more, *reversed(hop.COVERED)], include_alg=include_alg)

    check(asked)

    with pytest.raises(SignatureInvalid):
        check(replace(asked, body=b"Letters"))


@pytest.mark.parametrize("left_out", [*hop.COVERED, "tongban-node"])
def test_what_does_not_cover_all_that_it_must_is_not(left_out: str) -> None:
    covered = [name for name in (*hop.COVERED, "tongban-node") if name != left_out]
    asked = theirs(covered=covered) if left_out != "content-digest" else theirs(covered=covered, body=None)
    with pytest.raises(SignatureInvalid):
        check(asked)


def theirs(*, covered: list[str], include_alg: bool = True, body: bytes | None = b"letters") -> Hop:
    """A request as another implementation signs it."""
    url = "http://127.0.0.1:8101/exchange/batches"
    made = Hop("POST", url, {"Content-Type": "text/plain", hop.SENDER: "620000"}, b"letters")
    library = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=PAIR)
    library.sign(
        made,
        key_id=KEYS["ed25519"].key_id,
        created=AT,
        tag=hop.TAG,
        label=hop.TAG,
        include_alg=include_alg,
        covered_component_ids=covered,
        body=body,
    )
    return made


def test_a_header_that_stands_twice_in_different_letters_is_not_believed() -> None:
    asked = request()
    with pytest.raises(SignatureInvalid):
        check(replace(asked, headers=asked.headers | {hop.SENDER.lower(): "430000"}))


def test_an_address_that_cannot_be_written_as_it_is_signed_is_not_signed() -> None:
    for url in ("http://127.0.0.1:8101", "http://127.0.0.1:8101/exchange/ä", "http://127.0.0.1:8101/a b"):
        with pytest.raises(ValueError, match="cannot be signed"):
            hop.sign(Hop("GET", url, {}), node="620000", signer=KEYS["ed25519"], at=AT)
