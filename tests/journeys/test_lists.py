# SPDX-License-Identifier: Apache-2.0
"""An operator brings a whole list from the command line; it waits for a person of its publisher."""

from pathlib import Path

from tests.journeys.running import Demo
from tongban.demo.people import ORGANIZATIONS

NODE, OFFICE = "130000", ORGANIZATIONS["hebei-centre"]
CSV = "事项名称,批次,办理模式\n学历公证,2020,全程网办\n失业登记,2020,\n"


def lists(demo: Demo, *words: str) -> tuple[int, str]:
    done = demo.tongban_at(NODE, "lists", *words)
    return done.returncode, done.stdout + done.stderr


def test_a_list_is_tried_and_imported_whole_or_not_at_all(demo: Demo, tmp_path: Path) -> None:
    good, bad = tmp_path / "list.csv", tmp_path / "bad.csv"
    good.write_text(CSV, encoding="utf-8")
    bad.write_text(CSV + "失业登记,2020,半程网办\n", encoding="gbk")
    said = ("--organization", OFFICE.code, "--list", "journey", "--title", "演示清单", "--scope", "cross_province")

    assert "河北省“跨省通办”事项清单（演示）" in lists(demo, "show")[1]
    code, told = lists(demo, "import", str(bad), *said)
    assert (code, "第4行“办理模式”列" in told, "没有导入任何内容" in told) == (1, True, True)
    code, told = lists(demo, "import", str(good), *said, "--dry-run")
    assert (code, told.splitlines()[0]) == (0, "新增 2 条，修改 0 条，删去 0 条，不变 0 条。")
    assert "等待该机构的事项管理员审核" in lists(demo, "import", str(good), *said)[1]
    assert "已有一份尚未发布的草稿" in lists(demo, "import", str(good), *said)[1]
    assert lists(demo, "import", str(good), *said[:4]) == (1, "这是一份新清单，请写明名称和范围。\n")
