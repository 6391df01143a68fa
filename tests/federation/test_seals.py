# SPDX-License-Identifier: Apache-2.0
"""The seal of an organization in the hands of its custodian, and papers checked with no node at all."""

import html
import re
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import story
from tests.desks import Browser, Desk, Phone
from tests.people import CHEN, LI, LIU, SUN, WANG, ZHANG, staff
from tests.world import START, World
from tongban.cli.licence import licence as command
from tongban.dossier.trust import fingerprint
from tongban.licences import queries
from tongban.licences.actions import change, publish_status
from tongban.licences.check_code import code_of
from tongban.licences.models import Licence, Seal, SealUse
from tongban.licences.seals.queries import seal_of
from tongban.licences.status_list import FRESH
from tongban.regions.queries import trust_list
from tongban.vault.files import digest_of

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
LIN = staff("linyue", HUNAN)  # keeps the seal of Changsha's police


def granted(world: World) -> str:
    """The receipt number of a case of 张伟's that Chen has granted."""
    given = story.submit(world, story.visitor(world, ZHANG, GANSU), story.item_of(world, GANSU, "430100"))
    world.settle()
    story.decide(world, story.approver(world, CHEN), given.case_id)
    world.settle()
    return given.receipt_no


def seal(world: World) -> Seal:
    with world.at(HUNAN):
        found = seal_of(CHEN.organization.code)
    assert found is not None
    return found


def paper(world: World) -> tuple[Licence, bytes]:
    with world.at(HUNAN):
        row = Licence.objects.get(is_notice=False)
        return row, b"".join(queries.file(row))


def saved(world: World, node: str, path: str) -> bytes:
    """What a browser saves from a node's public pages."""
    with world.at(node):
        answer = Browser(world, node).client.get(path)
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def text(page: str) -> str:
    inside = page.partition("<main")[2].partition("</main")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", inside)))


def test_a_suspended_seal_seals_nothing_until_its_custodian_lets_it(federation: World) -> None:
    desk, row = Desk(federation, LIN), seal(federation)
    path = f"/desk/seals/{row.id}/"
    assert row.organization_name in desk.get("/desk/seals/")
    page = desk.post(f"{path}act/", {"act": "suspend", "reason": ""})
    assert desk.answer.status_code == 422 and "请写明原因" in page
    assert "从现在起不再盖章" in desk.post(f"{path}act/", {"act": "suspend", "reason": "印章存储设备检修。"})

    granted(federation)

    office = Desk(federation, CHEN)
    assert "电子印章已停用，文书等印章可以使用时自动盖章" in text(office.open(str(paper_row(federation).case_id)))
    assert "份文书等待这枚印章" in text(desk.get(path))
    desk.post(f"{path}act/", {"act": "resume", "reason": "检修完毕。"})
    federation.settle()
    assert paper_row(federation).state == "ready"
    with federation.at(HUNAN):
        use = SealUse.objects.get(licence_id=paper_row(federation).id)
    assert (use.person, use.case_id) == (story.approver(federation, CHEN).pseudonym, paper_row(federation).case_id)
    shown = text(desk.get(path))
    assert CHEN.name in shown and use.number in shown and "印章存储设备检修" in shown
    with federation.at(HUNAN), CaptureQueriesContext(connection) as counted:
        desk.client.get(path)
        assert len(counted.captured_queries) == 8
    picture = saved_by(desk, f"{path}image.svg")
    assert picture.startswith(b"<svg")


def paper_row(world: World) -> Licence:
    with world.at(HUNAN):
        return Licence.objects.get(is_notice=False)


def saved_by(desk: Desk, path: str) -> bytes:
    with desk.world.at(desk.node):
        return b"".join(desk.client.get(path).streaming_content)  # type: ignore[attr-defined]


def test_who_has_nothing_to_do_with_a_seal_is_answered_as_if_there_were_none(federation: World) -> None:
    path = f"/desk/seals/{seal(federation).id}/"
    nowhere = "/desk/seals/0196a1f2-7c3e-7d10-9c55-2b9a4a8f1c77/"
    for who in (CHEN, staff("fangmin", HUNAN), staff("tangli", HUNAN), staff("luojun", HUNAN)):
        desk = Desk(federation, who)
        answers = []
        for each in (path, nowhere):
            codes = []
            for asked in ("", "image.svg"):
                desk.get(f"{each}{asked}")
                codes.append(desk.answer.status_code)
            desk.post(f"{each}act/", {"act": "suspend", "reason": "x"})
            answers.append([*codes, desk.answer.status_code])
        assert answers == [[404, 404, 404]] * 2
        assert desk.get("/desk/seals/new/") and desk.answer.status_code == 403
    assert Desk(federation, CHEN).get("/desk/seals/") is not None
    assert "登记印章" in Desk(federation, SUN).get("/desk/seals/")


def test_a_file_is_checked_with_no_node_by_two_saved_lists(federation: World, tmp_path: Path) -> None:
    granted(federation)
    row, data = paper(federation)
    with federation.at(HUNAN):
        publish_status(federation.clock.now())
        hub = trust_list().node(trust_list().hub)
    files = {"paper": data, "trust": saved(federation, GANSU, "/verify/trust-list.json")}
    files["status"] = saved(federation, HUNAN, "/verify/status-list.json")
    files["changed"] = data[:900] + bytes([data[900] ^ 1]) + data[901:]
    middle = len(files["status"]) // 2
    files["odd"] = files["status"][:middle] + bytes([files["status"][middle] ^ 1]) + files["status"][middle + 1 :]
    with federation.at(GANSU):
        publish_status(federation.clock.now())
    files["other"] = saved(federation, GANSU, "/verify/status-list.json")
    key = next(fingerprint(key) for key in hub.keys if key.use == "exchange")

    def check(file: str = "paper", status: str = "status", trust: str = "trust", hub_key: str = key) -> tuple[int, str]:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        more = ["--status", str(tmp_path / status)] if status else []
        more += ["--trust", str(tmp_path / trust), "--hub-key", hub_key] if trust else []
        done = CliRunner().invoke(command, ["verify", str(tmp_path / file), *more])
        return done.exit_code, done.output

    assert check() == (0, check()[1]) and "结论：有效。" in check()[1]
    assert check(file="changed")[0] == 1
    assert check(file="changed", trust="")[0] == 1
    doubtful = ({"status": ""}, {"status": "odd"}, {"status": "other"}, {"trust": ""}, {"hub_key": "0" * 64})
    assert [check(**each)[0] for each in doubtful] == [4] * len(doubtful)
    assert check(trust="odd")[0] == 4
    federation.pass_time(FRESH)
    assert check()[0] == 5
    suspend(federation, row)
    files["newer"] = saved(federation, HUNAN, "/verify/status-list.json")
    assert check(status="newer")[0] == 3 and "“暂扣”" in check(status="newer")[1]
    federation.pass_time(timedelta(days=1000))
    assert check(status="newer")[0] == 3
    assert check()[0] == 5 and "信任名单已于" in check()[1]


def suspend(world: World, row: Licence) -> None:
    with world.at(HUNAN):
        who = story.approver(world, CHEN)
        change(row.id, "suspend", reason="正在核查。", basis="行政处罚法第九条", actor=who, at=world.clock.now())
    world.settle()


def test_by_number_and_code_only_how_it_stands_is_told(federation: World) -> None:
    granted(federation)
    row = paper_row(federation)
    browser = Browser(federation, HUNAN)
    good = {"number": row.number, "code": code_of(row.id).lower().replace("-", " ")}

    shown = text(browser.post("/verify/number/", good))
    assert browser.path == f"/verify/{row.id}"
    with federation.at(HUNAN), CaptureQueriesContext(connection) as counted:
        browser.client.get(browser.path)
        assert len(counted.captured_queries) == 1
    assert "现在有效" in shown and "430000" in shown and "截至" in shown
    for private in (row.holder_name[0], row.name, row.issuer_name, row.number):
        assert private not in shown
    wrong = [browser.post("/verify/number/", good | {"code": "AAAAA-AAAAA"}), browser.answer.status_code]
    other = f"{row.number[:-2]}{(int(row.number[-2]) + 1) % 10}号"
    unknown = [browser.post("/verify/number/", good | {"number": other}), browser.answer.status_code]
    plain = [re.sub(r'value="[^"]*"', "", str(each[0])) for each in (wrong, unknown)]
    assert (wrong[1], unknown[1]) == (404, 404)
    assert plain[0] == plain[1]


def test_an_ofd_and_a_copy_for_one_matter_are_known_as_the_licence_is(federation: World) -> None:
    wang = story.visitor(federation, WANG, JILIN)
    given = story.submit(federation, wang, story.item_of(federation, JILIN, "220100"))
    federation.settle()
    story.decide(federation, story.approver(federation, LIU), given.case_id)
    federation.settle()
    phone = Phone(federation, WANG)
    assert "下载 OFD 版式文件" in phone.open(given.receipt_no)
    with federation.at(JILIN):
        answer = phone.client.post(f"/cases/{given.receipt_no}/result/", {"form": "ofd"})
        data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.headers["Content-Type"] == "application/ofd"

    def shown(node: str, content: bytes) -> str:
        return text(Browser(federation, node).post("/verify/", {"file": SimpleUploadedFile("a.ofd", content)}))

    assert "通过：文件真实" in shown(GANSU, data) and "吉林" in shown(GANSU, data)
    assert "没有通过" in shown(GANSU, data[:999] + bytes([data[999] ^ 1]) + data[1000:])
    federation.settle()
    assert "确已签发这份文书" in shown(GANSU, data)

    asked = f"/cases/{given.receipt_no}/copy/"
    assert "为一件事出具副本" in phone.open(given.receipt_no)
    for wrong in ({"matter": "", "until": "2026-12-31"}, {"matter": "入职", "until": "2031-01-01"}, {"matter": "入职"}):
        phone.post(asked, wrong)
        assert phone.answer.status_code == 422
    with federation.at(JILIN):
        answer = phone.client.post(asked, {"matter": "办理入职手续", "until": "2026-12-31"})
        copied = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        row = Licence.objects.get(is_notice=False)
        assert SealUse.objects.filter(licence_id=row.id, name__endswith="（副本）").count() == 1
        assert not Licence.objects.filter(file_digest=digest_of(copied)).exists()
    assert "通过：文件真实" in shown(JILIN, copied) and "有效" in shown(JILIN, copied)
    with federation.at(JILIN):
        change(
            row.id,
            "suspend",
            reason="核查。",
            basis="行政处罚法第九条",
            actor=story.approver(federation, LIU),
            at=START,
        )
    assert "“暂扣”状态，请不要采信" in shown(JILIN, copied)
    phone.post(asked, {"matter": "办理入职手续", "until": "2026-12-31"})
    assert phone.answer.status_code == 409
    stranger = Phone(federation, LI)
    assert stranger.get(asked) and stranger.answer.status_code == 404
