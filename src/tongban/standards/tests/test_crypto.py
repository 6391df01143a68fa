# SPDX-License-Identifier: Apache-2.0
"""Both suites against published examples, against another library, and against bad input."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from asn1crypto.algos import DSASignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from gmalg import SM2 as OtherSM2
from gmssl.sm2 import CryptSM2
from gmssl.sm2 import default_ecc_table as sm2_default_table
from gmssl.sm3 import sm3_hash
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gmssl_key import gmssl_key
from tongban.standards import crypto
from tongban.standards.crypto import Suite, digest_with, key_id, self_test, sm2, suite, vectors

ED, SM = suite("ed25519"), suite("sm2")
KEYS = {each.name: each.generate() for each in (ED, SM)}
both = pytest.mark.parametrize("of", [ED, SM], ids=["ed25519", "sm2"])

ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123  # of SM2's base point, GB/T 32918.5

# RFC 8032 §7.1, tests 1 to 3: secret key, public key, message, signature
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def other(point: bytes = b"", secret: bytes | None = None) -> OtherSM2:
    return OtherSM2(secret, sm2.USER_ID, point or None)


def der(r: bytes, s: bytes) -> bytes:
    whole = {"r": int.from_bytes(r), "s": int.from_bytes(s)}
    return bytes(DSASignature(whole).dump())


@pytest.mark.parametrize(("secret", "public", "data", "signature"), RFC_8032)
def test_ed25519_signs_as_rfc_8032_says(secret: str, public: str, data: str, signature: str) -> None:
    private = vectors.pem("302e020100300506032b657004220420" + secret)

    assert ED.public(private).hex() == public
    assert ED.sign(private, bytes.fromhex(data)).hex() == signature
    assert ED.verify(bytes.fromhex(public), bytes.fromhex(data), bytes.fromhex(signature))


@given(data=st.binary(max_size=300), seed=st.binary(min_size=32, max_size=32))
def test_another_library_accepts_our_ed25519_signature_and_we_accept_its(data: bytes, seed: bytes) -> None:
    theirs, mine = Ed25519PrivateKey.from_private_bytes(seed), ED
    pem = theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = theirs.public_key().public_bytes_raw()
    assert mine.public(pem) == public
    assert mine.sign(pem, data) == theirs.sign(data)
    theirs.public_key().verify(mine.sign(pem, data), data)
    assert mine.verify(public, data, theirs.sign(data))


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_public_key_of_another_length_is_never_looked_at(length: int) -> None:
    assert not ED.verify(bytes(length), b"", bytes(64))


def test_sm3_gives_the_two_published_digests() -> None:
    assert SM.digest(b"abc") == "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert SM.digest(b"abcd" * 16) == ("sm3:debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")


def test_sha256_gives_the_published_digest() -> None:
    assert ED.digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_self_test_passes_and_is_quick() -> None:
    self_test()

    start = time.perf_counter()
    self_test()

    assert time.perf_counter() - start < 0.1


class Others:
    """Two independent implementations of SM2, both pure Python and by different hands: gmalg and gmssl."""

    @staticmethod
    def gmalg_verifies(point: bytes, data: bytes, r: bytes, s: bytes) -> bool:
        return bool(other(point).verify(data, r, s))

    @staticmethod
    def gmssl_verifies(point: bytes, data: bytes, r: bytes, s: bytes) -> bool:
        return bool(gmssl_key(point).verify_with_sm3((r + s).hex(), data))

    @staticmethod
    def gmalg_signs(secret: bytes, point: bytes, data: bytes) -> tuple[bytes, bytes]:
        r, s = other(point, secret).sign(data)
        return r, s

    @staticmethod
    def gmssl_signs(secret: bytes, point: bytes, data: bytes) -> tuple[bytes, bytes]:
        signature = bytes.fromhex(gmssl_key(point, secret).sign_with_sm3(data))
        return signature[:32], signature[32:]


# Hashed, so that no key is a small number: gmssl's arithmetic knows no point at infinity.
SECRETS = st.binary(max_size=8).map(lambda seed: int.from_bytes(sha256(seed).digest()) % (ORDER - 2) + 1)
MESSAGES = st.binary(min_size=1, max_size=300)  # gmssl cannot take nothing at all


def sm2_key(number: int) -> tuple[bytes, bytes, bytes]:
    """A private key, as bytes and as PEM, with its point."""
    secret = number.to_bytes(32)
    point = _point_of(secret)
    head = "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420"
    return secret, vectors.pem(f"{head}{secret.hex()}a144034200{point.hex()}"), point


def _point_of(secret: bytes) -> bytes:
    """The public key, worked out by gmssl and not by us."""
    x_y = CryptSM2(secret.hex(), "")._kg(int.from_bytes(secret), sm2_default_table["g"])
    return b"\x04" + bytes.fromhex(x_y)


@pytest.mark.parametrize("verifies", [Others.gmalg_verifies, Others.gmssl_verifies], ids=["gmalg", "gmssl"])
@settings(max_examples=20)
@given(number=SECRETS, data=MESSAGES)
def test_other_libraries_accept_our_sm2_signature(
    verifies: Callable[[bytes, bytes, bytes, bytes], bool], number: int, data: bytes
) -> None:
    _, private, point = sm2_key(number)
    assert SM.public(private) == point

    signature = DSASignature.load(SM.sign(private, data)).native
    r, s = (signature[part].to_bytes(32) for part in ("r", "s"))

    assert verifies(point, data, r, s)
    assert not verifies(point, data + b"!", r, s)


@pytest.mark.parametrize("signs", [Others.gmalg_signs, Others.gmssl_signs], ids=["gmalg", "gmssl"])
@settings(max_examples=20)
@given(number=SECRETS, data=MESSAGES)
def test_we_accept_the_sm2_signatures_of_other_libraries(
    signs: Callable[[bytes, bytes, bytes], tuple[bytes, bytes]], number: int, data: bytes
) -> None:
    secret, _, point = sm2_key(number)

    r, s = signs(secret, point, data)

    assert SM.verify(point, data, der(r, s))
    assert not SM.verify(point, data + b"!", der(r, s))
    assert not SM.verify(point, data, der(s, r))


@given(st.binary(max_size=300))
def test_sm3_is_as_another_library_computes_it(data: bytes) -> None:
    assert SM.hash(data).hex() == sm3_hash(list(data))


def test_numbers_outside_their_range_are_no_sm2_signature() -> None:
    _, private, point = sm2_key(12345)
    signature = DSASignature.load(SM.sign(private, b"case")).native
    r, s = signature["r"], signature["s"]

    for odd in [
        (0, s),
        (r, 0),
        (ORDER, s),
        (r, ORDER),
        (r + ORDER, s),
        (r, s + ORDER),
        (-r, s),
        (r, -s),
        (r, ORDER - r),
    ]:
        assert not SM.verify(point, b"case", bytes(DSASignature({"r": odd[0], "s": odd[1]}).dump()))


def test_a_signature_in_any_other_spelling_is_no_sm2_signature() -> None:
    _, private, point = sm2_key(12345)
    whole = SM.sign(private, b"case")
    body = whole[2:]
    long_form = b"\x30\x81" + bytes([len(body)]) + body  # BER allows it, DER does not
    padded = b"\x30" + bytes([len(body) + 1]) + b"\x02" + bytes([body[1] + 1]) + b"\x00" + body[2:]

    for odd in (long_form, padded, whole + b"\x00", whole[:-1], b"\x31" + whole[1:], whole * 2, raw_of(whole)):
        assert not SM.verify(point, b"case", odd)


def raw_of(signature: bytes) -> bytes:
    """r‖s, as some libraries write it."""
    native = DSASignature.load(signature).native
    return bytes(native["r"].to_bytes(32) + native["s"].to_bytes(32))


@both
def test_a_signature_holds_for_its_key_and_data_only(of: Suite) -> None:
    mine, yours = KEYS[of.name], of.generate()
    signature = of.sign(mine, b"case")

    assert of.verify(of.public(mine), b"case", signature)
    assert not of.verify(of.public(yours), b"case", signature)
    assert not of.verify(of.public(mine), b"Case", signature)
    assert not of.verify(of.public(mine), b"case", signature + b"\x00")
    assert not of.verify(of.public(mine), b"case", signature[:-1])
    assert not of.verify(of.public(mine), b"case", b"")


@both
def test_one_changed_bit_anywhere_is_noticed(of: Suite) -> None:
    public, signature = of.public(KEYS[of.name]), of.sign(KEYS[of.name], b"case")

    for place in range(len(signature)):
        changed = bytearray(signature)
        changed[place] ^= 1
        assert not of.verify(public, b"case", bytes(changed))


@both
@given(public=st.binary(max_size=70), signature=st.binary(max_size=80))
def test_rubbish_is_never_a_signature_and_never_an_error(of: Suite, public: bytes, signature: bytes) -> None:
    assert not of.verify(public, b"case", signature)
    assert not of.verify(of.public(KEYS[of.name]), b"case", signature)


def test_a_point_beside_the_curve_is_no_public_key() -> None:
    assert not SM.verify(b"\x04" + b"\x01" * 64, b"case", SM.sign(KEYS["sm2"], b"case"))


@both
def test_a_key_of_another_kind_is_refused(of: Suite) -> None:
    p256 = ec.generate_private_key(ec.SECP256R1())
    pem = p256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    wrong = [pem, b"", b"junk", KEYS["sm2" if of is ED else "ed25519"]]

    for private in wrong:
        with pytest.raises(ValueError):
            of.sign(private, b"case")
        with pytest.raises(ValueError):
            of.public(private)


@both
def test_keys_are_written_as_pkcs8_and_public_keys_raw(of: Suite) -> None:
    private = KEYS[of.name]

    assert private.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert len(of.public(private)) == {"ed25519": 32, "sm2": 65}[of.name]
    assert of.generate() != private


@both
def test_a_key_is_named_after_its_suite_and_public_bytes(of: Suite) -> None:
    public = of.public(KEYS[of.name])

    assert key_id(of, public) == key_id(of, public)
    assert key_id(of, public).startswith(f"{of.name}-")
    assert key_id(of, public) != key_id(of, of.public(of.generate()))


@both
def test_a_digest_is_made_again_from_its_tag(of: Suite) -> None:
    tagged = of.digest(b"case")

    assert digest_with(tagged, b"case") == tagged
    assert digest_with(of.hash_name, b"case") == tagged


@pytest.mark.parametrize("name", ["", "md5", "sha256x:", "SM2"])
def test_what_we_do_not_know_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        digest_with(name, b"")
    with pytest.raises(ValueError):
        suite(name)


def test_many_threads_share_one_key() -> None:
    private, public = KEYS["sm2"], SM.public(KEYS["sm2"])

    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(lambda n: SM.sign(private, str(n).encode()), range(100)))

    assert all(SM.verify(public, str(n).encode(), each) for n, each in enumerate(signatures))


def test_every_object_of_libcrypto_is_freed() -> None:
    def used() -> int:
        for _ in range(300):
            private = SM.generate()
            public = SM.public(private)
            SM.verify(public, b"case", SM.sign(private, b"case"))
            SM.verify(public, b"case", b"junk")
            SM.verify(b"\x04" + bytes(64), b"case", b"junk")
        return resident()

    used()
    before = used()

    assert used() - before < 600  # kB; one forgotten key in each round would be about 900


def resident() -> int:
    """Memory of this process in kB."""
    with Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_a_suite_that_miscalculates_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2.SM2, "hash", lambda self, data: bytes(32))

    with pytest.raises(crypto.SelfTestFailed) as refused:
        self_test()

    assert refused.value.code == "crypto_self_test_failed"


def test_a_machine_without_libcrypto_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: no such file")

    monkeypatch.setattr(sm2, "_loaded", missing)
    sm2._library.cache_clear()
    try:
        with pytest.raises(crypto.SM2Unavailable, match=r"libcrypto\.so\.3"):
            SM.generate()
    finally:
        sm2._library.cache_clear()
