# SPDX-License-Identifier: Apache-2.0
"""What somebody confirmed holds for exactly that content; two devices that write at once lose nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tongban.cases.application import merged
from tongban.cases.signing import ASKED, CONFIRMED, DECLINED, VOID, Signer, asked, digest_of, lacking, outline
from tongban.catalogue.content import CoApplicants, ItemContent, convert
from tongban.catalogue.tests.items import content

KEY, NOW = bytes(32), datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NAME = {"name": "name", "label": "姓名", "type": "text", "required": True, "max": 50, "personal": "identity"}
NUMBER = NAME | {"name": "id_number", "label": "证件号码", "prefill": "person.id_number"}
PLAIN = NAME | {"name": "use", "label": "用途", "personal": "plain"}
SPOUSE = {"code": "co_applicant", "confirms": "同意。"}
SCAN = {"requirement": "id_card", "digest": "a"}
KEPT: dict[str, Any] = {"answers": {"who": "self"}, "form": {"phone": "1"}, "files": [SCAN]}


def signer(**changed: object) -> Signer:
    facts = {
        "number": 1,
        "role": "co_applicant",
        "index": b"one",
        "name": "周敏",
        "id_type": "resident_id",
        "id_number": "x",
        "state": CONFIRMED,
        "digest": "same",
        "actor": "applicant:1",
        "answered_at": NOW,
        "reason": "",
    }
    return Signer(**facts | changed)  # type: ignore[arg-type]


def item(**changed: object) -> ItemContent:
    fields = [NAME, NUMBER, PLAIN]
    return convert(content(form=fields, **changed))


def wanted(**changed: object) -> CoApplicants:
    given = {"least": 1, "most": 2, "roles": [SPOUSE], "basis": "测试"} | changed
    found = item(co_applicants=given).co_applicants
    assert found is not None
    return found


def digest(kept: Mapping[str, Any] = KEPT, people: tuple[Signer, ...] = (), key: bytes = KEY) -> str:
    return digest_of(key, "task", 1, kept, people)


def test_a_word_that_was_given_for_other_content_is_void() -> None:
    assert signer().standing("same") == CONFIRMED
    assert signer().standing("other") == VOID
    assert signer(state=DECLINED).standing("other") == DECLINED
    assert signer(state=ASKED).standing("other") == ASKED


def test_whatever_is_changed_changes_what_is_confirmed() -> None:
    changes = [
        KEPT | {"answers": {"who": "agent"}},
        KEPT | {"form": {"phone": "2"}},
        KEPT | {"files": []},
        KEPT | {"files": [{"requirement": "id_card", "digest": "b"}]},
    ]
    seen = [digest(), *(digest(kept) for kept in changes), digest(people=(signer(),)), digest(key=b"1" * 32)]
    assert len(set(seen)) == len(seen)
    assert digest(KEPT | {"once": ["x"], "by": "张伟"}) == digest()  # what is no part of the application
    assert digest(people=(signer(state=ASKED),)) == digest(people=(signer(),))


def test_what_is_lacking_names_who_has_not_confirmed() -> None:
    assert lacking(None, [], "same") == []
    assert lacking(wanted(), [], "same") == ["请至少填写 1 名共同申请人。"]
    assert lacking(wanted(), [signer()], "same") == []
    assert lacking(wanted(least=0), [], "same") == []
    assert "周敏（共同申请人）确认之后内容改过" in lacking(wanted(), [signer()], "other")[0]
    assert "周敏（共同申请人）还没有确认" in lacking(wanted(), [signer(state=ASKED)], "same")[0]
    assert "周敏（共同申请人）不同意" in lacking(wanted(), [signer(state=DECLINED)], "same")[0]


def test_who_must_confirm_may_depend_on_the_situation() -> None:
    given = {"least": 1, "most": 1, "roles": [SPOUSE], "basis": "测试", "only_if": ["who:agent"]}
    found = item(co_applicants=given)
    assert asked(found, {"who": "agent"}) is not None
    assert asked(found, {"who": "self"}) is None
    assert asked(item(), {"who": "agent"}) is None


def test_an_outline_holds_no_number_and_no_address_of_the_other() -> None:
    shown = dict(outline(item(), {}, {"name": "张伟", "id_number": "99430119900307001X", "use": "求职"}))
    assert shown["用途"] == "求职"
    assert shown["姓名"] == "已填写，只发给办理机关"  # not said to be a name that everybody in it knows
    assert shown["证件号码"] != "99430119900307001X"
    assert dict(outline(item(), {}, {})) == {"姓名": "未填写", "证件号码": "未填写", "用途": "未填写"}


TEXT = st.text(alphabet="甲乙", max_size=1)
FIELD = "use"


@given(before=TEXT, there=TEXT, mine=TEXT)
def test_of_two_devices_neither_loses_a_word(before: str, there: str, mine: str) -> None:
    kept, theirs = merged(item(), {FIELD: there}, {FIELD: mine}, {FIELD: before})
    if mine == before:
        assert (kept[FIELD], theirs) == (there, {})
    elif there in (before, mine):
        assert (kept[FIELD], theirs) == (mine, {})
    else:
        assert (kept[FIELD], theirs) == (there, {FIELD: there})
