# SPDX-License-Identifier: Apache-2.0
"""A file of items is judged, confirmed by a second person, and published as a whole or not at all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import LANZHOU_POLICE
from tongban.catalogue import actions as catalogue
from tongban.catalogue import content as contents
from tongban.catalogue import queries as catalogues
from tongban.catalogue.content import ItemContent
from tongban.catalogue.errors import ImportNotOpen, ImportTooLarge, OwnConfirmation, ReasonMissing
from tongban.catalogue.models import Claim, ImportFile, ImportRow, ItemImport, ItemVersion, SearchPending
from tongban.catalogue.tables import actions, queries, writing
from tongban.catalogue.tables.columns import Table
from tongban.catalogue.tables.judging import Judge
from tongban.catalogue.tables.reading import Bounds, read
from tongban.catalogue.tables.tests.things import as_file, tables_of
from tongban.catalogue.tests.items import content, promised
from tongban.catalogue.tests.layers import BASIC, FOUR, KEEPER, NODE, NOON, SECOND, STRANGER, laid
from tongban.exchange.models import Outbox
from tongban.ledger.models import Line
from tongban.standards.canonical import parse
from tongban.standards.enums import Source
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

TASK = f"{LANZHOU_POLICE.code}3{BASIC}"
WHO = {"code": LANZHOU_POLICE.code, "name": LANZHOU_POLICE.name, "region": LANZHOU_POLICE.region}
LATER = NOON + timedelta(hours=1)


def item(**changed: Any) -> ItemContent:
    """The item of the police of Lanzhou."""
    told = content(basic_code=BASIC, task_code=TASK, publisher=WHO, **FOUR)
    return contents.convert(told | changed)


def file(**changed: Any) -> bytes:
    """A file with it."""
    return as_file(tables_of(item(**changed)))


def judged(data: bytes, name: str = "items.zip", **how: Any) -> ItemImport:
    """The file, handed over and judged."""
    told = actions.begin(data, name, actor=KEEPER, at=NOON, **how)
    return actions.work(told.id, NOON)


def confirmed(data: bytes, **how: Any) -> ItemImport:
    """The same, submitted by the keeper and confirmed by the second, and published."""
    told = judged(data, **how)
    assert told.stage == "ready", told.report
    actions.submit(told.id, actor=KEEPER, at=NOON)
    actions.confirm(told.id, actor=SECOND, at=NOON)
    return actions.work(told.id, NOON)


def finished(told: ItemImport) -> ItemImport:
    """The same, when the other nodes have been told."""
    while ItemImport.objects.get(id=told.id).stage == "telling":
        actions.work(told.id, NOON)
    return ItemImport.objects.get(id=told.id)


def codes_of(told: ItemImport) -> set[str]:
    """The codes of what stands against it."""
    return {cells[4] for cells in told.report if cells[0] == "错误"}


def with_cell(column: str, text: str, table: Table = Table.BASIC, **changed: Any) -> bytes:
    """The file with another text in one cell of the first row."""
    tables = tables_of(item(**changed))
    tables[table][1][tables[table][0].index(column)] = text
    return as_file(tables)


def test_a_file_is_published_by_two_people_with_its_claim_and_everything_in_the_ledger(node: Node) -> None:
    laid()
    told = finished(confirmed(file()))

    version = catalogues.item(TASK)
    assert (told.stage, told.new, told.changed, told.same, told.claims) == ("published", 1, 0, 0, 1)
    assert (version.version, version.digest, version.origin) == (1, version.digest, "own")
    assert bytes(version.document) == contents.document(item())
    assert Claim.objects.get(organization=LANZHOU_POLICE.code).task_code == TASK
    verbs = list(Line.objects.filter(subject=f"import/{told.id}").order_by("number").values_list("verb", flat=True))
    assert verbs == ["import.begun", "import.submitted", "import.confirmed", "import.published"]
    published = Line.objects.get(subject=f"item/{TASK}", verb="item.published")
    assert published.actor == SECOND.pseudonym
    assert Line.objects.filter(subject=f"claim/{LANZHOU_POLICE.code}/{BASIC}").count() == 1
    assert SearchPending.objects.filter(task_code=TASK).exists()
    assert Outbox.objects.filter(kind="item.published", subject=f"item/{TASK}").count() == 4
    assert not ImportFile.objects.exists()
    assert not ImportRow.objects.exists()


def test_the_same_file_twice_changes_nothing(node: Node) -> None:
    laid()
    finished(confirmed(file()))
    lines = Line.objects.filter(subject=f"item/{TASK}").count()
    again = judged(file())

    assert (again.stage, again.new, again.changed, again.same, again.errors) == ("unchanged", 0, 0, 1, 0)
    assert ItemVersion.objects.filter(task_code=TASK).count() == 1
    assert Line.objects.filter(subject=f"item/{TASK}").count() == lines


def test_the_same_file_while_it_is_under_way_is_the_same_import(node: Node) -> None:
    laid()
    once = file()  # an archive bears the time at which it was made
    assert judged(once).id == judged(once).id


def test_what_was_exported_and_not_touched_changes_nothing_in_any_form(node: Node) -> None:
    laid()
    finished(confirmed(file()))
    for form in writing.Form:
        data = b"".join(writing.export(queries.going_out(KEEPER, own=True), form))
        told = judged(data, f"items.{writing.ENDINGS[form]}")
        assert (told.stage, told.new, told.changed, told.errors) == ("unchanged", 0, 0, 0)


def test_a_changed_file_becomes_the_next_version_and_ends_the_one_before(node: Node) -> None:
    laid()
    finished(confirmed(file()))
    told = confirmed(file(summary="改过的内容。"))

    assert (told.new, told.changed, told.claims) == (0, 1, 0)
    assert [row.status for row in catalogues.versions(TASK)] == ["published", "superseded"]
    assert catalogues.item(TASK).item.summary == "改过的内容。"


def test_telling_of_many_items_takes_as_many_statements_as_of_one(node: Node) -> None:
    def statements(told: ItemImport) -> int:
        with CaptureQueriesContext(connection) as counted:
            actions.work(told.id, NOON)
        return len(counted)

    laid()
    one = statements(confirmed(file()))
    told = confirmed(file(summary="改过的内容。"))
    row = ImportRow.objects.get(import_id=told.id)
    for number in range(10, 48):
        row.pk, row.number, row.task_code = (told.id, number), number, f"{TASK[:-3]}{number:03}"
        row.save(force_insert=True)

    assert statements(told) == one
    assert Outbox.objects.filter(subject__startswith=f"item/{TASK[:-3]}").count() == 4 + 4 * 39


def test_a_file_for_a_later_day_waits_for_it(node: Node) -> None:
    laid()
    finished(confirmed(file()))
    day = NOON.date() + timedelta(days=10)
    finished(confirmed(file(summary="以后的内容。"), effective_from=day))

    assert [row.status for row in catalogues.versions(TASK)] == ["scheduled", "published"]
    with pytest.raises(BadInput):
        actions.begin(b"x", "x.csv", actor=KEEPER, at=NOON, effective_from=NOON.date() - timedelta(days=1))


def test_columns_that_are_not_there_leave_what_was_said(node: Node) -> None:
    laid()
    finished(confirmed(file()))
    rows = [["task_code", "limit_explain", "link_way"], [TASK, "每年100件", "0931-0000009"]]
    told = confirmed(writing.table(rows), name="basic.csv")

    found = catalogues.item(TASK).item
    assert told.changed == 1
    assert (found.phone, found.summary, len(found.materials)) == ("0931-0000009", item().summary, 3)


def test_nobody_confirms_what_they_have_handed_over(node: Node) -> None:
    laid()
    told = judged(file())
    with pytest.raises(ImportNotOpen):
        actions.confirm(told.id, actor=SECOND, at=NOON)
    actions.submit(told.id, actor=KEEPER, at=NOON)
    with pytest.raises(OwnConfirmation):
        actions.confirm(told.id, actor=KEEPER, at=NOON)
    with pytest.raises(OwnConfirmation):
        actions.send_back(told.id, note="不好", actor=KEEPER, at=NOON)
    with pytest.raises(ReasonMissing):
        actions.send_back(told.id, note=" ", actor=SECOND, at=NOON)
    assert actions.send_back(told.id, note="先核对", actor=SECOND, at=NOON).stage == "ready"


def test_another_organization_sees_nothing_and_does_nothing(node: Node) -> None:
    laid()
    told = judged(file())
    assert queries.imports(STRANGER) == []
    with pytest.raises(NotFound):
        queries.item_import(told.id, STRANGER)
    for act in (actions.submit, actions.confirm, actions.drop, actions.judge_again):
        with pytest.raises(NotFound):
            act(told.id, actor=STRANGER, at=NOON)
    citizen = replace(KEEPER, role=type(KEEPER.role).APPLICANT)
    with pytest.raises(NotAllowed):
        actions.begin(file(), "x.zip", actor=citizen, at=NOON)
    with pytest.raises(NotAllowed):
        queries.imports(citizen)


def test_another_organizations_item_is_refused_and_nothing_is_written(node: Node) -> None:
    laid()
    told = actions.begin(file(), "x.zip", actor=STRANGER, at=NOON)
    told = actions.work(told.id, NOON)
    assert (told.stage, codes_of(told)) == ("faulty", {"not_your_item"})
    assert not ImportRow.objects.exists()


def test_when_the_item_was_published_otherwise_meanwhile_it_is_judged_anew(node: Node) -> None:
    laid()
    told = judged(file())
    actions.submit(told.id, actor=KEEPER, at=NOON)
    actions.confirm(told.id, actor=SECOND, at=NOON)
    catalogue.publish(parse(contents.document(item(summary="先到的。"))), actor=NODE, at=NOON)
    told = actions.work(told.id, NOON)

    assert (told.stage, bool(told.note)) == ("waiting", True)
    assert catalogues.item(TASK).version == 1
    again = actions.work(told.id, NOON)
    assert (again.stage, again.new, again.changed) == ("ready", 0, 1)  # to be looked at once more


def test_when_the_catalogue_has_changed_meanwhile_it_is_judged_anew(node: Node) -> None:
    laid()
    told = judged(file())
    actions.submit(told.id, actor=KEEPER, at=NOON)
    actions.confirm(told.id, actor=SECOND, at=LATER)
    catalogue.publish_basic(_layer(summary="统一的内容。"), actor=NODE, at=LATER)

    assert actions.work(told.id, LATER).stage == "waiting"
    again = actions.work(told.id, LATER)
    assert codes_of(again) == {"format"}
    assert [cells[3] for cells in again.report if cells[0] == "错误"] == ["tongban_summary"]


def _layer(**fixed: Any) -> dict[str, Any]:
    laid_down = catalogues.layer(BASIC, "620000")
    assert laid_down is not None
    plain: dict[str, Any] = parse(bytes(laid_down.document))
    return plain | {"elements": plain["elements"] | fixed}


def test_what_the_catalogue_has_fixed_is_filled_in_where_the_file_says_nothing(node: Node) -> None:
    laid(summary="统一的内容。", limits={"promised": promised(7)})
    tables = tables_of(item())
    for table, column in [
        (Table.OWN, "tongban_summary"),
        *((Table.BASIC, f"promise_{word}") for word in ("day", "type")),
    ]:
        tables[table][1][tables[table][0].index(column)] = ""
    tables[Table.OWN][1][tables[Table.OWN][0].index("tongban_limits_promised_source")] = ""
    told = confirmed(as_file(tables))
    assert told.stage == "telling", told.report
    found = catalogues.item(TASK).item
    assert (found.summary, found.limits.promised.days) == ("统一的内容。", 7)


def test_a_dropped_import_leaves_nothing_behind(node: Node) -> None:
    laid()
    told = judged(file())
    assert actions.drop(told.id, actor=SECOND, at=NOON).stage == "dropped"
    assert not ImportFile.objects.exists()
    assert not ImportRow.objects.exists()
    with pytest.raises(ImportNotOpen):
        actions.drop(told.id, actor=KEEPER, at=NOON)


def test_work_that_was_broken_off_is_taken_up_anew_after_a_while(node: Node) -> None:
    laid()
    told = actions.begin(file(), "x.zip", actor=KEEPER, at=NOON)
    ItemImport.objects.filter(id=told.id).update(stage="judging", lease=NOON + timedelta(minutes=1), done=7)
    assert actions.work_once(NOON) is False
    assert actions.work_once(NOON + timedelta(minutes=2)) is True
    assert ItemImport.objects.get(id=told.id).stage == "ready"
    assert actions.work_once(NOON + timedelta(minutes=3)) is False


def test_a_file_too_large_or_empty_is_refused_by_name(node: Node) -> None:
    with pytest.raises(ImportTooLarge):
        actions.begin(b"12345", "x.csv", actor=KEEPER, at=NOON, bounds=Bounds(bytes=4))
    with pytest.raises(BadInput):
        actions.begin(b"", "x.csv", actor=KEEPER, at=NOON)


BAD_CELLS = [
    (Table.BASIC, "task_code", TASK[:30] + "9", {"task_code_wrong"}),
    (Table.BASIC, "task_code", "X" + TASK[1:], {"check_character", "task_code_wrong"}),
    (Table.BASIC, "dept_code", LANZHOU_POLICE.code[:17] + "*", {"check_character", "task_code_wrong"}),
    (Table.BASIC, "catalog_code", "1.2E+11", {"code_rounded", "check_character", "task_code_wrong"}),
    (Table.BASIC, "task_type", "77", {"wrong_value"}),
    (Table.BASIC, "promise_day", "五天", {"wrong_value"}),
    (Table.BASIC, "is_fee", "也许", {"wrong_value"}),
    (Table.BASIC, "plan_cancel_date", "2027-02-30", {"wrong_value"}),
    (Table.BASIC, "task_state", "3", {"state_wrong"}),
    (Table.BASIC, "project_type", "1", {"at_once_or_promised"}),
    (Table.BASIC, "task_name", "别的名称", {"same_four"}),
    (Table.BASIC, "supervise_way", "0731-00000001", {"phones_apart"}),
    (Table.BASIC, "transact_addr", "", {"content"}),
    (Table.BASIC, "accept_condition", "其他材料", {"catch_all"}),
    (Table.MATERIAL, "task_guid", "nobody", {"no_such_item"}),
    (Table.OWN, "tongban_form", "[{", {"wrong_value"}),
    (Table.OWN, "tongban_form", "", {"element_missing"}),
    (Table.OWN, "tongban_exact", "x", {"wrong_value"}),
]


@pytest.mark.parametrize(
    ("table", "column", "text", "expected"), BAD_CELLS, ids=[f"{c}={t}" for _, c, t, _ in BAD_CELLS]
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_kept(
    node: Node, table: Table, column: str, text: str, expected: set[str]
) -> None:
    laid()
    told = judged(with_cell(column, text, table))

    assert (told.stage, told.errors > 0) == ("faulty", True)
    assert codes_of(told) == expected
    wrong = [cells for cells in told.report if cells[0] == "错误"]
    assert {(cells[1], cells[2]) for cells in wrong} <= {(table.value, "2"), ("basic", "2")}
    assert column in {cells[3] for cells in wrong}
    assert not ImportRow.objects.exists()


def test_an_item_twice_is_told(node: Node) -> None:
    laid()
    tables = tables_of(item())
    tables[Table.BASIC].append(list(tables[Table.BASIC][1]))
    told = judged(as_file(tables))
    assert codes_of(told) == {"code_twice"}
    assert "3" in {cells[2] for cells in told.report}


def test_a_basic_item_that_nobody_has_laid_down_is_told(node: Node) -> None:
    assert codes_of(judged(file())) == {"basic_unknown"}


def test_what_was_declined_is_not_published_by_a_file(node: Node) -> None:
    laid()
    catalogue.decline(BASIC, reason="不归我们", actor=KEEPER, at=NOON)
    assert codes_of(judged(file())) == {"declined"}


def test_a_suspended_item_is_not_changed_by_a_file(node: Node) -> None:
    laid()
    finished(confirmed(file()))
    catalogue.suspend(TASK, reason="检修", actor=KEEPER, at=NOON)
    assert codes_of(judged(file(summary="新的。"))) == {"not_in_use"}


def test_a_file_of_an_earlier_version_does_not_write_over_a_later_one(node: Node) -> None:
    laid()
    finished(confirmed(file()))
    finished(confirmed(file(summary="第二版。")))
    assert codes_of(judged(file(summary="从第一版改的。"))) == {"version_passed"}


def test_a_file_without_a_table_of_items_is_told(node: Node) -> None:
    laid()
    assert codes_of(judged(writing.table([["甲", "乙"], ["1", "2"]]), "x.csv")) == {"table_missing"}
    assert codes_of(judged(writing.table([["task_name"], ["1"]]), "basic.csv")) == {"column_missing"}
    tables = tables_of(item())
    del tables[Table.OWN]
    assert codes_of(judged(as_file(tables))) == {"element_missing"}


def test_a_file_of_the_node_itself_may_hold_the_items_of_all_its_organizations(node: Node) -> None:
    laid()
    told = actions.begin(file(), "x.zip", actor=NODE, at=NOON)
    told = actions.work(told.id, NOON)
    assert (told.stage, told.new) == ("ready", 1)
    actions.confirm(told.id, actor=NODE, at=NOON)
    assert actions.work(told.id, NOON).stage == "telling"
    assert queries.imports(KEEPER) == []


def test_several_processes_find_the_same_as_one(node: Node) -> None:
    laid()
    data = with_cell("link_way", "0731-00000009")
    found = []
    for many in (1, 10**9):
        judge = Judge(
            read(data, "a.zip"), Source.EXCHANGE, queries.offices_of(LANZHOU_POLICE.code), node.suite, many=many
        )
        found.append((list(judge.judged()), judge.counts, judge.report))
    assert found[0] == found[1]
    assert len(found[0][0]) == 1


def test_a_fault_of_our_own_is_told_and_not_tried_for_ever(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    laid()
    told = actions.begin(file(), "x.zip", actor=KEEPER, at=NOON)

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(actions, "read", broken)
    with pytest.raises(RuntimeError):
        actions.work_once(NOON)
    kept = ItemImport.objects.get(id=told.id)
    assert (kept.stage, codes_of(kept), kept.lease) == ("faulty", {"internal"}, None)
    monkeypatch.undo()
    actions.judge_again(told.id, actor=KEEPER, at=NOON)
    assert actions.work_once(NOON)
    assert ItemImport.objects.get(id=told.id).stage == "ready"
