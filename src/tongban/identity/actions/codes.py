# SPDX-License-Identifier: Apache-2.0
"""Codes by text message: signing in with one, and a new password for who forgot theirs.

Whoever has no account is served in the same words and by the same statements; their code is sent to nobody and never
right. A code is good in the browser that asked for it, so nobody can use up another's.
"""

import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tongban.identity import limits, logins, passwords, sealing
from tongban.identity.actions.counting import count, forgive
from tongban.identity.actions.ending import end
from tongban.identity.actions.sessions import begin_session
from tongban.identity.actions.tokens import revoke_all
from tongban.identity.assurance import by_text_message
from tongban.identity.errors import CodeOver, NoTextMessages, WeakPassword, WrongCode
from tongban.identity.models import Account, Login, Person, Session, SmsCode
from tongban.identity.oidc import digest, fresh
from tongban.identity.queries import level_of, person_actor
from tongban.identity.sms import Gateway, NotSent
from tongban.ledger import actions as ledger
from tongban.standards.node import here
from tongban.vault import keys

Purpose = SmsCode.Purpose

LIFE = timedelta(minutes=5)
TRIES = 5
DIGITS = 6
CLAIMED = timedelta(seconds=10)  # longer than the gateway's patience
PAUSE = timedelta(seconds=5)  # between two tries to hand one over
SIGN_IN_SAYS = "验证码 {code}，5 分钟内有效，用于登录{name}。工作人员不会向您索要验证码。"
RECOVER_SAYS = "验证码 {code}，5 分钟内有效，用于重设{name}的密码。不是本人操作的，请不要告诉任何人。"
REGISTER_SAYS = "验证码 {code}，5 分钟内有效，用于注册{name}。不是本人操作的，请不要告诉任何人。"
SAYS = {Purpose.SIGN_IN: SIGN_IN_SAYS, Purpose.RECOVER: RECOVER_SAYS, Purpose.REGISTER: REGISTER_SAYS}

NOBODY = UUID(int=0)  # looked for as well, so that nobody's code takes as much work
CODES_DUE = "SELECT 1 FROM identity_sms_code WHERE try_at <= %(at)s"
CLAIM = """
UPDATE identity_sms_code SET try_at = %(again)s WHERE browser IN (
    SELECT browser FROM identity_sms_code WHERE try_at <= %(at)s ORDER BY try_at LIMIT 20 FOR UPDATE SKIP LOCKED)
RETURNING *"""
TRIED = """
UPDATE identity_sms_code SET tries = tries + 1
WHERE browser = %s AND purpose = %s AND used_at IS NULL AND ends_at > %s AND tries < %s
RETURNING code, person_id"""


def ask_code(phone: str, *, address: str, at: datetime) -> str:
    """Send a code to sign in with to whoever has this phone. The cookie of the browser it is good in.

    BadInput, TooManyTries, NoTextMessages.
    """
    number = logins.phone(phone)
    return _asked(Purpose.SIGN_IN, number, [sealing.phone_index(number)], number, address, at)


def ask_recovery(id_number: str, phone: str, *, address: str, at: datetime) -> str:
    """Send a code for a new password, when this number and this phone are one account's. The same otherwise."""
    person, number = logins.id_number(id_number), logins.phone(phone)
    wanted = [sealing.id_index(logins.RESIDENT_ID, person), sealing.phone_index(number)]
    return _asked(Purpose.RECOVER, number, wanted, f"{person} {number}", address, at)


def ask_phone(phone: str, *, address: str, at: datetime) -> str:
    """Send a code to a phone with which somebody wants to register, whoever has it. As `ask_code`."""
    number = logins.phone(phone)
    if not here().sms_gateway:
        raise NoTextMessages()
    count(limits.CODE, number, address, at, "phone")
    return _draw(Purpose.REGISTER, number, None, at, is_sent=True, bound=number)


def show_phone(browser: str, phone: str, code: str, *, at: datetime) -> None:
    """Whoever types the code has this phone, once. WrongCode, CodeOver."""
    kept, _ = _tried(browser, Purpose.REGISTER, at)
    if not hmac.compare_digest(kept, _keyed(browser, logins.folded(code), logins.phone(phone))):
        raise WrongCode(field="code")
    if not SmsCode.objects.filter(browser=digest(browser), used_at=None).update(used_at=at):
        raise CodeOver(field="code")


def sign_in_by_code(browser: str, code: str, *, address: str, at: datetime, previous: str = "") -> str:
    """The cookie of a new session. WrongCode, CodeOver."""
    person = _shown(browser, Purpose.SIGN_IN, code, at)
    _use(browser, _numbers(person)[1], address, at)
    return _begin(person, at, previous)


def recover(browser: str, code: str, password: str, *, address: str, at: datetime) -> str:
    """A new password, and the cookie of a session; every other session and every token ends.

    WrongCode, CodeOver; WeakPassword, and the code may be sent again with another password.
    """
    person = _shown(browser, Purpose.RECOVER, code, at)
    number, phone = _numbers(person)
    if (why := passwords.weakness(password, person.name, number, phone)) is not None:
        raise WeakPassword(field="new_password", why=why)
    _use(browser, f"{number} {phone}", address, at)
    _renew(person, password, at)
    return _begin(person, at, "")


@transaction.atomic
def _renew(person: Person, password: str, at: datetime) -> None:
    said: dict[str, Any] = {"password_hash": passwords.hashed(password), "changed_at": at, "recovered_at": at}
    Account.objects.filter(person=person).update(**said)
    for row in Session.objects.select_related("person", "staff").filter(person=person, ended_at=None):
        end(row, at=at)
    actor = person_actor(person)
    revoke_all(person=person.id, at=at, actor=actor)
    ledger.write(f"person/{person.id}", verb="password.recovered", actor=actor, at=at, facts={"by": "sms"})


def _begin(person: Person, at: datetime, previous: str) -> str:
    level = by_text_message(level_of(person.id, at))
    return begin_session(person, issuer=here().code, level=level, at=at, previous=previous)


def carry_codes_once(at: datetime, gateway: Gateway) -> bool:
    """Hand the codes that wait to whoever carries text messages. False when none is due."""
    claimed = list(SmsCode.objects.raw(CLAIM, {"again": at + CLAIMED, "at": at}))
    for row in claimed:
        _carry(row, at, gateway)
    return bool(claimed)


def _carry(row: SmsCode, at: datetime, gateway: Gateway) -> None:
    waiting = SmsCode.objects.filter(browser=row.browser)
    if row.ends_at <= at or row.sealed is None:
        waiting.update(try_at=None, sealed=None)
        return
    told = json.loads(keys.unseal_personal(bytes(row.sealed), _context(bytes(row.browser))))
    try:
        gateway.send(told["phone"], SAYS[Purpose(row.purpose)].format(code=told["code"], name=here().name))
    except NotSent:
        waiting.update(try_at=at + PAUSE)
        return
    waiting.update(try_at=None, sealed=None)


def _asked(purpose: Purpose, phone: str, wanted: list[bytes], login: str, address: str, at: datetime) -> str:
    """The same work whoever it is: three counts, one look, one row."""
    if not here().sms_gateway:
        raise NoTextMessages()
    count(limits.CODE, login, address, at, "phone")
    owners = list(Login.objects.filter(index__in=wanted).values_list("account_id", flat=True))
    is_theirs = len(owners) == len(wanted) and len(set(owners)) == 1
    return _draw(purpose, phone, owners[0] if is_theirs else None, at, is_sent=is_theirs)


def _draw(purpose: Purpose, phone: str, person: UUID | None, at: datetime, *, is_sent: bool, bound: str = "") -> str:
    """A code in a row of its own; `bound` is what must be said with it."""
    browser, code = fresh(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    told = json.dumps({"phone": phone, "code": code}).encode()
    SmsCode.objects.create(
        browser=digest(browser),
        purpose=purpose,
        person_id=person,
        code=_keyed(browser, code, bound),
        sealed=keys.seal_personal(told, _context(digest(browser))),
        created_at=at,
        ends_at=at + LIFE,
        try_at=at if is_sent else None,
    )
    return browser


def _shown(browser: str, purpose: Purpose, code: str, at: datetime) -> Person:
    """Whose code this is. The try is counted, and stays counted, before it is judged."""
    kept, owner = _tried(browser, purpose, at)
    is_right = hmac.compare_digest(kept, _keyed(browser, logins.folded(code)))
    person = Person.objects.filter(id=owner or NOBODY).first()
    if not is_right or person is None:
        raise WrongCode(field="code")
    return person


def _tried(browser: str, purpose: Purpose, at: datetime) -> tuple[bytes, UUID | None]:
    """The keyed code and its owner, one try counted. CodeOver."""
    with connection.cursor() as cursor:
        cursor.execute(TRIED, [digest(browser), purpose, at, TRIES])
        found = cursor.fetchone()
    if found is None:
        raise CodeOver(field="code")
    return bytes(found[0]), found[1]


def _use(browser: str, login: str, address: str, at: datetime) -> None:
    """The code is not good for a second time, and whoever asks from here again is known. CodeOver when it was used."""
    if not SmsCode.objects.filter(browser=digest(browser), used_at=None).update(used_at=at):
        raise CodeOver(field="code")
    forgive(limits.CODE, login, address, at)


def _numbers(person: Person) -> tuple[str, str]:
    return (
        sealing.opened(person.id, "id_number", person.id_sealed),
        sealing.opened(person.id, "phone", person.phone_sealed),
    )


def _keyed(browser: str, code: str, bound: str = "") -> bytes:
    """Six digits are soon tried; without the node's key and the cookie they cannot be."""
    return keys.blind("sms", f"{browser} {code} {bound}".rstrip())


def _context(browser: bytes) -> bytes:
    return b"sms:" + browser
