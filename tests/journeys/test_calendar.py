# SPDX-License-Identifier: Apache-2.0
"""An operator keeps the calendar from the command line."""

from pathlib import Path

from tests.journeys.running import Demo
from tongban.demo.people import ORGANIZATIONS

NODE, YEAR = "130000", 2029  # far from any date that other journeys see
PLAN = f"date,kind,name\n{YEAR}-02-12,放假,春节\n{YEAR}-02-17,上班,\n"


def calendar(demo: Demo, *words: str) -> tuple[int, str]:
    done = demo.tongban_at(NODE, "calendar", *words)
    return done.returncode, done.stdout + done.stderr


def test_a_published_plan_is_looked_at_imported_and_seen(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(PLAN, encoding="utf-8")
    words = ("import", str(file), "--year", str(YEAR), "--source", f"关于{YEAR}年部分节假日安排的通知")

    assert calendar(demo, *words, "--dry-run") == (
        0,
        f"{YEAR}-02-12  照常 → 放假 春节\n{YEAR}-02-17  照常 → 上班 调休上班\n",
    )
    assert "2 天有变化" in calendar(demo, *words)[1]
    assert "没有变化" in calendar(demo, *words)[1]
    assert f"{YEAR}-02-17  上班  调休上班" in calendar(demo, "show", "--year", str(YEAR))[1]
    assert calendar(demo, "import", "--year", str(YEAR + 1)) == (
        1,
        f"随软件安装的节假日数据还没有{YEAR + 1}年的放假安排，请用文件导入。\n",
    )


def test_an_organization_enters_its_days_and_hours(demo: Demo) -> None:
    office = next(each.code for each in ORGANIZATIONS.values() if each.node == NODE)
    festival = (f"{YEAR}-08-06", "--off", "--name", "火把节", "--source", "州规定")

    assert "1 天有变化" in calendar(demo, "set-day", office, *festival)[1]
    hours = calendar(demo, "hours", office, "--open", "1-5 09:00-12:00 13:00-17:30", "--source", "办事指南")
    assert hours[1].startswith("周一  09:00-12:00 13:00-17:30\n")
    assert "周六  不办公" in hours[1]
    assert "全天不办公" in calendar(demo, "open-on", office, f"{YEAR}-08-07", "--reason", "系统升级")[1]
    assert calendar(demo, "hours", office, "--open", "周一 九点", "--source", "办事指南")[0] == 1
