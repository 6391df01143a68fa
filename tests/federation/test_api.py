# SPDX-License-Identifier: Apache-2.0
"""A program does through the API what a person does on pages."""

import json
from base64 import b64encode
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import story
from tests.people import CHEN, MA, WANG, ZHANG
from tests.world import World
from tongban.cases.models import Case, Material
from tongban.catalogue.search.queries import search
from tongban.identity.actions import issue_token
from tongban.identity.queries import forget_bearer
from tongban.identity.queries.looks import PURPOSES, looks
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, Role
from tongban.vault import files
from tongban.windows.queries import intake

HUNAN, GANSU = "430000", "620000"


def give_token(world: World, who: Actor) -> None:
    """Let a program act for somebody; again changes nothing."""
    mine = {"person": who.id} if who.role is Role.APPLICANT else {"staff": who.id}
    with world.at(who.node):
        issue_token(name="测试", at=world.clock.now(), token=f"test_{who.id}", **mine)


def ask(world: World, who: Actor, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    said = {"Authorization": f"Bearer test_{who.id}", "Content-Type": "application/json", **headers}
    url = f"{world.nodes[who.node].address}/api/v1{path}"
    sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    answer = world.request(who.node, method, url, said, sent, door="pages")
    return answer.status, json.loads(answer.body)


def application(world: World, **more: Any) -> dict[str, Any]:
    form = story.FORM | {"name": "张伟", "id_number": "99430119900307001X"}
    return {
        "task_code": story.item_of(world, GANSU, "430100"),
        "version": 1,
        "answers": {"who": "self", "purpose": "job"},
        "form": form,
        "materials": [MATERIAL],
    } | more


def test_a_program_submits_an_application_with_its_files_once(world: World) -> None:
    zhang, key = story.visitor(world, ZHANG, GANSU), {"Idempotency-Key": "one-of-a-kind"}
    give_token(world, zhang)
    status, first = ask(world, zhang, "POST", "/cases", application(world), **key)
    again = ask(world, zhang, "POST", "/cases", application(world), **key)

    assert (status, first["is_new"]) == (201, True)
    assert again == (200, first | {"is_new": False})
    with world.at(GANSU):
        assert Case.objects.count() == 1
        kept = Material.objects.get(case_id=first["case_id"])
        assert files.has(f"case:{first['case_id']}", kept.digest)


def test_what_lacks_a_required_file_is_refused_by_its_name(world: World) -> None:
    zhang = story.visitor(world, ZHANG, GANSU)
    give_token(world, zhang)
    lacking = application(world, materials=[])
    status, problem = ask(world, zhang, "POST", "/cases", lacking, **{"Idempotency-Key": "one-of-a-kind"})

    assert (status, problem["code"], problem["field"]) == (422, "draft_incomplete", "id_card")


def test_submit_move_and_worklist_take_few_statements_whatever_happens_around_them(world: World) -> None:
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    asked = application(world, again=story.AGAIN)
    for number in (1, 2):  # what is kept in the process is read once
        key = {"Idempotency-Key": f"one-of-a-kind-{number}"}
        submit, made = counted(world, zhang, "POST", "/cases", asked, **key)
        world.settle()
        move, _ = counted(world, chen, "POST", f"/cases/{made['case_id']}/moves/accept")
        worklist, page = counted(world, chen, "GET", "/cases")

    assert len(page["rows"]) == 2
    assert (submit, move, worklist) == (3, 3, 2)


def counted(world: World, who: Actor, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """How many statements a request takes, and its answer."""
    give_token(world, who)
    with world.at(who.node):
        trust_list()  # this and the token are looked at again once a second
        forget_bearer(f"test_{who.id}")
    with world.at(who.node), CaptureQueriesContext(connection) as queries:
        status, told = ask(world, who, method, path, body, **headers)
        assert status < 400, told
        return len(queries), told


def test_the_applicant_is_covered_for_programs_of_the_staff_until_they_ask_and_leave_a_row(federation: World) -> None:
    world = federation
    zhang, chen = story.visitor(world, ZHANG, HUNAN), story.approver(world, CHEN)
    number = story.submit(world, zhang, story.item_of(world, HUNAN, "430100")).receipt_no
    world.settle()
    for who in (zhang, chen):
        give_token(world, who)

    own, read = (ask(world, who, "GET", f"/cases/{number}")[1] for who in (zhang, chen))
    queue = ask(world, chen, "GET", "/cases")[1]
    assert own["applicant_name"] == ZHANG.name
    for covered in (read, queue):
        assert not any(told in json.dumps(covered, ensure_ascii=False) for told in (ZHANG.name, ZHANG.id_number, "138"))
    status, shown = ask(world, chen, "POST", f"/cases/{number}/person")
    assert (status, shown["name"], shown["id_number"]) == (200, ZHANG.name, ZHANG.id_number)
    ask(world, chen, "GET", f"/cases/{number}/evidence")
    stranger = story.visitor(world, WANG, HUNAN)
    give_token(world, stranger)
    assert ask(world, stranger, "POST", f"/cases/{number}/person")[0] == 404
    assert ask(world, zhang, "POST", f"/cases/{number}/person")[0] == 403
    with world.at(HUNAN):
        assert {each.purpose for each in looks(zhang.index)} == {PURPOSES[p] for p in ("case", "unmask", "evidence")}


def test_a_program_goes_the_whole_way_of_an_applicant_and_of_an_office(world: World) -> None:
    world.resting = {"notices"}
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    for each in (zhang, chen):
        give_token(world, each)
    _, draft = ask(world, zhang, "POST", "/drafts", {"task_code": story.item_of(world, GANSU, "430100")})
    at = f"/drafts/{draft['id']}"
    told = {"answers": {"who": "self", "purpose": "job"}, "form": story.FORM | {"phone": "1"}}
    _, draft = ask(world, zhang, "PATCH", at, told)
    assert {each["field"] for each in draft["missing"]} == {"phone", "id_card"}
    ask(world, zhang, "PATCH", at, {"form": {"phone": story.FORM["phone"]}})
    _, draft = ask(world, zhang, "PUT", f"{at}/materials/id_card/a.png", story.PNG)
    assert not draft["missing"]
    status, made = ask(world, zhang, "POST", f"{at}/submission", {"seen": draft["digest"]})
    assert status == 200 and ask(world, zhang, "POST", f"{at}/submission")[1]["case_id"] == made["case_id"]
    world.settle()

    case = f"/cases/{made['case_id']}"
    wrong = {"what": "请更正单位。", "fields": '{"receiver": "写全称。"}', "wrong": "id_card"}
    _, notice = ask(world, chen, "POST", f"{case}/moves/request_correction/preview", {"facts": wrong})
    assert "证明交给哪个单位（写全称）" in str(notice["words"])
    assert ask(world, chen, "POST", f"{case}/moves/request_correction", {"facts": wrong})[0] == 200
    world.settle()
    _, page = ask(world, zhang, "GET", case)
    assert [each[0]["name"] for each in page["correction"]["fields"]] == ["receiver"]
    for fields, code in (("[]", "fields_unread"), ('{"phone": "1"}', "option_not_offered")):
        asked = {"facts": {"note": "好。", "corrected": fields}}
        assert ask(world, zhang, "POST", f"{case}/moves/correct", asked)[1]["code"] == code
    right = {"facts": {"note": "好。", "corrected": '{"receiver": "长沙某某公司"}'}, "materials": [MATERIAL]}
    assert ask(world, zhang, "POST", f"{case}/moves/correct", right, **{"Idempotency-Key": "correct-1"})[0] == 202
    world.settle()
    assert ask(world, zhang, "POST", f"{case}/moves/correct", right, **{"Idempotency-Key": "correct-1"})[0] == 409
    _, page = ask(world, chen, "GET", case)
    assert page["changes"][0]["fields"][0][2] == "长沙某某公司" and page["changes"][0]["files"][0][0].startswith(
        "申请人"
    )

    for move, facts in {
        "accept": {},
        "sign_step": {"step": "review", "opinion": "无。"},
        "grant": {"note": "同意。"},
    }.items():
        assert ask(world, chen, "POST", f"{case}/moves/{move}", {"facts": facts})[0] == 200
    world.settle()
    _, page = ask(world, zhang, "GET", case)
    assert fetched(world, zhang, "POST", f"{case}/result").startswith(b"%PDF")
    assert fetched(world, zhang, "GET", f"{case}/materials/1") == story.PNG
    _, said = ask(world, zhang, "GET", "/messages")
    assert said["unread"] == len(said["messages"]) > 1
    assert ask(world, zhang, "POST", "/messages/read")[1]["unread"] == 0
    assert ask(world, zhang, "GET", "/my-cases")[1]["cases"][0]["receipt_no"] == made["receipt_no"]


def test_a_halls_program_takes_in_what_its_clerk_may(world: World) -> None:
    ma = story.officer(world, MA)
    give_token(world, ma)
    with world.at(GANSU):
        task = next(i.task_code for i in search("全部还清证明").items if "长沙" in i.publisher_name)
    _, begun = ask(world, ma, "POST", "/intakes")
    at = f"/intakes/{begun['id']}"
    who = {"name": ZHANG.name, "id_number": ZHANG.id_number, "phone": ZHANG.phone}
    ask(world, ma, "PATCH", at, {"applicant": who})
    world.settle()
    told = {"task_code": task, "answers": {"who": "self"}, "form": {"repaid_on": "2026-10-01", "loan_city": "兰州市"}}
    _, page = ask(world, ma, "PATCH", at, told)
    assert page["applicant"]["name"] == "张*" and ZHANG.id_number not in str(page["applicant"])
    fields = {each["name"]: each for section in page["sections"] for each in section["fields"]}
    assert fields["repaid_on"]["value"] == "2026-10-01"  # tells of nobody
    assert ZHANG.phone not in str(page) and ZHANG.id_number not in str(page) and ZHANG.name not in str(fields)
    ask(world, ma, "PATCH", at, {"form": {"repaid_on": "2026-10-02"}})
    with world.at(GANSU):  # what was covered in the answer stays what it was
        kept = {each.name: each.value for each in intake(UUID(begun["id"]), ma).fields}
    assert kept["repaid_on"] == "2026-10-02" and kept["phone"] == ZHANG.phone
    needs = [need["code"] for need in page["requirements"]]
    for need in needs:
        ask(world, ma, "POST", f"{at}/materials", MATERIAL | {"requirement": need})
    good = {"checks": {need: {"verdict": "good"} for need in needs}, "delivery": {"way": "net"}}
    _, page = ask(world, ma, "PATCH", at, good)
    assert page["missing"] == []
    status, ended = ask(world, ma, "POST", f"{at}/verdict", {"verdict": "collect"})
    assert status == 200 and ended["case"]["receipt_no"].startswith("6201")
    assert ask(world, ma, "GET", at)[1]["receipt_no"] == ended["case"]["receipt_no"]


MATERIAL = {"requirement": "id_card", "filename": "身份证.png", "content": b64encode(story.PNG).decode()}


def fetched(world: World, who: Actor, method: str, path: str) -> bytes:
    """A file that a program is given."""
    url = f"{world.nodes[who.node].address}/api/v1{path}"
    answer = world.request(who.node, method, url, {"Authorization": f"Bearer test_{who.id}"}, b"", door="pages")
    assert answer.status == 200, answer.body
    return answer.body
