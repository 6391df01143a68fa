# SPDX-License-Identifier: Apache-2.0
"""The formal check: complete, told at once, and never about substance."""

import msgspec

from tongban.catalogue.content import Material
from tongban.catalogue.details import Paper
from tongban.windows.formal import Check, Verdict, complete_notice, lacking, read_checks, told


def material(code: str, necessity: str = "required") -> Material:
    words = {
        "code": code,
        "name": f"材料{code}",
        "necessity": necessity,
        "form": "electronic",
        "source": "applicant",
        "issuer": "",
        "accept_note": "清晰",
        "max_bytes": 1000,
        "types": ["image/png"],
    }
    return msgspec.convert(words, Material)


CARD, LETTER = material("card"), material("letter", "optional")


def test_everything_that_is_lacking_is_named_at_once() -> None:
    checks = {"card": Check("card", is_good=False, note="缺背面")}

    found = lacking([CARD, LETTER], checks, frozenset())

    assert [code for code, _ in found] == ["card", "letter"]
    assert "缺背面" in found[0][1]


def test_a_required_material_is_scanned_or_its_original_taken() -> None:
    good, paper = Check("card", is_good=True), Check("card", is_good=True, original=True)

    assert [code for code, _ in lacking([CARD], {"card": good}, frozenset())] == ["card"]
    assert lacking([CARD], {"card": good}, frozenset({"card"})) == []
    assert lacking([CARD], {"card": paper}, frozenset()) == []


def test_the_original_of_what_sharing_verifies_is_refused_and_a_scan_is_not() -> None:
    shared = msgspec.structs.replace(CARD, more=Paper(licence_name="居民身份证"))
    paper = Check("card", is_good=True, original=True)

    ((code, why),) = lacking([shared], {"card": paper}, frozenset({"card"}))
    assert (code, "电子证照“居民身份证”可以核验，不得收取原件" in why) == ("card", True)
    assert lacking([shared], {"card": Check("card", is_good=True)}, frozenset({"card"})) == []


def test_an_optional_material_found_good_needs_no_scan() -> None:
    assert lacking([LETTER], {"letter": Check("letter", is_good=True)}, frozenset()) == []


def test_the_case_is_told_of_every_material() -> None:
    checks = read_checks({"card": {"verdict": "good", "note": "已核对"}})

    rows = told([CARD, LETTER], checks)

    assert [(row["requirement"], row["verdict"]) for row in rows] == [("card", "good"), ("letter", "lacking")]


def test_the_notice_lists_what_is_lacking_and_nothing_else() -> None:
    checks = {"card": Check("card", is_good=False, note="缺背面"), "letter": Check("letter", is_good=True)}

    words = complete_notice([CARD, LETTER], checks, "请带原件。")

    assert words[1] == "1. 材料card：缺背面"
    assert words[-1] == "请带原件。"
    assert not any("材料letter" in line for line in words)


def test_there_are_three_verdicts_and_no_fourth() -> None:
    assert [str(verdict) for verdict in Verdict] == ["collect", "complete", "elsewhere"]
