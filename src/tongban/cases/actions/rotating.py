# SPDX-License-Identifier: Apache-2.0
"""What is made out of blind indexes follows them to a newer key."""

FOLLOWING = (  # of (old, new) pairs; before the cases themselves are moved
    "UPDATE cases_latest SET key = encode(m.new, 'hex') || ':' || c.task_code "
    "FROM unnest(%s::bytea[], %s::bytea[]) AS m (old, new) JOIN cases_case c ON c.applicant_index = m.old "
    "WHERE cases_latest.key = encode(m.old, 'hex') || ':' || c.task_code",
)
