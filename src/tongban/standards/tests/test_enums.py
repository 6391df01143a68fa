# SPDX-License-Identifier: Apache-2.0
"""Members are stored by name and exchanged by each source's codes."""

import json

import pytest

from tongban.standards.canonical import canonical
from tongban.standards.enums import (
    CODES,
    IdType,
    ItemType,
    Labelled,
    MaterialForm,
    Mode,
    Necessity,
    ServedObject,
    Source,
    code_of,
    from_code,
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
