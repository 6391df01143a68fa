# SPDX-License-Identifier: Apache-2.0
"""Members are stored by name and exchanged by each source's codes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards.canonical import canonical
from tongban.standards.enums import (
    ALSO_READ,
    CODES,
    Contact,
    FlowStage,
    IdType,
    ItemType,
    Labelled,
    MaterialForm,
    Mode,
    Necessity,
    OnlineDepth,
    OnlineGrade,
    Satisfaction,
    ServedObject,
    Source,
    TimeUnit,
    code_of,
    from_code,
    joined,
    split,
    translate,
)


def test_a_member_is_its_name_and_shows_chinese() -> None:
    assert str(Mode.PROXY) == "proxy"
    assert Mode("proxy") is Mode.PROXY
    assert Mode.PROXY.label == "异地代收代办"
    assert Mode.choices()[0] == ("online", "全程网办")
    assert json.dumps(Mode.JOINT) == '"joint"'
    assert canonical([Mode.JOINT]) == b'["joint"]'
    assert f"{Necessity.TOLERATED}" == "tolerated"


def test_sources_number_the_same_word_differently() -> None:
    assert code_of(ServedObject.ADMINISTRATIVE, Source.EXCHANGE) == "6"
    assert code_of(ServedObject.ADMINISTRATIVE, Source.GBT39046) == "5"
    assert from_code(ServedObject, "5", Source.EXCHANGE) is ServedObject.UNINCORPORATED
    assert from_code(ItemType, "20", Source.GUANGDONG) is ItemType.OTHER_POWER
    assert from_code(ItemType, "20", Source.GBT39046) is ItemType.PUBLIC_SERVICE
    assert code_of(IdType.RESIDENT_ID, Source.GAT2000) == "111"


def test_a_code_that_a_list_has_not_is_refused() -> None:
    with pytest.raises(ValueError):
        code_of(ServedObject.UNINCORPORATED, Source.GBT39046)
    with pytest.raises(ValueError):
        from_code(MaterialForm, "4", Source.EXCHANGE)
    with pytest.raises(ValueError):
        code_of(Mode.PROXY, Source.EXCHANGE)


def test_every_code_leads_back_to_its_member() -> None:
    for (kind, source), members in CODES.items():
        assert len(set(members.values())) == len(members)
        for member, code in members.items():
            assert from_code(kind, code, source) is member


def test_applications_are_what_statistics_count() -> None:
    assert ItemType.CONFIRMATION.is_applied_for
    assert not ItemType.PENALTY.is_applied_for


def test_every_member_has_a_label_of_its_own() -> None:
    for kind in Labelled.__subclasses__():
        assert len({label for _, label in kind.choices()}) == len(kind)


def test_grades_run_backwards_in_one_list_and_are_turned_at_the_edge() -> None:
    assert code_of(Satisfaction.VERY_GOOD, Source.EXCHANGE) == "5"
    assert code_of(Satisfaction.VERY_GOOD, Source.GBT39046) == "1"
    assert [translate(Satisfaction, code, Source.EXCHANGE, Source.GBT39046) for code in "54321"] == list("12345")


def test_what_the_other_list_has_not_is_refused_instead_of_guessed() -> None:
    with pytest.raises(ValueError):
        translate(ServedObject, "5", Source.EXCHANGE, Source.GBT39046)  # 非法人企业
    assert translate(ServedObject, "6", Source.EXCHANGE, Source.GBT39046) == "5"
    assert translate(TimeUnit, "W", Source.LETTERS, Source.SHANDONG) == "G"
    with pytest.raises(ValueError):
        translate(TimeUnit, "3", Source.EXCHANGE, Source.LETTERS)


def test_two_codes_for_one_word_are_read_and_neither_is_written() -> None:
    assert {from_code(OnlineDepth, code, Source.EXCHANGE) for code in "89"} == {OnlineDepth.OTHER}
    with pytest.raises(ValueError):
        code_of(OnlineDepth.OTHER, Source.EXCHANGE)
    for (kind, source), pairs in ALSO_READ.items():
        assert not {code for _, code in pairs} & set(CODES[kind, source].values())


def test_stages_and_ways_of_asking_have_their_codes() -> None:
    assert from_code(FlowStage, "accreditation", Source.GUANGDONG) is FlowStage.ISSUE
    assert code_of(Contact.PHONE, Source.EXCHANGE) == "3"
    assert OnlineGrade.FOURTH.label == "Ⅳ级"


@given(st.lists(st.sampled_from(sorted(CODES[ServedObject, Source.EXCHANGE])), unique=True))
def test_several_codes_in_one_column_are_read_back(members: list[ServedObject]) -> None:
    assert list(split(ServedObject, joined(members, Source.EXCHANGE), Source.EXCHANGE)) == members


def test_a_column_with_a_strange_code_is_refused() -> None:
    with pytest.raises(ValueError):
        split(ServedObject, "1^8", Source.EXCHANGE)
    assert split(ServedObject, " 1 ^2^^1", Source.EXCHANGE) == (ServedObject.NATURAL, ServedObject.ENTERPRISE)


@given(st.sampled_from(sorted(CODES, key=str)), st.sampled_from(list(Source)), st.data())
def test_a_code_that_goes_to_another_list_comes_back(
    listed: tuple[type[Labelled], Source], into: Source, data: st.DataObject
) -> None:
    kind, source = listed
    code = data.draw(st.sampled_from(sorted(CODES[listed].values())))
    try:
        there = translate(kind, code, source, into)
    except ValueError:
        return
    assert translate(kind, there, into, source) == code
