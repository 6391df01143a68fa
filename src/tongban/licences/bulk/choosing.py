# SPDX-License-Identifier: Apache-2.0
"""Which licences of an organization one order can be about."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from tongban.licences.errors import SealNotInUse
from tongban.licences.models import Licence, State
from tongban.licences.standings import Standing

SEAL, RENEW = "seal", "renew"
KINDS = {SEAL: "生成文件并盖章", RENEW: "延续有效期，重新盖章"}
MOST = 100_000  # licences of one order
WITHOUT_FILE = Q(state__in=(State.TAKEN_OVER, State.FAILED)) | Q(state=State.PENDING, failure=SealNotInUse.code)


@dataclass(frozen=True)
class Choice:
    """What somebody has chosen."""

    kind: str  # of KINDS
    definition: str = ""  # code of a type; empty: of every type
    ending_by: date | None = None  # of a renewal: those that end on this day or before

    def rows(self, organization: str, today: date) -> "QuerySet[Licence]":
        """The licences of an organization that this is about now, oldest first."""
        mine = Licence.objects.filter(issuer_organization=organization, is_notice=False, replaced_by=None)
        if self.definition:
            mine = mine.filter(definition=self.definition)
        if self.kind == SEAL:
            return mine.filter(WITHOUT_FILE).order_by("issued_at", "id")
        ending = {"valid_until__gte": today, "valid_until__lte": self.ending_by}
        made = mine.filter(state__in=(State.READY, State.TAKEN_OVER), standing=Standing.VALID)
        return made.filter(**ending).order_by("valid_until", "id")
