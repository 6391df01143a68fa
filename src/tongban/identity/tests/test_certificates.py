# SPDX-License-Identifier: Apache-2.0
"""A digital certificate proves who somebody is: in either suite, once, of an authority that the node names."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms, core, keys, x509

from tests.people import MA, PASSWORD, ZHANG, ZHOU
from tongban.demo import certificates as demo
from tongban.identity import actions, queries
from tongban.identity.actions.certifying import certify, draw_challenge
from tongban.identity.assurance import Level
from tongban.identity.certificates import ID_NUMBER, check, pem_certificates
from tongban.identity.errors import CertificateRefused, ChallengeOver, NoCertificates
from tongban.identity.models import Evidence
from tongban.identity.queries import SignedIn
from tongban.standards import clock
from tongban.standards.crypto import suite
from tongban.standards.node import Node, at
from tongban.standards.refusal import NotAllowed

SM2, SM3 = "1.2.156.10197.1.501", "1.2.156.10197.1.401"


@pytest.fixture
def named(node: Node, tmp_path: Path) -> Iterator[Path]:
    """Gansu's node takes the certificates of the demo's authority; the folder of that authority."""
    with at(replace(node, certificate_authorities=demo.authority(tmp_path))):
        yield tmp_path


def who(token: str, now: datetime | None = None) -> SignedIn:
    found = queries.signed_in(token, now or clock.now())
    assert found is not None
    return found


def session() -> str:
    return actions.sign_in(ZHOU.phone, PASSWORD, address="a", at=clock.now())


def signed(folder: Path, content: bytes, name: str = ZHOU.name, number: str = ZHOU.id_number) -> bytes:
    return demo.sign(folder, name, number, content)


def test_who_signs_the_file_is_certified_until_the_certificate_ends(named: Path) -> None:
    token, now = session(), clock.now()
    assert who(token).level == Level.MATCHED
    given = signed(named, draw_challenge(who(token), at=now))
    certify(who(token), given, at=now)

    row = Evidence.objects.get(method="certificate")
    assert (row.level, row.source) == (Level.CERTIFIED, demo.NAME) and row.expires_at is not None
    assert who(token).level == Level.CERTIFIED
    assert who(session()).person.level == Level.CERTIFIED  # type: ignore[union-attr]
    later = row.expires_at + timedelta(seconds=1)
    assert queries.level_of(row.person_id, later) == Level.MATCHED
    with pytest.raises(ChallengeOver):  # it has served
        certify(who(token), given, at=now)


def test_a_signature_of_something_else_somebody_else_or_too_late_proves_nothing(named: Path, tmp_path: Path) -> None:
    token, now = session(), clock.now()
    before = signed(named, draw_challenge(who(token), at=now))
    content = draw_challenge(who(token), at=now)
    other = tmp_path / "other"
    for wrong in (
        before,  # of an earlier file
        signed(named, content, ZHANG.name, ZHANG.id_number),
        signed(named, content, ZHOU.name, ZHANG.id_number),
        signed(other, content),  # an authority that calls itself the same
        b"",
        b"-----BEGIN CMS-----",
        signed(named, content)[:-1],
        b"x" * 70_000,
    ):
        with pytest.raises(CertificateRefused):
            certify(who(token), wrong, at=now)
    with pytest.raises(ChallengeOver):
        certify(who(token), signed(named, content), at=now + timedelta(minutes=31))
    assert not Evidence.objects.filter(method="certificate").exists() and demo.authority(other)


def test_only_ones_own_account_at_a_node_that_names_an_authority_is_certified(node: Node) -> None:
    with at(replace(node, certificate_authorities=None)), pytest.raises(NoCertificates):
        draw_challenge(who(session()), at=clock.now())
    with at(replace(node, certificate_authorities=Path("x"))), pytest.raises(NotAllowed):
        draw_challenge(who(actions.sign_in_staff(MA.login, PASSWORD, address="a", at=clock.now())), at=clock.now())


def _point(private: bytes) -> keys.PublicKeyInfo:
    curve = keys.ECDomainParameters(name="named", value=keys.NamedCurve("1.2.156.10197.1.301"))
    point = keys.ECPointBitString(suite("sm2").public(private))
    return keys.PublicKeyInfo({"algorithm": {"algorithm": "ec", "parameters": curve}, "public_key": point})


def _certificate(name: str, issuer: str, private: bytes, by: bytes, *more: dict[str, Any]) -> x509.Certificate:
    """An SM2 certificate, as domestic authorities make them."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": 7,
            "signature": algos.SignedDigestAlgorithm({"algorithm": SM2}),
            "issuer": x509.Name.build({"common_name": issuer}),
            "validity": {
                "not_before": x509.Time(name="utc_time", value=now),
                "not_after": x509.Time(name="utc_time", value=now + timedelta(days=1000)),
            },
            "subject": x509.Name.build({"common_name": name}),
            "subject_public_key_info": _point(private),
            "extensions": list(more),
        }
    )
    words = {"signature_algorithm": {"algorithm": SM2}, "signature_value": suite("sm2").sign(by, body.dump())}
    return x509.Certificate({"tbs_certificate": body, **words})


def test_a_certificate_in_sm2_is_read_as_well() -> None:
    sm2, content = suite("sm2"), b"word"
    authority, own = sm2.generate(), sm2.generate()
    is_ca = {"extn_id": "basic_constraints", "critical": True, "extn_value": x509.BasicConstraints({"ca": True})}
    number = core.PrintableString(ZHOU.id_number).dump()
    held = {"extn_id": ID_NUMBER, "critical": False, "extn_value": core.ParsableOctetString(b"\xa0\x14" + number)}
    top = _certificate("机构", "机构", authority, authority, is_ca)
    mine = _certificate(ZHOU.name, "机构", own, authority, held)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [sm2.hash(content)]},
        ]
    )
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number", value={"issuer": mine.issuer, "serial_number": mine.serial_number}
        ),
        "digest_algorithm": {"algorithm": SM3},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": SM2},
        "signature": sm2.sign(own, attributes.dump()),
    }
    told = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": SM3}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices(name="certificate", value=mine)],
            "signer_infos": [info],
        }
    )
    given = cms.ContentInfo({"content_type": "signed_data", "content": told}).dump()

    now = datetime(2026, 11, 23, tzinfo=UTC)
    found = check(content, given, [top.dump()], now)
    assert (found.name, found.id_number, found.authority) == (ZHOU.name, ZHOU.id_number, "机构")
    for wrong, authorities, when in (
        (b"other", [top.dump()], now),
        (content, [mine.dump()], now),
        (content, [], now),
        (content, [top.dump()], now + timedelta(days=2000)),
    ):
        with pytest.raises(CertificateRefused):
            check(wrong, given, authorities, when)


def test_authorities_are_read_from_one_file(tmp_path: Path) -> None:
    assert len(pem_certificates(demo.authority(tmp_path).read_bytes() * 2)) == 2
