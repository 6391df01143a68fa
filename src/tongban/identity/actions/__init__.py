# SPDX-License-Identifier: Apache-2.0
"""Every change of identity, one file per matter."""

from tongban.identity.actions.closing import close_account
from tongban.identity.actions.ending import hear, tell_sign_outs
from tongban.identity.actions.mandates import accept, act_for, confirm, end_mandate, let_act
from tongban.identity.actions.people import add_person, add_staff, meet, person_from_claims
from tongban.identity.actions.provider import (
    agree,
    agree_everywhere,
    answered,
    give_code,
    note_agreed,
    open_request,
    push,
    redeem,
    withdraw_consent,
)
from tongban.identity.actions.registering import ask_again, ask_company, ask_ward, check_registration, register
from tongban.identity.actions.sessions import end_session, sign_in, sign_in_staff, sign_out
from tongban.identity.actions.tidying import forget_old
from tongban.identity.actions.tokens import issue_token, revoke_token
from tongban.identity.actions.verification import ask_verification, verify_by_hand, verify_once
from tongban.identity.actions.visitors import (
    begin_sign_in,
    come_back,
    enter,
    finish_sign_ins,
    go_again,
    go_home,
    try_again,
)
from tongban.identity.models import EVERYWHERE

__all__ = [
    "EVERYWHERE",
    "accept",
    "act_for",
    "add_person",
    "add_staff",
    "agree",
    "agree_everywhere",
    "answered",
    "ask_again",
    "ask_company",
    "ask_verification",
    "ask_ward",
    "begin_sign_in",
    "check_registration",
    "close_account",
    "come_back",
    "confirm",
    "end_mandate",
    "end_session",
    "enter",
    "finish_sign_ins",
    "forget_old",
    "give_code",
    "go_again",
    "go_home",
    "hear",
    "issue_token",
    "let_act",
    "meet",
    "note_agreed",
    "open_request",
    "person_from_claims",
    "push",
    "redeem",
    "register",
    "revoke_token",
    "sign_in",
    "sign_in_staff",
    "sign_out",
    "tell_sign_outs",
    "try_again",
    "verify_by_hand",
    "verify_once",
    "withdraw_consent",
]
