# SPDX-License-Identifier: Apache-2.0
"""What must be so at two nodes of a running demo once nothing is on its way."""

from tests.journeys.running import SETTLE_WITHIN, Demo, wait_until

OPEN = {
    "不能落实的报文": "SELECT count(*) FROM exchange_inbox WHERE state <> 'applied'",
    "未送达的报文": "SELECT count(*) FROM exchange_outbox WHERE answered_at IS NULL",
    "被拒收的报文": "SELECT count(*) FROM exchange_outbox WHERE answer NOT IN ('stored', 'duplicate')",
    "未取回的文件": "SELECT count(*) FROM exchange_wanted WHERE fetched_at IS NULL",
    "没有制作完的证照": "SELECT count(*) FROM licences_licence WHERE state = 'pending'",
    "未归位的归还报文": "SELECT count(*) FROM exchange_returned WHERE state <> 'followed'",
    "有争议的办件": "SELECT count(*) FROM cases_case WHERE disputed",
}
TWICE = (  # papers that no case has yielded were taken over, or begin with the demo
    "SELECT count(*) FROM (SELECT 1 FROM licences_licence WHERE NOT is_notice AND case_id IS NOT NULL "
    "GROUP BY case_id HAVING count(*) > 1) x"
)
LINES = (
    "SELECT e.case_id::text, e.number, e.digest FROM cases_event e JOIN cases_party p ON p.case_id = e.case_id "
    "AND p.node = %s ORDER BY 1, 2"
)


def require(demo: Demo, nodes: tuple[str, str]) -> None:
    """Nothing lost, nothing doubled: all is at rest, both have the same lines, one paper for a case."""
    wait_until(lambda: not at_work(demo, nodes), lambda: at_work(demo, nodes), SETTLE_WITHIN)
    here, there = nodes
    assert demo.rows(here, LINES, there) == demo.rows(there, LINES, here)
    assert [demo.rows(node, TWICE) for node in nodes] == [[(0,)]] * 2


def at_work(demo: Demo, nodes: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """What is still open at each node."""
    counted = {node: {name: int(demo.rows(node, sql)[0][0]) for name, sql in OPEN.items()} for node in nodes}
    found = {node: {name: count for name, count in told.items() if count} for node, told in counted.items()}
    return {node: told for node, told in found.items() if told}


def require_ledgers(demo: Demo, nodes: tuple[str, ...]) -> None:
    """Every diary is whole, and agrees with what the neighbours witnessed."""
    for node in nodes:
        done = demo.tongban_at(node, "ledger", "verify", "--witnesses")
        assert done.returncode == 0, done.stdout + done.stderr
