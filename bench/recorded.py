# SPDX-License-Identifier: Apache-2.0
"""Peers are not measured again here: their recorded ratios to pgbench are carried over by the same small script.

Recorded 2026-11-22 on 2 processors, PostgreSQL 15, 8 clients, 100,000 cases: Open Zaak 1.30.0 (commit 90dd5eb)
alternating with pgbench and six statements over the small schema below; medians of three. Measuring that script now
says how fast this machine is today, and so what the peer would make of it, if the ratio held.
"""

from dataclasses import dataclass

SCHEMA = """
DROP TABLE IF EXISTS small_outbox, small_event, small_material, small_case;
CREATE TABLE small_case (id uuid PRIMARY KEY, number text UNIQUE, office text, state text, due_at timestamptz,
    revision int, form jsonb);
CREATE INDEX ON small_case (office, state, due_at, id);
CREATE TABLE small_material (id uuid PRIMARY KEY, case_id uuid REFERENCES small_case DEFERRABLE INITIALLY DEFERRED,
    name text, sha256 text, size bigint);
CREATE TABLE small_event (id uuid PRIMARY KEY, case_id uuid REFERENCES small_case DEFERRABLE INITIALLY DEFERRED,
    seq int, kind text, at timestamptz, UNIQUE (case_id, seq));
CREATE TABLE small_outbox (id bigserial PRIMARY KEY, case_id uuid, kind text, body jsonb, sent_at timestamptz);
CREATE INDEX ON small_outbox (id) WHERE sent_at IS NULL;
CREATE INDEX ON small_material (case_id);
INSERT INTO small_case SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'N' || n, 'office',
    'submitted', to_timestamp(n), 0, '{}' FROM generate_series(1, 20000) n;
VACUUM ANALYZE small_case;
"""
FORM = '{"filler": "' + "x" * 380 + '"}'
_ID = "('00000000-0000-7000-8000-' || lpad(to_hex(:u::bigint), 12, '0'))::uuid"
_OLD = "('00000000-0000-7000-9000-' || lpad(to_hex(:u::bigint % 20000 + 1), 12, '0'))::uuid"
_COUNT = "\\set n :n + 1\n\\set u :first + :n * 8 + :client_id\n"
_MATERIAL = f"(gen_random_uuid(), {_ID}, 'material.pdf', repeat('a', 64), 1000)"

CREATE = f"""{_COUNT}BEGIN;
INSERT INTO small_case VALUES ({_ID}, 'C' || :u::bigint, 'office', 'submitted', to_timestamp(:u::bigint), 0,
    '{FORM}'::jsonb);
INSERT INTO small_material VALUES {_MATERIAL}, {_MATERIAL}, {_MATERIAL};
INSERT INTO small_event VALUES (gen_random_uuid(), {_ID}, 1, 'submitted', to_timestamp(0));
INSERT INTO small_outbox (case_id, kind, body) VALUES ({_ID}, 'submitted', '{{}}');
END;
"""
MOVE = f"""{_COUNT}BEGIN;
SELECT revision AS r FROM small_case WHERE id = {_OLD} FOR UPDATE \\gset
UPDATE small_case SET state = 'accepted', revision = revision + 1, due_at = to_timestamp(:u::bigint) WHERE id = {_OLD};
INSERT INTO small_event VALUES (gen_random_uuid(), {_OLD}, :r::int + 1, 'accepted', to_timestamp(0));
INSERT INTO small_outbox (case_id, kind, body) VALUES ({_OLD}, 'accepted', '{{}}');
END;
"""


@dataclass(frozen=True)
class Peer:
    """One recorded ratio: how many times the peer's rate pgbench made in the same run."""

    what: str
    times: float
    told: str


CREATE_ALONE = Peer("建一件(Open Zaak，POST /zaken，无材料)", 3754 / 38.9, "pgbench 3,754/s，对方 38.9/s(19.6–47.9)")
APPLICATION = Peer("一份申请(Open Zaak，8 次调用)", 3754 / 3.7, "pgbench 3,754/s，对方 3.7/s(3.6–4.0)")
MOVE_ALONE = Peer("一步办理(Open Zaak，POST /statussen)", 4472 / 18.0, "pgbench 4,472/s，对方 18.0/s(16.5–20.5)")
NOTE = "对方为记录值，未重测：2026-11-22，{told}；今天的速度由同一小脚本换算"
