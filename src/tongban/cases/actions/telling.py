# SPDX-License-Identifier: Apache-2.0
"""Taking away the lines of which people have been told."""

from uuid import UUID

from django.db import connection

TAKE = (
    "DELETE FROM cases_untold u USING (SELECT case_id, number FROM cases_untold ORDER BY at, case_id, number LIMIT %s "
    "FOR UPDATE SKIP LOCKED) AS first WHERE (u.case_id, u.number) = (first.case_id, first.number) "
    "RETURNING u.case_id, u.number"
)


def take_untold(limit: int) -> list[tuple[UUID, int]]:
    """The lines that have waited longest. They are gone when the caller's transaction ends well."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [limit])
        return sorted(cursor.fetchall())
