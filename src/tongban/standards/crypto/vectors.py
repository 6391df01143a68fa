# SPDX-License-Identifier: Apache-2.0
"""Published examples that must come out as published before a node signs, believes or seals anything."""

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """One published key, message and signature, and the suite's hash of "abc"."""

    suite: str
    hash_of_abc: bytes
    private: bytes
    public: bytes
    data: bytes
    signature: bytes
    repeats: bool  # whether signing again gives the very same bytes; SM2 draws a number each time


def pem(der: str) -> bytes:
    """PKCS#8 DER in hex as PEM."""
    text = base64.b64encode(bytes.fromhex(der)).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----", ""]).encode()


# FIPS 180-4 example; RFC 8032 §7.1, test 3
_ED25519 = Example(
    suite="ed25519",
    hash_of_abc=bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    private=pem("302e020100300506032b657004220420c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
    public=bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
    data=bytes.fromhex("af82"),
    signature=bytes.fromhex(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
    repeats=True,
)

# GB/T 32905 example 1; GM/T 0003.5-2012 annex A.2 (identity 1234567812345678)
_SM2 = Example(
    suite="sm2",
    hash_of_abc=bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    private=pem(
        "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420"
        "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8a144034200"
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    ),
    public=bytes.fromhex(
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    ),
    data=b"message digest",
    signature=bytes.fromhex(
        "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    ),
    repeats=False,
)


@dataclass(frozen=True)
class SealedExample:
    """A published private key and something encrypted to it."""

    private: bytes
    sealed: bytes
    data: bytes
    context: bytes = b""


@dataclass(frozen=True)
class CipherExample:
    """A published key, nonce, content, additional data, and what they come to: ciphertext and tag."""

    key: bytes
    nonce: bytes
    data: bytes
    context: bytes
    sealed: bytes


# HPKE's own test vectors, base mode, KEM 0x0020, KDF 0x0001, AEAD 0x0002: key pair, encapsulated key and info are
# theirs. Theirs are encrypted with additional data and ours never are: this content is sealed with their derived key
# (f50b0609...) and nonce (151d9929...).
HPKE = SealedExample(
    private=pem("302e020100300506032b656e04220420497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d"),
    sealed=bytes.fromhex(
        "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"
        "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512bdf5635fe096bd36e80893b1400bf5cec"
    ),
    data=b"Beauty is truth, truth beauty",
    context=bytes.fromhex("4f6465206f6e2061204772656369616e2055726e"),
)

# GM/T 0003.5-2012 annex C, the same key as in annex A.2; written as DER
SM2_CIPHER = SealedExample(
    private=_SM2.private,
    sealed=bytes.fromhex(
        "307c022004ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73022100e858f9d81e5430a57b"
        "36daab8f950a3c64e6ee6a63094d99283aff767e124df0042059983c18f809e262923c53aec295d30383b54e39d609d1"
        "60afcb1908d0bd8766041321886ca989ca9c7d58087307ca93092d651efa"
    ),
    data=b"encryption standard",
)

# RFC 8998 appendix A.1
SM4_GCM = CipherExample(
    key=bytes.fromhex("0123456789abcdeffedcba9876543210"),
    nonce=bytes.fromhex("00001234567800000000abcd"),
    data=bytes.fromhex(
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
    ),
    context=bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    sealed=bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    ),
)

EXAMPLES = (_ED25519, _SM2)
