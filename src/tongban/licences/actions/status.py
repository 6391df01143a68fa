# SPDX-License-Identifier: Apache-2.0
"""Publishing how this node's licences stand, for whoever checks a file without asking any node."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count, islice

from django.db import transaction

from tongban.exchange import keys
from tongban.licences import status_list
from tongban.licences.models import StatusList
from tongban.licences.queries import files_that_do_not_count
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.signer import signed
from tongban.vault.keys import blind

ONE = 1  # the row


@transaction.atomic
def publish_status(at: datetime) -> None:
    """Make the list anew and put it in the place of the one before."""
    real = [status_list.entry(digest, standing) for digest, standing in files_that_do_not_count(local_date(at))]
    size = status_list.room(len(real))
    document = status_list.compose(here().code, [*real, *islice(_nobody(), size - len(real))], at)
    made = signed(keys.signer(), document)
    row = {
        "issued_at": at,
        "document": made.data,
        "signature": made.signature,
        "key_id": made.key_id,
        "suite": made.suite,
    }
    StatusList.objects.update_or_create(id=ONE, defaults=row)


def publish_status_once(at: datetime) -> bool:
    """Say the same anew before anybody has to call it old. Never in a hurry: changes publish at once."""
    if not StatusList.objects.filter(issued_at__gt=at - status_list.RENEW).exists():
        publish_status(at)
    return False


def _nobody() -> Iterator[bytes]:
    """Entries that stand for no file, the same each time: two lists do not tell them from others."""
    for number in count():
        yield blind("licence-status", str(number))[1 : 1 + status_list.SIZE]
