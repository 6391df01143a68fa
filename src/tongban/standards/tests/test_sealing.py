# SPDX-License-Identifier: Apache-2.0
"""What is sealed to a key opens with it alone, as published, as other libraries do it, and never when altered."""

from base64 import b64decode
from collections.abc import Callable

import pytest
from asn1crypto.core import Integer, OctetString, Sequence
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from gmalg import SM2 as OtherSM2
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gmssl_key import gmssl_key
from tongban.standards import crypto
from tongban.standards.crypto import Sealing, key_id, listed_sealing, sealing_beside, sm2, sm2_sealing, vectors

X, SM = listed_sealing("x25519"), listed_sealing("sm2")
KEYS = {of.name: of.generate() for of in (X, SM)}
both = pytest.mark.parametrize("of", [X, SM], ids=["x25519", "sm2"])


class Ciphertext(Sequence):  # type: ignore[misc]
    """GB/T 35276: C1 as two whole numbers, C3, C2."""

    _fields = [("x", Integer), ("y", Integer), ("hash", OctetString), ("text", OctetString)]


def raw_of(der: bytes) -> bytes:
    """C1, C3, C2 one after the other, as both other libraries write them; C1 without the leading 04."""
    told = Ciphertext.load(der, strict=True).native
    return bytes(told["x"].to_bytes(32) + told["y"].to_bytes(32) + told["hash"] + told["text"])


def der_of(raw: bytes) -> bytes:
    x, y = (int.from_bytes(raw[start : start + 32]) for start in (0, 32))
    return bytes(Ciphertext({"x": x, "y": y, "hash": raw[64:96], "text": raw[96:]}).dump())


def secret_of(private: bytes) -> bytes:
    """The number inside a PKCS#8 file that our program made."""
    pem = b"".join(private.splitlines()[1:-1])
    whole = b64decode(pem)
    return bytes(whole[36:68])


class Others:
    """Two independent implementations of SM2."""

    @staticmethod
    def gmalg_opens(private: bytes, der: bytes) -> bytes:
        return bytes(OtherSM2(secret_of(private), sm2.USER_ID, SM.public(private)).decrypt(b"\x04" + raw_of(der)))

    @staticmethod
    def gmssl_opens(private: bytes, der: bytes) -> bytes:
        return bytes(gmssl_key(SM.public(private), secret_of(private)).decrypt(raw_of(der)))

    @staticmethod
    def gmalg_seals(point: bytes, data: bytes) -> bytes:
        return der_of(bytes(OtherSM2(None, sm2.USER_ID, point).encrypt(data))[1:])

    @staticmethod
    def gmssl_seals(point: bytes, data: bytes) -> bytes:
        return der_of(gmssl_key(point).encrypt(data))


def test_hpke_gives_what_its_published_vector_gives() -> None:
    example = vectors.HPKE

    assert X.open_with(example.private, example.sealed, example.context) == example.data
    key = bytes.fromhex("f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f")
    nonce = bytes.fromhex("151d9929e2449747889bc923")
    published = "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"
    assert AESGCM(key).encrypt(nonce, example.data, b"Count-0").hex() == published  # key and nonce are the vector's
    assert AESGCM(key).encrypt(nonce, example.data, b"") == example.sealed[32:]


def test_sm2_opens_the_published_example_and_others_open_it_too() -> None:
    example = vectors.SM2_CIPHER

    assert sm2.decrypt(example.private, example.sealed) == example.data
    assert Others.gmalg_opens(example.private, example.sealed) == example.data
    assert Others.gmssl_opens(example.private, example.sealed) == example.data


def test_sm4_gcm_gives_what_rfc_8998_gives() -> None:
    example = vectors.SM4_GCM

    assert sm2_sealing.encrypted(example.key, example.nonce, example.data, example.context) == example.sealed
    assert sm2_sealing.decrypted(example.key, example.nonce, example.sealed, example.context) == example.data


def test_a_key_whose_x_begins_with_the_mark_of_a_point_is_a_key_to_everyone() -> None:
    private = next(key for key in iter(SM.generate, None) if SM.public(key)[1] == 0x04)
    point = SM.public(private)

    assert Others.gmssl_opens(private, sm2.encrypt(point, b"ID card")) == b"ID card"
    assert sm2.decrypt(private, Others.gmssl_seals(point, b"ID card")) == b"ID card"


@pytest.mark.parametrize("opens", [Others.gmalg_opens, Others.gmssl_opens], ids=["gmalg", "gmssl"])
@settings(max_examples=15)
@given(data=st.binary(min_size=1, max_size=48))
def test_other_libraries_open_what_we_encrypt_by_sm2(opens: Callable[[bytes, bytes], bytes], data: bytes) -> None:
    private = KEYS["sm2"]

    assert opens(private, sm2.encrypt(SM.public(private), data)) == data


@pytest.mark.parametrize("seals", [Others.gmalg_seals, Others.gmssl_seals], ids=["gmalg", "gmssl"])
@settings(max_examples=15)
@given(data=st.binary(min_size=1, max_size=48))
def test_we_open_what_other_libraries_encrypt_by_sm2(seals: Callable[[bytes, bytes], bytes], data: bytes) -> None:
    private = KEYS["sm2"]

    assert sm2.decrypt(private, seals(SM.public(private), data)) == data


@both
@settings(max_examples=25)
@given(data=st.binary(max_size=3000), context=st.binary(max_size=300))
def test_what_is_sealed_opens_with_its_key_and_context_alone(of: Sealing, data: bytes, context: bytes) -> None:
    private, other = KEYS[of.name], of.generate()
    sealed = of.seal_to(of.public(private), data, context)

    assert of.open_with(private, sealed, context) == data
    assert len(sealed) < len(data) + 200
    for key, said in ((other, context), (private, context + b"!")):
        with pytest.raises(ValueError, match=r".+"):
            of.open_with(key, sealed, said)


@both
def test_one_changed_bit_anywhere_keeps_it_shut(of: Sealing) -> None:
    sealed = of.seal_to(of.public(KEYS[of.name]), b"ID card", b"here")

    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(ValueError, match=r".+"):
            of.open_with(KEYS[of.name], bytes(changed), b"here")


@both
def test_a_cut_or_lengthened_one_stays_shut(of: Sealing) -> None:
    sealed = of.seal_to(of.public(KEYS[of.name]), b"ID card", b"here")

    for odd in (*(sealed[:end] for end in range(len(sealed))), sealed + b"\x00", sealed * 2):
        with pytest.raises(ValueError, match=r".+"):
            of.open_with(KEYS[of.name], odd, b"here")


@both
@given(rubbish=st.binary(max_size=400))
def test_rubbish_never_opens_and_is_never_another_error(of: Sealing, rubbish: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        of.open_with(KEYS[of.name], rubbish, b"here")


@both
@given(public=st.binary(max_size=31) | st.binary(min_size=33, max_size=70))
def test_nothing_is_sealed_to_what_is_no_key(of: Sealing, public: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        of.seal_to(public, b"ID card", b"here")


def test_nothing_is_sealed_to_a_point_that_makes_no_secret() -> None:
    for odd in (bytes(32), b"\x01" + bytes(31)):
        with pytest.raises(ValueError, match=r".+"):
            X.seal_to(odd, b"ID card", b"here")
    with pytest.raises(ValueError, match=r".+"):
        SM.seal_to(b"\x04" + b"\x01" * 64, b"ID card", b"here")


@both
def test_a_private_key_of_another_kind_is_refused(of: Sealing) -> None:
    wrong = [b"", b"junk", crypto.listed_suite("es256").generate(), crypto.suite("ed25519").generate()]
    wrong.append(KEYS["sm2" if of is X else "x25519"])

    for private in wrong:
        with pytest.raises(ValueError, match=r".+"):
            of.open_with(private, of.seal_to(of.public(KEYS[of.name]), b"", b""), b"")
        with pytest.raises(ValueError, match=r".+"):
            of.public(private)


def test_each_suite_has_what_its_nodes_are_sealed_to() -> None:
    assert (sealing_beside("ed25519"), sealing_beside("sm2")) == (X, SM)
    assert key_id(X, X.public(KEYS["x25519"])).startswith("x25519-")
    for name in ("ed25519", "es256", ""):
        with pytest.raises(ValueError, match=r".+"):
            listed_sealing(name)


def test_the_content_of_every_sealing_is_under_a_fresh_key() -> None:
    for of in (X, SM):
        public = of.public(KEYS[of.name])
        assert len({of.seal_to(public, bytes(64), b"")[-80:] for _ in range(20)}) == 20


def test_sealing_that_miscalculates_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_sealing.SM2Sealing, "open_with", lambda self, private, sealed, context: b"content")

    with pytest.raises(crypto.SelfTestFailed, match="sm2"):
        crypto.self_test()
