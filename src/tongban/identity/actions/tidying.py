# SPDX-License-Identifier: Apache-2.0
"""What has served its time is removed."""

from datetime import datetime, timedelta

from tongban.identity.models import (
    Attempt,
    AuthorizationCode,
    Challenge,
    Look,
    PushedRequest,
    Seen,
    Session,
    SignOut,
    SmsCode,
    Step,
    Tries,
)
from tongban.identity.queries.looks import KEPT
from tongban.standards.clock import local_date

SOON = timedelta(days=1)
LATE = timedelta(days=90)  # sessions stay for questions afterwards; so does what a known address is


def forget_old(at: datetime) -> int:
    """Remove old attempts, requests, codes, counts, sessions and looks. How many rows went."""
    old = (
        Attempt.objects.filter(ends_at__lt=at - SOON),
        AuthorizationCode.objects.filter(ends_at__lt=at - SOON),
        PushedRequest.objects.filter(ends_at__lt=at - SOON),
        Seen.objects.filter(ends_at__lt=at - SOON),
        SignOut.objects.filter(ends_at__lt=at - SOON),
        SmsCode.objects.filter(ends_at__lt=at - SOON),
        Step.objects.filter(ends_at__lt=at - SOON),
        Tries.objects.filter(since__lt=at - SOON, known_at=None),
        Tries.objects.filter(since__lt=at - LATE),
        Session.objects.filter(ends_at__lt=at - LATE),
        Challenge.objects.filter(ends_at__lt=at - SOON),
        Look.objects.filter(day__lt=local_date(at - KEPT)),
    )
    return sum(rows.delete()[0] for rows in old)
