# SPDX-License-Identifier: Apache-2.0
"""Materials that nobody has to bring: had from where they were issued, tried way by way, looked at again."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import story
from tests.desks import Desk, Phone
from tests.people import LIU, WANG, ZHANG, ZHOU, staff
from tests.world import World
from tongban.cases import actions as cases
from tongban.cases.actions.gathering import agree, reuse
from tongban.cases.errors import LicenceGone
from tongban.cases.models import Attempt
from tongban.cases.queries import case_page, draft, material_file
from tongban.cases.queries.drafts import DraftPage, RequirementView
from tongban.catalogue.search.queries import search
from tongban.demo.content import IDENTITY_CARD
from tongban.demo.people import ORGANIZATIONS
from tongban.exchange import question
from tongban.exchange.models import Asked
from tongban.exchange.question import Question
from tongban.ledger.queries import story as diary
from tongban.licences.actions import Grant, change, issue_paper
from tongban.licences.models import Licence, LicenceUse
from tongban.licences.types.actions import publish_recognition
from tongban.licences.uses import asking
from tongban.licences.uses.actions import end_grant, grant_use
from tongban.licences.uses.errors import (
    CallReused,
    ConsentOver,
    FieldNotGranted,
    GrantStands,
    NotGranted,
    NotHeld,
)
from tongban.licences.uses.queries import FIELDS, grants, standing_grants, uses_of
from tongban.standards.actor import Actor, Role, system
from tongban.standards.refusal import BadInput, NotAllowed, NotFound
from tongban.vault import keys

GANSU, JILIN, HUNAN = "620000", "220000", "430000"
CARD, FUND, ENQUIRY = "居民身份证", ORGANIZATIONS["lanzhou-fund"], "个人住房公积金缴存贷款等信息查询"
POLICE = ORGANIZATIONS["changchun-police"]
MAHUI = staff("mahui", GANSU)  # approver of Lanzhou's fund
FORM = {"phone": "19900000002", "from": "2020-01-01", "until": "2026-10-01"}
WHY = {"reason": "持证人已经换领。", "basis": "行政处罚法第九条"}


def issued(world: World, to: Actor, node: str = JILIN) -> UUID:
    """An identity card of somebody as a licence of Changchun's police; its file is made."""
    grant = Grant(
        type_code="certificate",
        name=CARD,
        facts={"paragraphs": ["持证人身份信息（演示）。"]},
        holder_name=to.name,
        holder_index=to.index,
        issuer=POLICE.code,
        issuer_name=POLICE.name,
        region=POLICE.region,
        task_code="",
        case_id=None,
        subject=f"licence-test:{uuid4()}",
    )
    with world.at(node):
        key, wrapped = keys.new_key()
        number = issue_paper(grant, key=key, wrapped=wrapped, at=world.clock.now())
    world.settle()
    with world.at(node):
        return Licence.objects.get(number=number).id


def granted(world: World, daily: int = 5, fields: tuple[str, ...] = tuple(FIELDS)) -> UUID:
    """Lanzhou's fund may call identity cards of Jilin."""
    sun = replace(story.officer(world, staff("sunqiang", JILIN)), role=Role.OPERATOR)
    with world.at(JILIN):
        for each in standing_grants():
            end_grant(each.id, actor=sun, at=world.clock.now())
        if not fields:
            return uuid4()
        return grant_use(
            FUND.code,
            FUND.name,
            CARD,
            fields=fields,
            daily=daily,
            until=date(2027, 12, 31),
            actor=sun,
            at=world.clock.now(),
        )


def begun(world: World, who: Actor) -> UUID:
    """The application, filled in but for its material."""
    now = world.clock.now()
    with world.at(GANSU):
        task = search(ENQUIRY, "620100").items[0].task_code
        made = cases.start_draft(task, actor=who, at=now)
        cases.answer(made, "about", "deposit", actor=who, at=now)
        cases.fill(made, FORM, actor=who, at=now)
    return made


def agreed(world: World, made: UUID, who: Actor, node: str = JILIN) -> RequirementView:
    """The applicant lets the system have it, and the workers have worked."""
    with world.at(GANSU):
        agree(made, "id_card", node, actor=who, at=world.clock.now())
    world.settle()
    return card(world, made, who)


def card(world: World, made: UUID, who: Actor) -> RequirementView:
    return page(world, made, who).requirements[0]


def page(world: World, made: UUID, who: Actor) -> DraftPage:
    with world.at(GANSU):
        return draft(made, who)


@pytest.fixture
def wang(federation: World) -> Actor:
    """At home in Jilin, applying in Gansu."""
    return story.visitor(federation, WANG, GANSU)


def test_a_licence_issued_elsewhere_takes_the_place_of_an_upload(federation: World, wang: Actor) -> None:
    home = story.visitor(federation, WANG, JILIN)
    issued(federation, home)
    granted(federation)
    made = begun(federation, wang)

    need = agreed(federation, made, wang)
    assert need.standing.met is not None and len(need.given) == 1
    assert not need.standing.may_fetch
    with federation.at(GANSU):
        submitted = cases.submit_draft(made, actor=wang, at=federation.clock.now())
    federation.settle()

    desk = story.approver(federation, MAHUI)
    with federation.at(GANSU):
        shown = case_page(submitted.receipt_no, desk)
        (tried,), (file,) = shown.tried, shown.materials
        content = b"".join(material_file(submitted.receipt_no, file.number, desk).chunks)
    assert (tried.way_name, tried.is_met, tried.issuer, tried.standing) == ("调取电子证照", True, POLICE.name, "")
    assert (file.level, file.mark) == ("A", "签发机关提供，可以直接使用")
    assert content.startswith(b"%PDF-")
    with federation.at(JILIN):
        (use,) = uses_of(home.index)
        verbs = [line.verb for line in diary(f"licence:{use.licence_id}")]
    assert (use.organization, use.item_name, use.business_code) == (FUND.code, ENQUIRY, str(made))
    assert (use.username, use.outcome, use.consented_until) == (wang.pseudonym, "given", date(2026, 12, 23))
    assert verbs.count("licence.used") == 1


def test_one_that_is_revoked_where_it_was_issued_is_refused_within_the_minute(federation: World, wang: Actor) -> None:
    home = story.visitor(federation, WANG, JILIN)
    card_id = issued(federation, home)
    granted(federation)
    made, other = begun(federation, wang), story.approver(federation, MAHUI)
    agreed(federation, made, wang)
    with federation.at(GANSU):
        submitted = cases.submit_draft(made, actor=wang, at=federation.clock.now())
        now = federation.clock.now()
        cases.make_move(submitted.case_id, "accept", actor=other, at=now)
        step = {"step": "review", "opinion": "材料齐全。"}
        cases.make_move(submitted.case_id, "sign_step", actor=other, at=now, facts=step)

    with federation.at(JILIN):
        change(card_id, "withdraw", actor=story.approver(federation, LIU), at=federation.clock.now(), **WHY)
    federation.settle()

    with federation.at(GANSU):
        assert case_page(submitted.receipt_no, other).tried[0].standing == "吊销"
        with pytest.raises(LicenceGone, match="吊销"):
            cases.make_move(submitted.case_id, "grant", actor=other, at=now, facts={"note": "同意。"})
    again = begun(federation, wang)
    need = agreed(federation, again, wang)
    first = need.standing.failed[0]
    assert (first.outcome, first.says) == ("licence_does_not_count", "这份证照现在不是有效状态，不能使用。")


def test_a_licence_that_went_while_the_form_was_open_is_refused_at_intake(federation: World, wang: Actor) -> None:
    card_id = issued(federation, story.visitor(federation, WANG, JILIN))
    granted(federation)
    made = begun(federation, wang)
    agreed(federation, made, wang)
    with federation.at(JILIN):
        change(card_id, "suspend", actor=story.approver(federation, LIU), at=federation.clock.now(), **WHY)
    federation.settle()

    with federation.at(GANSU), pytest.raises(LicenceGone, match="暂扣"):
        cases.submit_draft(made, actor=wang, at=federation.clock.now())


def test_a_source_that_is_down_opens_the_next_way_and_the_page_says_so(federation: World, wang: Actor) -> None:
    made = begun(federation, wang)
    federation.network.down.add(JILIN)
    with federation.at(GANSU):
        agree(made, "id_card", JILIN, actor=wang, at=federation.clock.now())
        agree(made, "id_card", JILIN, actor=wang, at=federation.clock.now())  # pressed twice
    federation.settle()
    need = card(federation, made, wang)
    assert need.standing.open is not None and not need.standing.may_fetch
    federation.pass_time(timedelta(seconds=31))
    federation.settle()

    need = card(federation, made, wang)
    assert [(each.way, each.says) for each in need.standing.failed] == [
        ("licence", "签发地的系统暂时没有答复。"),
        ("shared", "本节点还没有接通共享数据“人口基础信息”。"),
    ]
    assert need.standing.open is None and need.standing.may_fetch
    with federation.at(GANSU):
        cases.add_material(made, "id_card", "a.png", [story.PNG], actor=wang, at=federation.clock.now())
        submitted = cases.submit_draft(made, actor=wang, at=federation.clock.now())
        shown = case_page(submitted.receipt_no, wang)
    assert [each.is_met for each in shown.tried] == [False, False]
    assert shown.materials[0].level == "C"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((), "licence_use_not_granted"),
        (("number",), "licence_field_not_granted"),
        (tuple(FIELDS), "licence_not_held"),
    ],
)
def test_beyond_what_was_granted_is_refused_by_name(
    federation: World, wang: Actor, fields: tuple[str, ...], code: str
) -> None:
    granted(federation, fields=fields)
    need = agreed(federation, begun(federation, wang), wang)

    assert need.standing.failed[0].outcome == code
    with federation.at(JILIN):
        assert [use.outcome for use in LicenceUse.objects.all()] == [code]


def test_a_call_that_is_refused_here_is_noted_here(federation: World, wang: Actor) -> None:
    need = agreed(federation, begun(federation, wang), wang, GANSU)

    with federation.at(GANSU):
        assert [use.outcome for use in LicenceUse.objects.all()] == [need.standing.failed[0].outcome]


def question_of(world: World, made: UUID, who: Actor) -> Question:
    """What Gansu is about to ask Jilin for this application; nothing of it has crossed."""
    world.network.down.add(JILIN)
    with world.at(GANSU):
        agree(made, "id_card", JILIN, actor=who, at=world.clock.now())
    world.settle()
    with world.at(GANSU):
        row = Asked.objects.get(kind=asking.USE)
        return question.read(keys.unseal_personal(row.document, row.id.bytes))


def test_a_node_that_died_before_it_kept_its_answer_gives_the_same_again_and_counts_once(
    federation: World, wang: Actor
) -> None:
    home = story.visitor(federation, WANG, JILIN)
    issued(federation, home)
    granted(federation, daily=1)
    made = begun(federation, wang)
    asked = question_of(federation, made, wang)
    with federation.at(JILIN):
        asking.tell(asked, federation.clock.now())  # noted, and the worker is killed
    federation.network.down.clear()
    federation.pass_time(timedelta(seconds=3))
    federation.settle()

    assert card(federation, made, wang).standing.met is not None
    with federation.at(JILIN):
        (use,) = uses_of(home.index)
        verbs = [line.verb for line in diary(f"licence:{use.licence_id}")]
    assert (use.outcome, verbs.count("licence.used")) == ("given", 1)


def test_the_identity_of_a_call_cannot_be_used_by_another_node_or_for_another_holder(
    federation: World, wang: Actor
) -> None:
    home = story.visitor(federation, WANG, JILIN)
    issued(federation, home)
    granted(federation)
    asked = question_of(federation, begun(federation, wang), wang)
    with federation.at(JILIN):
        asking.tell(asked, federation.clock.now())
        other = asked.body | {"holder_number": ZHANG.id_number}
        for again in (replace(asked, asker=HUNAN), replace(asked, body=other)):
            with pytest.raises(CallReused):
                asking.tell(again, federation.clock.now())
        assert [(use.node_code, use.outcome) for use in LicenceUse.objects.all()] == [(GANSU, "given")]


def test_whoever_has_no_grant_learns_of_nobody_whether_they_hold_a_licence(federation: World, wang: Actor) -> None:
    issued(federation, story.visitor(federation, WANG, JILIN))
    granted(federation, fields=("number",))
    asked = question_of(federation, begun(federation, wang), wang)
    foreign = asked.body | {"organization": POLICE.code}  # of Jilin: Gansu cannot ask in its name
    no_grant = asked.body | {"name": "结婚证", "type_code": ""}
    with federation.at(JILIN):
        for body in (asked.body, foreign, no_grant):
            heard = []
            for number, who in enumerate((WANG, ZHOU)):  # one has it, the other has not
                again = replace(asked, id=uuid4(), body=body | {"holder_number": who.id_number})
                with pytest.raises((NotGranted, FieldNotGranted)) as no:
                    asking.tell(again, federation.clock.now() + timedelta(seconds=number))
                heard.append((no.value.code, no.value.sentence))
            assert heard[0] == heard[1]


def test_a_grant_for_one_licence_opens_no_other_by_the_code_of_its_type(federation: World, wang: Actor) -> None:
    made = issued(federation, story.visitor(federation, WANG, JILIN))
    granted(federation)
    asked = question_of(federation, begun(federation, wang), wang)
    with federation.at(JILIN):
        Licence.objects.filter(id=made).update(name="结婚证", definition=IDENTITY_CARD)
        at, words = federation.clock.now(), {"fields": list(FIELDS), "daily": 9, "until": date(2027, 1, 1)}
        for fields, outcome in (((), NotHeld), (("number",), NotHeld), (list(FIELDS), None)):
            again = replace(asked, id=uuid4())
            if fields:
                for each in standing_grants():
                    if each.licence_name == "结婚证":
                        end_grant(each.id, actor=replace(wang, role=Role.OPERATOR), at=at)
                grant_use(FUND.code, FUND.name, "结婚证", actor=system(JILIN), at=at, **(words | {"fields": fields}))
            if outcome is None:  # a region may call the type by another name, where both are granted
                assert asking.tell(again, at)["fields"]
                continue
            with pytest.raises(outcome):
                asking.tell(again, at)


def test_a_consent_holds_although_the_clocks_of_two_nodes_differ_a_little(federation: World, wang: Actor) -> None:
    issued(federation, story.visitor(federation, WANG, JILIN))
    granted(federation)
    asked = question_of(federation, begun(federation, wang), wang)
    with federation.at(JILIN):
        at = federation.clock.now()
        for minutes, holds in ((4, True), (6, False)):
            consent = {"at": (at + timedelta(minutes=minutes)).isoformat(), "until": "2027-01-01"}
            again = replace(asked, id=uuid4(), body=asked.body | {"consent": consent})
            if holds:
                assert asking.tell(again, at)
                continue
            with pytest.raises(ConsentOver):
                asking.tell(again, at)


def test_the_quota_of_a_day_is_kept_and_a_new_day_has_a_new_one(federation: World, wang: Actor) -> None:
    issued(federation, story.visitor(federation, WANG, JILIN))
    granted(federation, daily=1)
    made = begun(federation, wang)
    first = agreed(federation, made, wang)
    with federation.at(GANSU):
        cases.remove_material(made, "id_card", first.given[0].digest, actor=wang, at=federation.clock.now())

    assert agreed(federation, made, wang).standing.failed[0].outcome == "licence_use_quota_spent"
    federation.pass_time(timedelta(days=1))
    assert agreed(federation, made, wang).standing.met is not None


def test_who_may_call_is_decided_by_who_keeps_the_licences(federation: World) -> None:
    which = granted(federation)
    keeper = replace(story.officer(federation, staff("sunqiang", JILIN)), role=Role.DATA_STEWARD)
    liu, now = story.approver(federation, LIU), federation.clock.now()
    words = {"fields": ("file",), "daily": 1, "until": date(2027, 1, 1)}
    with federation.at(JILIN):
        with pytest.raises(GrantStands):
            grant_use(FUND.code, FUND.name, CARD, actor=keeper, at=now, **words)  # type: ignore[arg-type]
        for wrong in ({"daily": 0}, {"fields": ()}, {"fields": ("face",)}, {"until": date(2026, 1, 1)}):
            with pytest.raises(BadInput):
                grant_use(FUND.code, FUND.name, "另一种", actor=keeper, at=now, **(words | wrong))  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            end_grant(which, actor=liu, at=now)
        with pytest.raises(NotAllowed):
            grants(liu)
        end_grant(which, actor=keeper, at=now)
        with pytest.raises(NotFound):
            end_grant(which, actor=keeper, at=now)
        assert not standing_grants() and {each.ended_at for each in grants(keeper)} == {now}


def test_what_was_given_before_is_given_again_by_its_owner_only(federation: World, wang: Actor) -> None:
    first = begun(federation, wang)
    with federation.at(GANSU):
        cases.add_material(first, "id_card", "a.png", [story.PNG], actor=wang, at=federation.clock.now())
        cases.submit_draft(first, actor=wang, at=federation.clock.now())
        made = begun(federation, wang)
        reuse(made, "id_card", actor=wang, at=federation.clock.now())
    federation.settle()
    need = card(federation, made, wang)
    assert need.standing.met is not None and need.standing.met.way == "earlier"

    zhang = story.visitor(federation, ZHANG, GANSU)
    with federation.at(GANSU):
        theirs = begun(federation, zhang)
        with pytest.raises(NotFound):
            reuse(theirs, "id_card", actor=zhang, at=federation.clock.now())
        with pytest.raises(NotFound):
            agree(made, "id_card", JILIN, actor=zhang, at=federation.clock.now())
        assert not Attempt.objects.filter(case_id=theirs).exists()


def test_the_page_asks_for_consent_and_shows_who_gave_it(federation: World) -> None:
    zhou = story.visitor(federation, ZHOU, GANSU)
    issued(federation, story.visitor(federation, ZHOU, JILIN))
    granted(federation)
    made, phone = begun(federation, zhou), Phone(federation, ZHOU)

    at = f"/drafts/{made}/materials/"
    with federation.at(GANSU):
        with CaptureQueriesContext(connection) as seen:
            phone.get(at)
        told = [each["sql"] for each in seen if "cases_" in each["sql"] or "licences_" in each["sql"]]
    assert len(told) == 4  # the draft with all its tries, licences of theirs here, earlier files, files on their way
    assert "我同意为办理" in phone.get(at) and "使用到 2026年12月23日" in phone.answer.content.decode()
    assert "请选择证照是在哪里签发的" in phone.post(f"{at}id_card/agree/", {"node": "000000"})
    assert "正在联系签发地" in phone.post(f"{at}id_card/agree/", {"node": JILIN})
    federation.settle()
    shown = phone.get(at)
    assert f"{POLICE.name}提供了“{CARD}”" in shown and 'type="file"' not in shown
    with federation.at(GANSU):
        submitted = cases.submit_draft(made, actor=zhou, at=federation.clock.now())
    assert "材料从哪里来" in phone.open(submitted.receipt_no)
    assert "A级" in Desk(federation, MAHUI).open(submitted.receipt_no)
    phone.post(f"{at}id_card/reuse/", {})
    assert phone.answer.status_code == 404


def test_grants_are_kept_on_a_page_of_the_operator_and_uses_read_by_the_holder_alone(federation: World) -> None:
    home, phone = story.visitor(federation, WANG, JILIN), Phone(federation, WANG)
    issued(federation, home)
    operator = Desk(federation, staff("sunqiang", JILIN))
    granted(federation, fields=())
    given = {"organization": FUND.code, "licence_name": CARD, "daily": "x", "until": "2027-01-01", "fields": [*FIELDS]}
    assert "每天的次数请填数字" in operator.post("/desk/licence-uses/grant/", given)
    assert "授权已生效" in operator.post("/desk/licence-uses/grant/", given | {"daily": "3"})
    assert "还没有人用过" in phone.get("/my/licence-uses/")

    agreed(
        federation, begun(federation, story.visitor(federation, WANG, GANSU)), story.visitor(federation, WANG, GANSU)
    )
    assert f"{FUND.name}（甘肃），用于“{ENQUIRY}”" in phone.get("/my/licence-uses/")
    end = re.search(r'action="(/desk/licence-uses/[0-9a-f-]+/end/)"', operator.get("/desk/licence-uses/"))
    assert end is not None and "授权已终止" in operator.post(end[1], {})
    stranger = Desk(federation, LIU)
    assert stranger.get("/desk/licence-uses/") and stranger.answer.status_code == 403


def test_what_the_region_does_not_accept_is_not_asked_for_and_the_reason_is_shown(federation: World) -> None:
    zhou = story.visitor(federation, ZHOU, GANSU)
    with federation.at(GANSU):
        lines = "11990000000000019A001,430000,,2026-01-01,"
        publish_recognition(lines, reason="只认湖南。", actor=system(GANSU), at=federation.clock.now())
    made = begun(federation, zhou)

    need = agreed(federation, made, zhou)
    assert need.standing.failed[0].says == "本地互认清单没有列入该地区签发的“居民身份证”，请改用其他方式提交材料。"
    with federation.at(JILIN):
        assert not LicenceUse.objects.exists()
