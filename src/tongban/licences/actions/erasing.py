# SPDX-License-Identifier: Apache-2.0
"""When the key of a case is destroyed, the names on its papers go too."""

from uuid import UUID

from tongban.licences.models import Licence


def erase_holders(case_id: UUID, word: str) -> None:
    """Put a word in the place of the names, and find the papers by nobody's number any more. The numbers stay."""
    Licence.objects.filter(case_id=case_id).update(holder_name=word, holder_index=None)
