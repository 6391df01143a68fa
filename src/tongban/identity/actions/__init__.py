# SPDX-License-Identifier: Apache-2.0
"""Every change of identity, one file per matter."""

from tongban.identity.actions.people import add_person, add_staff, person_from_claims
from tongban.identity.actions.provider import agree, give_code, redeem
from tongban.identity.actions.sessions import sign_in, sign_in_staff, sign_out
from tongban.identity.actions.tidying import forget_old
from tongban.identity.actions.tokens import issue_token, revoke_token
from tongban.identity.actions.verification import ask_verification, verify_by_hand, verify_once
from tongban.identity.actions.visitors import (
    begin_sign_in,
    come_back,
    enter,
    finish_sign_ins,
    try_again,
)

__all__ = [
    "add_person",
    "add_staff",
    "agree",
    "ask_verification",
    "begin_sign_in",
    "come_back",
    "enter",
    "finish_sign_ins",
    "forget_old",
    "give_code",
    "issue_token",
    "person_from_claims",
    "redeem",
    "revoke_token",
    "sign_in",
    "sign_in_staff",
    "sign_out",
    "try_again",
    "verify_by_hand",
    "verify_once",
]
