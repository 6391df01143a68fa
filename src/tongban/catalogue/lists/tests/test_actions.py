# SPDX-License-Identifier: Apache-2.0
"""A list is written in one organization, reviewed by another person, published; how entries stand is only added to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from tongban.catalogue.lists import actions, queries
from tongban.catalogue.lists.errors import (
    EntryStands,
    ListCodeTaken,
    ListDraftChanged,
    ListDraftNotOpen,
    ListDraftOpen,
    ListFileFaulty,
    ListNotFromPublisher,
    ListRefused,
    ListUnchanged,
    NothingToImport,
    NotYourList,
    OwnListReview,
    StatusReasonMissing,
)
from tongban.catalogue.lists.queries import Wanted
from tongban.catalogue.lists.tests.samples import FIRST, entry, plain
from tongban.catalogue.models import ListAct, ListDraft, ListVersion
from tongban.catalogue.tests.layers import (
    GANSU,
    KEEPER,
    LANZHOU,
    NODE,
    NOON,
    PROVINCIAL,
    PROVINCIAL_SECOND,
    STRANGER,
)
from tongban.demo.people import ORGANIZATIONS
from tongban.ledger.models import Line
from tongban.standards.actor import Actor, Role
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

HEAD = {"title": "跨省通办事项清单", "scope": "cross_province"}
CSV = "事项名称,批次\n学历公证,2020\n失业登记,2020\n".encode()


def begun() -> ListDraft:
    """A draft with one batch and one entry, by the keeper."""
    draft = actions.start_list("cross", HEAD, actor=PROVINCIAL, at=NOON)
    draft = actions.put_batch(draft.id, FIRST, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    return actions.put_entry(draft.id, entry(), revision=draft.revision, actor=PROVINCIAL, at=NOON)


def published(*entries: dict[str, Any]) -> ListVersion:
    return actions.publish(plain(*entries), actor=NODE, at=NOON)


def in_force() -> list[int]:
    return [row.version for row in queries.lists(publisher=GANSU.code) if row.code == "cross"]


def verbs() -> list[str]:
    return [line.verb for line in Line.objects.filter(subject=f"list/{GANSU.code}/cross").order_by("number")]


def test_from_the_first_word_to_the_published_list_every_step_is_in_the_ledger(node: Node) -> None:
    draft = begun()
    draft = actions.submit(draft.id, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    with pytest.raises(OwnListReview):
        actions.approve(draft.id, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    draft = actions.approve(draft.id, revision=draft.revision, actor=PROVINCIAL_SECOND, at=NOON)

    row = queries.current(GANSU.code, "cross")
    assert (row.version, row.status, row.origin, row.content.entries[0].name) == (1, "published", "own", "学历公证")
    assert (draft.stage, draft.became_version) == ("published", 1)
    assert verbs() == [
        "list.draft_begun",
        "list.draft_edited",
        "list.draft_edited",
        "list.draft_submitted",
        "list.published",
        "list.draft_approved",
    ]


def test_the_next_version_begins_from_the_last_and_says_something_new(node: Node) -> None:
    published()
    draft = actions.start_draft("cross", actor=PROVINCIAL, at=NOON)
    with pytest.raises(ListDraftOpen):
        actions.start_draft("cross", actor=PROVINCIAL, at=NOON)
    with pytest.raises(ListUnchanged):
        actions.submit(draft.id, revision=1, actor=PROVINCIAL, at=NOON)

    more = entry("a-2", "失业登记")
    draft = actions.put_entry(draft.id, more, revision=1, actor=PROVINCIAL, at=NOON)
    draft = actions.submit(draft.id, revision=2, actor=PROVINCIAL, at=NOON)
    actions.approve(draft.id, revision=3, actor=PROVINCIAL_SECOND, at=NOON)

    assert [(row.version, row.status) for row in queries.versions(GANSU.code, "cross")] == [
        (2, "published"),
        (1, "superseded"),
    ]
    with pytest.raises(ListCodeTaken):
        actions.start_list("cross", HEAD, actor=PROVINCIAL, at=NOON)


def test_a_draft_is_edited_in_every_part_and_only_as_it_was_last_read(node: Node) -> None:
    draft = begun()
    said: dict[str, Any] = {"actor": PROVINCIAL, "at": NOON}
    with pytest.raises(ListDraftChanged):
        actions.edit_head(draft.id, {"title": "x"}, revision=1, **said)
    with pytest.raises(ListRefused):
        actions.put_entry(draft.id, entry(), revision=3, **said)  # the code is taken
    with pytest.raises(ListRefused):
        actions.remove_batch(draft.id, "2020", revision=3, **said)
    with pytest.raises(NotFound):
        actions.remove_entry(draft.id, "zz", revision=3, **said)
    with pytest.raises(NotFound):
        actions.put_entry(draft.id, entry("zz"), instead_of="zz", revision=3, **said)

    actions.put_batch(draft.id, FIRST | {"code": "one"}, instead_of="2020", revision=3, **said)
    actions.edit_head(draft.id, {"title": "新名称", "note": "说明"}, revision=4, **said)
    actions.put_entry(draft.id, entry("a-2", "失业登记", batch="one"), instead_of="a-1", revision=5, **said)
    draft = actions.put_batch(draft.id, {"code": "two", "name": "二"}, revision=6, **said)
    draft = actions.remove_batch(draft.id, "two", revision=7, **said)

    of = queries.drafted(draft)
    assert (of.title, of.note, [(one.code, one.batch) for one in of.entries]) == ("新名称", "说明", [("a-2", "one")])
    draft = actions.remove_entry(draft.id, "a-2", revision=8, **said)
    assert queries.drafted(draft).entries == ()


def test_a_draft_is_sent_back_with_a_reason_or_dropped(node: Node) -> None:
    draft = begun()
    draft = actions.submit(draft.id, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    with pytest.raises(ListDraftNotOpen):
        actions.edit_head(draft.id, {"title": "x"}, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    with pytest.raises(StatusReasonMissing):
        actions.send_back(draft.id, note=" ", revision=draft.revision, actor=PROVINCIAL_SECOND, at=NOON)
    draft = actions.send_back(draft.id, note="缺时限。", revision=draft.revision, actor=PROVINCIAL_SECOND, at=NOON)
    assert (draft.stage, draft.note) == ("editing", "缺时限。")
    draft = actions.drop(draft.id, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    with pytest.raises(ListDraftNotOpen):
        actions.drop(draft.id, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    assert not in_force()


def test_a_file_is_tried_first_and_taken_over_whole(node: Node) -> None:
    draft = actions.start_list("cross", HEAD, actor=PROVINCIAL, at=NOON)
    said: dict[str, Any] = {"actor": PROVINCIAL, "at": NOON}
    with pytest.raises(NothingToImport):
        actions.take_over(draft.id, revision=1, **said)
    draft, bad = actions.check_file(draft.id, b"\xff\xfe", "x.csv", revision=1, **said)
    assert bad.report.stops
    assert not queries.is_waiting(draft)
    draft, found = actions.check_file(draft.id, CSV, "清单.csv", revision=2, **said)
    assert (found.added, queries.drafted(draft).entries) == (["学历公证", "失业登记"], ())
    draft = actions.discard_file(draft.id, revision=3, **said)
    draft, _ = actions.check_file(draft.id, CSV, "清单.csv", revision=4, **said)
    draft = actions.take_over(draft.id, revision=5, **said)
    assert [one.name for one in queries.drafted(draft).entries] == ["学历公证", "失业登记"]
    assert PROVINCIAL.pseudonym in draft.editors
    draft, again = actions.check_file(draft.id, CSV, "清单.csv", revision=6, **said)
    assert (again.changes_nothing, draft.pending) == (True, None)


def test_what_was_checked_is_not_taken_over_when_the_draft_has_changed_since(node: Node) -> None:
    draft = begun()
    said: dict[str, Any] = {"actor": PROVINCIAL, "at": NOON}
    draft, _ = actions.check_file(draft.id, CSV, "清单.csv", revision=draft.revision, **said)
    draft = actions.edit_head(draft.id, {"title": "别的"}, revision=draft.revision, **said)
    with pytest.raises(NothingToImport):
        actions.take_over(draft.id, revision=draft.revision, **said)


def test_a_file_from_the_command_line_waits_for_a_person_and_twice_changes_nothing(node: Node) -> None:
    said: dict[str, Any] = {"organization": GANSU.code, "actor": NODE, "at": NOON}
    with pytest.raises(ListRefused):
        actions.import_file(CSV, "x.csv", "cross", {}, **said)  # a new list has a title
    with pytest.raises(ListFileFaulty, match="事项名称"):
        actions.import_file(b"a,b\n1,2\n", "x.csv", "cross", HEAD, **said)
    assert not ListDraft.objects.exists()

    draft, found = actions.import_file(CSV, "x.csv", "cross", HEAD, **said)
    assert draft is not None
    assert (draft.stage, len(found.added)) == ("in_review", 2)
    actions.approve(draft.id, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    assert actions.import_file(CSV, "x.csv", "cross", {}, **said)[0] is None
    assert queries.current(GANSU.code, "cross").version == 1


def test_how_an_entry_stands_is_added_to_and_never_rewritten(node: Node) -> None:
    published(entry("a", "学历公证"), entry("b", "失业登记"))
    said: dict[str, Any] = {"actor": PROVINCIAL, "at": NOON}
    actions.set_status("cross", ["a", "b"], "under_way", on_day=date(2026, 11, 1), **said)
    actions.set_status("cross", ["a", "b"], "open", **said | {"at": NOON + timedelta(days=1)})
    with pytest.raises(EntryStands):
        actions.set_status("cross", ["a"], "open", **said)
    with pytest.raises(StatusReasonMissing):
        actions.set_status("cross", ["a"], "on_hold", **said)
    actions.set_status("cross", ["a", "b"], "on_hold", reason="系统升级。", **said)

    history = [(act.number, act.status, act.reason) for act in queries.acts(GANSU.code, "cross", "a")]
    assert history == [(1, "under_way", ""), (3, "open", ""), (5, "on_hold", "系统升级。")]
    assert {code: act.status for code, act in queries.standing(GANSU.code, "cross").items()} == {
        "a": "on_hold",
        "b": "on_hold",
    }
    assert verbs()[-3:] == ["list.entries_stand"] * 3
    lines = queries.lines(queries.current(GANSU.code, "cross").content, Wanted(status="on_hold", words="失业"))
    assert [line.entry.code for line in lines] == ["b"]


@pytest.mark.parametrize(
    ("entries", "status", "day", "kind"),
    [
        ([], "open", None, BadInput),
        (["zz"], "open", None, NotFound),
        (["a"], "moon", None, BadInput),
        (["a"], "open", date(2026, 12, 1), BadInput),
        (["a"], "unsaid", None, BadInput),
    ],
)
def test_a_change_of_standing_that_makes_no_sense_is_refused(
    node: Node, entries: list[str], status: str, day: date | None, kind: type[Exception]
) -> None:
    published(entry("a"))
    with pytest.raises(kind):
        actions.set_status("cross", entries, status, actor=PROVINCIAL, at=NOON, on_day=day)
    assert not ListAct.objects.filter(code__in=("cross", "public")).exists()


def test_a_withdrawn_list_stays_to_be_seen_with_its_reason_and_comes_back(node: Node) -> None:
    published()
    with pytest.raises(StatusReasonMissing):
        actions.withdraw("cross", reason="", actor=PROVINCIAL, at=NOON)
    actions.withdraw("cross", reason="名录有误。", actor=PROVINCIAL, at=NOON)
    assert not in_force()
    assert queries.current(GANSU.code, "cross").status_reason == "名录有误。"
    with pytest.raises(EntryStands):
        actions.withdraw("cross", reason="x", actor=PROVINCIAL, at=NOON)

    assert published().version == 2
    assert published().version == 2  # the same again
    assert in_force() == [2]


def test_the_node_publishes_for_its_own_organizations_only(node: Node) -> None:
    hunan = ORGANIZATIONS["hunan-centre"]
    with pytest.raises(ListNotFromPublisher):
        actions.publish(plain(office=hunan), actor=NODE, at=NOON)
    with pytest.raises(NotYourList):
        actions.publish(plain(), actor=PROVINCIAL, at=NOON)
    with pytest.raises(NotYourList):
        actions.import_file(CSV, "x.csv", "cross", HEAD, organization=hunan.code, actor=NODE, at=NOON)


# Who may do what: every act of a list's keeper, for everybody who is not.

CLERK = replace(PROVINCIAL, role=Role.CLERK)
ELSEWHERE = replace(PROVINCIAL, organization=ORGANIZATIONS["hunan-centre"].code)
OTHERS = {
    "another organization": STRANGER,
    "police": KEEPER,
    "clerk": CLERK,
    "approver": replace(CLERK, role=Role.APPROVER),
}
ACTS: dict[str, Callable[[UUID, Actor], object]] = {
    "edit_head": lambda id, who: actions.edit_head(id, {"title": "x"}, revision=3, actor=who, at=NOON),
    "put_entry": lambda id, who: actions.put_entry(id, entry("n", "n"), revision=3, actor=who, at=NOON),
    "remove_entry": lambda id, who: actions.remove_entry(id, "a-1", revision=3, actor=who, at=NOON),
    "put_batch": lambda id, who: actions.put_batch(id, FIRST | {"code": "n"}, revision=3, actor=who, at=NOON),
    "remove_batch": lambda id, who: actions.remove_batch(id, "2020", revision=3, actor=who, at=NOON),
    "check_file": lambda id, who: actions.check_file(id, CSV, "x.csv", revision=3, actor=who, at=NOON),
    "take_over": lambda id, who: actions.take_over(id, revision=3, actor=who, at=NOON),
    "discard_file": lambda id, who: actions.discard_file(id, revision=3, actor=who, at=NOON),
    "submit": lambda id, who: actions.submit(id, revision=3, actor=who, at=NOON),
    "approve": lambda id, who: actions.approve(id, revision=3, actor=who, at=NOON),
    "send_back": lambda id, who: actions.send_back(id, note="x", revision=3, actor=who, at=NOON),
    "drop": lambda id, who: actions.drop(id, revision=3, actor=who, at=NOON),
    "draft": lambda id, who: queries.draft(id, who),
    "start_draft": lambda id, who: actions.start_draft("public", actor=who, at=NOON),
    "withdraw": lambda id, who: actions.withdraw("public", reason="x", actor=who, at=NOON),
    "set_status": lambda id, who: actions.set_status("public", ["a-1"], "open", actor=who, at=NOON),
}
NEED_NOBODY = {  # changes of agreements are tested in test_agreements; these act for the node or begin something own
    *("publish", "announce", "import_file", "try_file", "row_of", "subject_of", "start_list"),
    *("offer", "confirm", "refuse", "retract", "end"),
}


def everything() -> list[str]:
    """All that a publisher keeps, as text."""
    return [str(row) for table in (ListDraft, ListVersion) for row in table.objects.order_by("pk").values()]


def test_every_act_is_tried_by_everybody() -> None:
    assert set(actions.__all__) - NEED_NOBODY == set(ACTS) - {"draft"}


@pytest.mark.parametrize("who", OTHERS, ids=str)
@pytest.mark.parametrize("act", ACTS, ids=str)
def test_nobody_but_its_keepers_reads_or_changes_what_is_a_publishers_own(node: Node, act: str, who: str) -> None:
    draft = begun()
    actions.publish(plain(code="public"), actor=NODE, at=NOON)
    before = everything()

    with pytest.raises((NotFound, NotAllowed)):
        ACTS[act](draft.id, OTHERS[who])

    assert everything() == before
    assert not ListAct.objects.filter(code__in=("cross", "public")).exists()
    with pytest.raises(NotYourList):
        actions.start_list("mine", HEAD, actor=ELSEWHERE, at=NOON)  # an organization of another node


def test_drafts_are_listed_for_their_own_organization_alone(node: Node) -> None:
    draft = begun()

    assert [each.id for each in queries.drafts(PROVINCIAL_SECOND)] == [draft.id]
    assert queries.drafts(STRANGER) == []
    with pytest.raises(NotAllowed):
        queries.drafts(CLERK)
    assert LANZHOU.code != GANSU.code


def test_an_entry_is_implemented_by_what_has_its_code_or_its_name(node: Node) -> None:
    named, coded = entry("a", "开具无犯罪记录证明"), entry("b", "出具证明", basic_code="002099001000")
    published(named, coded, entry("c", "没有的事项"))
    lines = queries.implemented(queries.lines(queries.current(GANSU.code, "cross").content))

    found = {line.entry.code: {place.region for place in line.places} for line in lines}
    assert "620100" in found["a"] & found["b"]
    assert found["c"] == set()
    assert lines[0].places[0].region_name
