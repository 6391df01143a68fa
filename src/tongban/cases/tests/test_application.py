# SPDX-License-Identifier: Apache-2.0
"""An application is checked field by field, with a sentence that says what to do; files by what they are."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.cases import application, uploads
from tongban.cases.application import Application, GivenFile
from tongban.cases.errors import FileRefused, FormRefused, NotComplete
from tongban.cases.sealed import as_applied
from tongban.catalogue import content as items
from tongban.catalogue.errors import AnswerUnknown, NotEligible
from tongban.catalogue.filling import Day
from tongban.catalogue.tests.items import content, material
from tongban.standards.refusal import BadInput

NAME = {"name": "name", "label": "姓名", "type": "text", "required": True, "max": 5, "personal": "identity"}
FORM = [
    NAME,
    {"name": "day", "label": "日期", "type": "date", "required": True, "max": 10, "personal": "plain"},
    {"name": "phone", "label": "手机号码", "type": "phone", "required": True, "max": 20, "personal": "contact"},
    {
        "name": "use",
        "label": "用途",
        "type": "choice",
        "required": False,
        "max": 10,
        "personal": "plain",
        "choices": [{"code": "job", "text": "求职"}, {"code": "exam", "text": "考试"}],
    },
    {"name": "more", "label": "补充说明", "type": "textarea", "required": False, "max": 20, "personal": "plain"},
]
ITEM = items.convert(content(form=FORM))
DAY = Day(date(2026, 11, 22), demo=True)
GOOD = {"name": "张伟", "day": "2026-05-03", "phone": "19900000001", "use": "job", "more": "一\n二"}
WANTED = items.convert(content()).materials[0]


def faults(**changed: str) -> dict[str, str]:
    try:
        application.check_form(ITEM, {}, GOOD | changed, DAY)
    except FormRefused as no:
        return no.errors
    return {}


def test_a_form_that_is_in_order_passes() -> None:
    assert faults() == {}
    assert faults(use="", more="") == {}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "请填写姓名。"),
        ("name", "张" * 6, "姓名不能超过 5 个字。"),
        ("day", "2026-02-30", "日期请按“年-月-日”填写，例如 2026-05-03。"),
        ("day", "20260503", "日期请按“年-月-日”填写，例如 2026-05-03。"),
        ("day", "2026-W18-7", "日期请按“年-月-日”填写，例如 2026-05-03。"),
        ("day", "昨天", "日期请按“年-月-日”填写，例如 2026-05-03。"),
        ("phone", "12345678901", "手机号码应为 11 位手机号码。"),
        ("phone", "1990000000", "手机号码应为 11 位手机号码。"),
        ("phone", "1٩٩٠٠٠٠٠٠٠١", "手机号码应为 11 位手机号码。"),
        ("use", "travel", "请选择用途。"),
        ("more", "字" * 21, "补充说明不能超过 20 个字。"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(field: str, value: str, says: str) -> None:
    assert faults(**{field: value}) == {field: says}


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(FormRefused) as no:
        application.check_form(ITEM, {}, {}, DAY)

    assert set(no.value.errors) == {"name", "day", "phone"}
    assert (no.value.field, no.value.sentence) == ("name", "有 3 处需要修改。")


def test_full_width_and_stray_spaces_are_put_right_and_fields_nobody_asked_for_dropped() -> None:
    typed = {"name": " 张伟　", "phone": "１９９ ００００ ０００１", "more": " 一\r\n二 ", "role": "approver"}

    told = application.tidied(ITEM, typed)

    assert (told["name"], told["phone"], told["more"]) == ("张伟", "19900000001", "一\n二")
    assert set(told) == {field.name for field in ITEM.form}


@given(st.dictionaries(st.sampled_from([field["name"] for field in FORM]), st.text(max_size=30)))
def test_whatever_is_typed_is_tidied_and_passes_or_is_refused_by_field(typed: dict[str, Any]) -> None:
    told = application.tidied(ITEM, typed)
    try:
        application.check_form(ITEM, {}, told, DAY)
    except FormRefused as no:
        assert set(no.errors) <= set(told)
        assert all(re.search("[\u4e00-\u9fff]", sentence) for sentence in no.errors.values())
        return
    assert told["name"]
    assert re.fullmatch("1[3-9][0-9]{9}", told["phone"])


def applied(answers: dict[str, str], *codes: str) -> Application:
    return Application(ITEM.task_code, 1, answers, GOOD, [GivenFile(code, "a", "d", 1, "x") for code in codes])


def test_materials_are_asked_for_as_the_answers_say() -> None:
    application.check(ITEM, applied({"who": "self"}, "id_card"), DAY)
    with pytest.raises(NotComplete) as no:
        application.check(ITEM, applied({"who": "agent", "abroad": "no"}, "id_card"), DAY)
    assert no.value.field == "letter"
    application.check(ITEM, applied({"who": "agent", "abroad": "no"}, "id_card", "letter", "agent_id"), DAY)


def test_unsettled_unknown_and_ending_answers_are_refused_by_name() -> None:
    with pytest.raises(BadInput) as unsettled:
        application.check(ITEM, applied({}, "id_card"), DAY)
    assert unsettled.value.field == "who"
    with pytest.raises(AnswerUnknown):
        application.check(ITEM, applied({"who": "my dog"}, "id_card"), DAY)
    with pytest.raises(NotEligible):
        application.check(ITEM, applied({"who": "company"}, "id_card"), DAY)


# Uploads

PDF, JPG, PNG = b"%PDF-1.7\n", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (PDF, "application/pdf"),
        (JPG, "image/jpeg"),
        (PNG, "image/png"),
        (b"PK\x03\x04", None),
        (b"<html>", None),
        (b" %PDF-", None),
        (b"MZ", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(start: bytes, kind: str | None) -> None:
    assert uploads.media_type(start) == kind


def test_only_the_types_that_the_requirement_names_are_taken() -> None:
    assert uploads.checked_type(WANTED, PDF) == "application/pdf"
    for start in (PNG, JPG, b"MZ", b"<?php"):
        with pytest.raises(FileRefused) as no:
            uploads.checked_type(WANTED, start)
        assert (no.value.field, no.value.sentence) == ("id_card", "请上传 PDF 格式的文件。")
    with pytest.raises(FileRefused, match="空的"):
        uploads.checked_type(WANTED, b"")


def test_a_file_is_refused_as_soon_as_it_is_too_large() -> None:
    read = 0

    def chunks() -> Any:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 300_000

    with pytest.raises(FileRefused, match="1 MB"):
        list(uploads.bounded(WANTED, chunks()))
    assert read == 4
    assert b"".join(uploads.bounded(WANTED, [b"x" * 1_000_000])) == b"x" * 1_000_000


def test_a_limit_below_one_megabyte_is_said_as_it_is() -> None:
    small = items.convert(content(materials=[material("id_card", max_bytes=500_000)], questions=[])).materials[0]
    with pytest.raises(FileRefused) as no:
        list(uploads.bounded(small, [b"x" * 500_001]))
    assert "0 MB" not in no.value.sentence


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("身份证.png", "身份证.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\张伟\\身份证.pdf", "身份证.pdf"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("", "未命名"),
        ("/", "未命名"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("\u202efdp.exe", "fdp.exe"),
    ],
)
def test_a_name_is_kept_without_folders_and_control_signs(given_name: str, kept: str) -> None:
    assert uploads.tidy_name(given_name) == kept


def test_what_was_corrected_can_be_undone_to_what_was_applied_with() -> None:
    kept = {"form": {"a": "3", "b": "x", "c": "y"}, "corrected": [{"a": "1", "b": None}, {"a": "2"}]}
    assert as_applied(kept) == {"a": "1", "c": "y"}
