# SPDX-License-Identifier: Apache-2.0
"""What region codes say by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards import regions
from tongban.standards.regions import Level, ancestors, contains, level, parent_code

codes = st.from_regex(r"[0-9]{6}([0-9]{6})?", fullmatch=True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("000000", Level.NATION),
        ("430000", Level.PROVINCE),
        ("430100", Level.CITY),
        ("430102", Level.COUNTY),
        ("430102000000", Level.COUNTY),
        ("430102003000", Level.TOWN),
        ("430102003001", Level.VILLAGE),
    ],
)
def test_the_level_is_read_off_the_digits(code: str, expected: Level) -> None:
    assert level(code) is expected


def test_the_way_up_from_a_village_ends_at_the_nation() -> None:
    assert ancestors("430102003001") == ["430102003000", "430102", "430100", "430000", "000000"]
    assert parent_code("000000") is None


@pytest.mark.parametrize(
    ("code", "parent"),
    [("110101", "110000"), ("500229", "500000"), ("429004", "420000"), ("659001", "650000"), ("310151", "310000")],
)
def test_headings_of_the_standard_are_passed_over(code: str, parent: str) -> None:
    assert parent_code(code) == parent


def test_a_region_contains_what_lies_in_it_and_itself() -> None:
    assert contains("430000", "430102")
    assert contains("000000", "430102003001")
    assert contains("430102", "430102")
    assert contains("430102", "430102000000")
    assert contains("420000", "429004")
    assert not contains("430100", "430000")
    assert not contains("430100", "430200")


@given(codes)
def test_every_region_lies_in_each_region_above_it(code: str) -> None:
    above = ancestors(code)

    assert all(contains(outer, code) for outer in above)
    assert [level(outer) for outer in above] == sorted({level(outer) for outer in above}, reverse=True)
    assert all(level(outer) < level(code) for outer in above)


@pytest.mark.parametrize("code", ["", "43", "43010", "4301020", "43010a", "４３０１００", "430102003001000"])
def test_anything_else_is_no_code(code: str) -> None:
    assert not regions.is_region_code(code)
    with pytest.raises(ValueError):
        level(code)


def test_provinces_have_their_names() -> None:
    assert regions.province_name("220102") == "吉林省"
    assert regions.province_of("430102") == "430000"
    assert regions.province_of("000000") == "000000"
    assert regions.province_name("990101") is None
    assert not regions.is_region_code("990101")
    assert len(regions.PROVINCES) == 34


@pytest.mark.parametrize(
    ("code", "twelve", "kind"),
    [
        ("430000", "430000000000", ""),
        ("220581", "220581000000", ""),
        ("220581102000", "220581102000", "镇"),
        ("220581001000", "220581001000", "街道"),
        ("640323201000", "640323201000", "乡"),
        ("220581102001", "220581102001", "居民委员会"),
        ("220581102200", "220581102200", "村民委员会"),
        ("220581602400", "220581602400", ""),
    ],
)
def test_twelve_digits_say_what_a_place_below_the_county_is(code: str, twelve: str, kind: str) -> None:
    assert regions.statistical_code(code) == twelve
    assert regions.kind_below(code) == kind


@given(codes)
def test_six_and_twelve_digits_mean_the_same_region(code: str) -> None:
    twelve, short = regions.statistical_code(code), regions.short_code(code)

    assert len(twelve) == 12
    assert regions.short_code(twelve) == short
    assert level(twelve) is level(short) is level(code)
    assert contains(code, twelve) and contains(twelve, code)
