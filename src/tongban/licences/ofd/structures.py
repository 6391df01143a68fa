# SPDX-License-Identifier: Apache-2.0
"""Seals and their signatures as GB/T 38540 writes them in ASN.1; version 4 stands for its edition of 2020. Pure."""

from asn1crypto.core import (
    GeneralizedTime,
    IA5String,
    Integer,
    ObjectIdentifier,
    OctetBitString,
    OctetString,
    Sequence,
    SequenceOf,
    UTF8String,
)

VERSION = 4
CERTIFICATES = 1  # the list of who may use a seal holds certificates, not their digests
SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM3 = "1.2.156.10197.1.401"
ORGANIZATION_SEAL = 1  # 单位章


class Header(Sequence):
    _fields = [("id", IA5String), ("version", Integer), ("vendor", IA5String)]


class CertificateList(SequenceOf):
    _child_spec = OctetString


class Property(Sequence):
    _fields = [
        ("type", Integer),
        ("name", UTF8String),
        ("list_type", Integer),
        ("certificates", CertificateList),
        ("made", GeneralizedTime),
        ("valid_from", GeneralizedTime),
        ("valid_until", GeneralizedTime),
    ]


class Picture(Sequence):
    _fields = [("type", IA5String), ("data", OctetString), ("width", Integer), ("height", Integer)]


class SealInfo(Sequence):
    _fields = [("header", Header), ("id", IA5String), ("property", Property), ("picture", Picture)]


class SealStructure(Sequence):
    _fields = [
        ("info", SealInfo),
        ("certificate", OctetString),
        ("algorithm", ObjectIdentifier),
        ("signature", OctetBitString),
    ]


class ToSign(Sequence):
    _fields = [
        ("version", Integer),
        ("seal", SealStructure),
        ("time", GeneralizedTime),
        ("digest", OctetBitString),
        ("path", IA5String),
    ]


class SealSignature(Sequence):
    _fields = [
        ("to_sign", ToSign),
        ("certificate", OctetString),
        ("algorithm", ObjectIdentifier),
        ("signature", OctetBitString),
    ]
