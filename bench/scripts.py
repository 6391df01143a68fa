# SPDX-License-Identifier: Apache-2.0
"""What pgbench is given: six statements that write what the product writes for one submission and for one move."""

from psycopg import Connection

from bench.copies import ID, renamed
from bench.pgbench import Rows, grouped

COUNT = "\\set n :n + 1\n\\set u :first + :n * 8 + :client_id\n"
NEW = ID.format(number=":u::bigint")
NOT_MADE = {"state": "'pending'", "file_digest": "''", "file_size": "0", "certificate_id": "''", "sealed_at": "NULL"}
OPEN_AGAIN = {"batch_id": "NULL", "proof": "NULL", "answer": "NULL", "answered_at": "NULL"}


def submission(connection: Connection, case: str) -> str:
    """The rows of one real submission at the place that took it in, under a new id each time."""

    def again(table: str, where: str, **more: str) -> str:
        key = f"case:{case}" if "subject" in where else case
        return Rows(connection, table).insert(where, [key], renamed(table, NEW, ":u::bigint") | more)

    lines = "subject = %s AND number <= 2"  # what came later was written by other acts
    pending = f"INSERT INTO ledger_pending (subject, number) VALUES ('case:' || {NEW}, 1), ('case:' || {NEW}, 2)"
    return "\n".join(
        [
            COUNT + "BEGIN;",
            grouped(
                again("cases_submission", "case_id = %s", key="'k' || :u::bigint"),
                again("cases_number", "case_id = %s AND length(number) < 25", number="'R' || :u::bigint"),
                again("vault_subject_key", "subject = %s"),
                again("cases_case", "id = %s"),
            ),
            grouped(again("cases_party", "case_id = %s"), again("cases_material", "case_id = %s")),
            grouped(
                again("ledger_line", lines),
                pending,
                again("ledger_chain", "subject = %s"),
                again("cases_event", "case_id = %s AND number <= 2"),
            ),
            grouped(
                again("exchange_sent", "subject = %s"),
                again("exchange_offered", "subject = %s"),
                again("exchange_outbox", "subject = %s AND sequence = 1", message_id=NEW, **OPEN_AGAIN),
            ),
            "END;",
        ]
    )


def move(connection: Connection, model: str, pool: int) -> str:
    """What accepting a case writes, by the rows of a real one, on one case after the other of a pool."""
    found = ID.format(number=":k::bigint")
    subject = f"'case:' || {found}"

    def again(table: str, where: str, tail: str = "", **more: str) -> str:
        key = f"case:{model}" if "subject" in where else model
        return Rows(connection, table).insert(where, [key, key], renamed(table, found, ":u::bigint") | more, tail)

    last = "{0} = %s AND number = (SELECT max(number) FROM {1} WHERE {0} = %s)"
    return "\n".join(
        [
            COUNT + f"\\set k :u % {pool} + 1",
            "BEGIN;",
            "SELECT c.chain_length AS l, g.length AS g FROM cases_case c "
            f"JOIN ledger_chain g ON g.subject = {subject} WHERE c.id = {found} FOR UPDATE OF c \\gset",
            grouped(
                "UPDATE cases_clock SET words = words, ended_at = to_timestamp(0), acted_at = NULL "
                f"WHERE case_id = {found} AND kind = 'acceptance'",
                again("cases_clock", "case_id = %s AND case_id = %s AND kind = 'promised'", kind="'d' || :u::bigint"),
                f"INSERT INTO cases_number (number, case_id) VALUES ('P' || :u::bigint, {found})",
                # The notice that the step gives, as it is before a worker has made its file.
                again(
                    "licences_licence",
                    "case_id = %s AND case_id = %s AND is_notice",
                    id=NEW,
                    number="'N' || :u::bigint",
                    **NOT_MADE,
                ),
                f"INSERT INTO licences_number (number, licence_id) VALUES ('N' || :u::bigint, {NEW})",
                f"INSERT INTO cases_untold (case_id, number, at) VALUES ({found}, :l::int + 1, to_timestamp(0))",
                # The due date moves, as it does in the product, so that the queue's indexes have the same work.
                "UPDATE cases_case SET revision = revision + 1, state = 'accepted', ended = false, "
                "chain_length = chain_length + 1, chain_digest = chain_digest, holder = holder, "
                "offered_to = offered_to, holder_organization = holder_organization, progress = progress, "
                "changed_at = to_timestamp(0), "
                f"due_on = due_on + 1, project_no = 'P' || :u::bigint WHERE id = {found}",
            ),
            grouped(
                again("ledger_line", last.format("subject", "ledger_line"), number=":g::bigint + 1"),
                f"INSERT INTO ledger_pending (subject, number) VALUES ({subject}, :g::bigint + 1)",
                f"UPDATE ledger_chain SET length = :g::bigint + 1, head = head WHERE subject = {subject}",
                again("cases_event", last.format("case_id", "cases_event"), number=":l::int + 1"),
            ),
            grouped(
                f"UPDATE exchange_sent SET last = last + 1 WHERE subject = {subject}",
                again(
                    "exchange_outbox",
                    "subject = %s AND subject = %s AND sequence = 2",
                    message_id=NEW,
                    **OPEN_AGAIN,
                ),
            ),
            "END;",
        ]
    )
