# SPDX-License-Identifier: Apache-2.0
"""Each declared rule finds its own fault at its own place, and says so in a sentence."""

from typing import Any

import pytest

from tongban.catalogue import basics, checks
from tongban.catalogue.content import convert
from tongban.catalogue.tests.items import NAME, POLICE, material, promised
from tongban.catalogue.tests.items import content as words
from tongban.catalogue.tests.layers import layer
from tongban.standards.canonical import canonical

TOPICS = {"person": ["户籍"]}
SHARED = {"licence_name": "居民身份证"}
NEVER = NAME | {"name": "never", "only_if": ["who:company"]}
OPTIONS = [{"code": "self", "text": "本人", "conditions": ["其他条件。"]}, {"code": "agent", "text": "委托他人"}]
VAGUE = {"code": "who", "text": "由谁办理？", "options": OPTIONS}
LICENCE = {"item_type": "licensing", "basic_code": "000199001000", "task_code": f"{POLICE}3000199001000"}


def broken(**changed: Any) -> set[tuple[str, str, bool]]:
    item = convert(words(**{"topics": TOPICS} | changed))
    return {(fault.rule, fault.place, fault.stops) for fault in checks.faults(item)}


def test_an_item_that_keeps_every_rule_has_no_fault() -> None:
    assert broken() == set()


BROKEN: list[tuple[dict[str, Any], str, str, bool]] = [
    (
        {"limits": {"statutory": promised(3), "promised": promised(5)}},
        "promise_beyond_law",
        "limits.promised",
        True,
    ),
    (
        {"limits": {"statutory": promised(1, "month"), "promised": promised(23)}},
        "promise_beyond_law_units",
        "limits.promised",
        False,
    ),
    ({"project_type": "at_once"}, "at_once_or_promised", "project_type", True),
    (
        {"result": {"name": "居住证", "type": "other", "template": "x", "sample": "见样本"}},
        "result_ending",
        "result.type",
        False,
    ),
    (
        {"result": {"name": "证明", "type": "other", "template": "x"}},
        "result_sample",
        "result.sample",
        True,
    ),
    ({"visits": 1, "mode": "proxy"}, "visit_reason", "visit_reason", True),
    ({"apply_forms": ["window"], "mode": "proxy"}, "no_visit_way", "apply_forms", True),
    (
        {"net": {"grade": "fourth"}, "visits": 1, "visit_reason": "核验", "mode": "proxy"},
        "fourth_grade_visits",
        "visits",
        True,
    ),
    ({"fee": {"charged": True, "basis": "某法"}}, "charge_basis", "fee.lines", True),
    (
        {"fee": {"charged": True, "basis": "某法", "lines": [{"name": "工本费", "fen": 100, "basis": "某法"}]}},
        "charge_online",
        "hall.pays_online",
        False,
    ),
    ({"hall": {"pays_online": True}}, "free_of_charge", "hall.pays_online", True),
    ({"complaint_phone": "0731-00000001"}, "phones_apart", "complaint_phone", True),
    ({"topics": None}, "topics_for_served", "topics.person", False),
    ({"served": ["natural", "enterprise"]}, "topics_for_served", "topics.company", False),
    (LICENCE, "licence_questions", "faq", True),
    (LICENCE, "licence_flow", "steps", True),
    ({"conditions": ["住在本地。", "其他材料齐全。"]}, "catch_all", "conditions.2", True),
    (
        {"materials": [material("id_card", more=SHARED | {"originals": 1})], "questions": []},
        "shared_original",
        "materials.id_card.more.originals",
        True,
    ),
    (
        {"materials": [material("id_card", more=SHARED, form="paper")], "questions": []},
        "shared_original",
        "materials.id_card.form",
        True,
    ),
    (
        {"materials": [material("id_card", more=SHARED | {"visits": 1})], "questions": []},
        "shared_original",
        "materials.id_card.more.visits",
        True,
    ),
    (
        {"materials": [material("id_card", more={"spared": True})], "questions": []},
        "spared_how",
        "materials.id_card.more.spared",
        True,
    ),
    (
        {"materials": [material("id_card", more={"visits": 1, "visit_reason": "核验笔迹"})], "questions": []},
        "material_visits",
        "materials.id_card.more.visits",
        True,
    ),
    (
        {"materials": [material("id_card", form="paper")], "questions": []},
        "paper_without_visit",
        "materials.id_card.form",
        True,
    ),
    ({"questions": [VAGUE], "materials": [material("id_card")]}, "catch_all", "questions.who", True),
    ({"form": [NAME, NEVER]}, "every_path", "form.never", True),
    (
        {"materials": [material("id_card", name="其他证明")], "questions": []},
        "catch_all",
        "materials.id_card.name",
        True,
    ),
]


@pytest.mark.parametrize(("changed", "rule", "place", "stops"), BROKEN, ids=str)
def test_a_broken_rule_is_told_with_its_code_and_place(
    changed: dict[str, Any], rule: str, place: str, stops: bool
) -> None:
    assert (rule, place, stops) in broken(**changed)


def test_every_rule_has_a_code_a_sentence_a_basis_and_a_test() -> None:
    assert {case[1] for case in BROKEN} == {rule.code for rule in checks.RULES}
    assert len({rule.says for rule in checks.RULES}) == len(checks.RULES)
    assert all(rule.says.endswith(("。", "）。")) and rule.basis for rule in checks.RULES)
    assert checks.SENTENCES.keys() >= {rule.code for rule in checks.RULES}


def test_what_the_declared_rules_do_not_cover_is_still_found() -> None:
    assert ("format", "materials", True) in broken(materials=[material("a"), material("a")], questions=[])


def test_what_differs_from_the_catalogue_breaks_the_four_or_the_twelve() -> None:
    above = basics.fold([basics.convert(layer(conditions=["住满半年。"], visits=0))])
    plain = words(basic_code=above.code, name="改了名字", law=["《居住证暂行条例》"])

    found = {(fault.rule, fault.place) for fault in checks.unlike(plain, above)}

    assert found == {("same_four", "name"), ("same_twelve", "conditions")}


def test_a_content_that_cannot_be_read_is_one_fault_with_its_place() -> None:
    (fault,) = checks.faults_of("item", words(visits="three"), None)

    assert (fault.place, fault.name, fault.stops) == ("visits", "到办事现场次数", True)
    assert canonical([fault.says])
