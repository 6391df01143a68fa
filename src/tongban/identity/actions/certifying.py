# SPDX-License-Identifier: Apache-2.0
"""A person signs a file of ours with their digital certificate, and is known as surely as that for as long as it is."""

from datetime import datetime, timedelta

from django.db import transaction

from tongban.identity import certificates
from tongban.identity.actions.evidence import Method, prove
from tongban.identity.actions.mandates import proven
from tongban.identity.assurance import Level
from tongban.identity.errors import CertificateRefused, ChallengeOver, NoCertificates
from tongban.identity.models import Challenge, Session
from tongban.identity.oidc import fresh
from tongban.identity.queries import SignedIn
from tongban.standards import identifiers
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed

CHALLENGE_LIFE = timedelta(minutes=30)


@transaction.atomic
def draw_challenge(own: SignedIn, *, at: datetime) -> bytes:
    """The file to be signed, anew each time it is asked for. NoCertificates, NotProven."""
    _require(own)
    told = {"word": fresh(), "created_at": at, "ends_at": at + CHALLENGE_LIFE}
    row, _ = Challenge.objects.update_or_create(person_id=own.actor.id, defaults=told)
    return _written(row)


@transaction.atomic
def certify(own: SignedIn, signature: bytes, *, at: datetime) -> None:
    """Believe the certificate that signed it, once, when name and number are this person's.

    CertificateRefused, ChallengeOver.
    """
    _require(own)
    row = Challenge.objects.select_for_update().filter(person_id=own.actor.id, ends_at__gt=at).first()
    if row is None:
        raise ChallengeOver(field="signature")
    if len(signature) > certificates.LARGEST:
        raise CertificateRefused(why="文件太大，不是签名文件")
    said = certificates.check(_written(row), signature, trusted(), at)
    details = own.own_details
    if (identifiers.tidy_name(said.name), said.id_number) != (identifiers.tidy_name(details.name), details.id_number):
        raise CertificateRefused(why="证书上的姓名或者证件号码不是您的")
    prove(
        own.actor.id,
        Level.CERTIFIED,
        Method.CERTIFICATE,
        source=said.authority,
        actor=own.actor,
        at=at,
        verification=None,
        expires_at=said.ends_at,
    )
    Session.objects.filter(digest=own.session).update(level=Level.CERTIFIED)
    row.delete()


def trusted() -> list[bytes]:
    """The authorities whose certificates of people this node believes, DER."""
    file = here().certificate_authorities
    return certificates.pem_certificates(file.read_bytes()) if file else []


def _require(own: SignedIn) -> None:
    if not here().certificate_authorities:
        raise NoCertificates()
    if not own.is_own or own.actor.behalf:
        raise NotAllowed()
    proven(own)


def _written(row: Challenge) -> bytes:
    """One line, so that no editor changes it."""
    return (
        f"{here().name} {here().code} 数字证书核验 {row.person_id} {row.created_at:%Y%m%dT%H%M%SZ} {row.word}".encode()
    )
