# SPDX-License-Identifier: Apache-2.0
"""What people read about a due date, word for word."""

from datetime import date

from tongban.cases import reasons
from tongban.cases.clocks import Clock, Nature, Unit, begin
from tongban.cases.regimes import LICENCE, LICENCE_LENGTHENING, SPECIAL_PROCEDURES
from tongban.cases.tests.clocks_at_work import HOURS, a_regime, at

LICENCE_LAW = "《中华人民共和国行政许可法》"


def lines(clock: Clock, now: date = date(2026, 10, 20)) -> list[str]:
    return reasons.explain(clock, HOURS, at(now))


def test_a_licence_across_two_festivals() -> None:
    assert lines(begin(LICENCE["decision"], at(date(2026, 9, 14)))) == [
        f"法定办结时限为 20 个工作日，依据：{LICENCE_LAW}第四十二条。",
        "2026年9月14日（周一）为起算日，当日不计入期限。",
        "9月15日（周二）至9月18日（周五）计 4 个工作日。",
        "9月20日（周日）调休上班，计 1 个工作日。",
        "9月21日（周一）至9月24日（周四）计 4 个工作日。",
        "9月25日（周五）至9月27日（周日）为中秋节放假，不计入。",
        "9月28日（周一）至9月30日（周三）计 3 个工作日。",
        "10月1日（周四）至10月7日（周三）为国庆节放假，不计入。",
        "10月8日（周四）至10月9日（周五）计 2 个工作日。",
        "10月10日（周六）调休上班，计 1 个工作日。",
        "10月12日（周一）至10月16日（周五）计 5 个工作日。",
        "以上共 20 个工作日，到期日为2026年10月16日（周五）。",
    ]


def test_a_licence_with_a_hearing_and_an_extension() -> None:
    clock = begin(LICENCE["decision"], at(date(2026, 10, 12)))
    heard = clock.pause(SPECIAL_PROCEDURES["hearing"].pause(at(date(2026, 10, 15)), by_law=True)).resume(
        at(date(2026, 10, 29))
    )

    assert lines(heard.extend(LICENCE_LENGTHENING.granted(at(date(2026, 11, 2))))) == [
        f"法定办结时限为 20 个工作日，依据：{LICENCE_LAW}第四十二条。",
        "2026年10月12日（周一）为起算日，当日不计入期限。",
        f"2026年11月2日（周一）经批准延长 10 个工作日，依据：{LICENCE_LAW}第四十二条。",
        "10月13日（周二）至10月15日（周四）计 3 个工作日。",
        "10月15日（周四）因听证暂停计时，10月29日（周四）恢复，其间 10 个工作日不计入，"
        f"依据：{LICENCE_LAW}第四十五条。",
        "10月30日（周五）至12月7日（周一）计 27 个工作日，周末不计入。",
        "以上共 30 个工作日，到期日为2026年12月7日（周一）。",
    ]


def test_a_hearing_that_is_not_over() -> None:
    clock = begin(LICENCE["decision"], at(date(2026, 10, 12)))
    heard = clock.pause(SPECIAL_PROCEDURES["hearing"].pause(at(date(2026, 10, 13)), by_law=True))

    assert lines(heard)[2:] == [
        "10月13日（周二）计 1 个工作日。",
        f"2026年10月13日（周二）起因听证暂停计时，依据：{LICENCE_LAW}第四十五条。",
        "暂停结束之前不计时，也没有到期日；如果今天（10月20日（周二））结束，到期日为2026年11月16日（周一）。",
    ]


def test_a_pause_that_takes_no_time_is_said_too() -> None:
    clock = begin(LICENCE["decision"], at(date(2026, 10, 12)))
    shortly = clock.pause(SPECIAL_PROCEDURES["testing"].pause(at(date(2026, 10, 13)), by_law=True)).resume(
        at(date(2026, 10, 13), 15)
    )

    assert f"10月13日（周二）因检测暂停计时，不影响到期日，依据：{LICENCE_LAW}第四十五条。" in lines(shortly)


def test_hours_of_opening_time() -> None:
    clock = begin(a_regime(8, Unit.WORKING_HOUR, source="办事指南"), at(date(2026, 9, 30), 11, 20))

    assert lines(clock) == [
        "承诺办结时限为 8 个工作小时，依据：办事指南。",
        "2026年9月30日（周三）11:20开始计时，只计办理机关的办公时间。",
        "9月30日（周三）11:20至12:00计 40 分钟。",
        "9月30日（周三）13:30至17:00计 210 分钟。",
        "10月8日（周四）09:00至12:00计 180 分钟。",
        "10月8日（周四）13:30至14:20计 50 分钟。",
        "以上共 8 小时，到期时间为2026年10月8日（周四）14:20。",
    ]


def test_natural_days_of_an_applicant_that_end_in_a_holiday() -> None:
    declared = a_regime(10, Unit.NATURAL_DAY, kind="correction", source="办事指南", nature=Nature.APPLICANT)

    assert lines(begin(declared, at(date(2026, 9, 23)))) == [
        "补正期限为 10 个自然日，依据：办事指南。",
        "2026年9月23日（周三）为起算日，当日不计入期限。",
        "9月24日（周四）至10月3日（周六）计 10 个自然日。",
        "10月3日（周六）为休息日，期限顺延到其后第一个工作日10月8日（周四），"
        "参照《中华人民共和国民法典》第二百零三条。",
        "以上共 10 个自然日，到期日为2026年10月8日（周四）。",
    ]


def test_on_the_spot() -> None:
    assert lines(begin(a_regime(0), at(date(2026, 10, 20))))[1:] == [
        "2026年10月20日（周二）开始计时。",
        "应当当日办结，到期日为2026年10月20日（周二）。",
    ]


def test_beyond_the_published_plan_the_date_is_provisional() -> None:
    assert lines(begin(a_regime(20), at(date(2026, 12, 14))))[-2:] == [
        "以上共 20 个工作日，到期日为2027年1月11日（周一）。",
        "2026年12月31日（周四）以后的放假安排尚未公布，到期日为暂定。",
    ]
