# SPDX-License-Identifier: Apache-2.0
"""Two people at once, one person twice, and what each act costs the database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import story
from tests.people import CHEN, ZHANG, ZHAO, ZHOU
from tests.story import AGAIN
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.actions import Application, GivenFile, applicant_of, submit
from tongban.cases.models import Case, Draft, Event, Number, Submission
from tongban.exchange.models import Outbox
from tongban.ledger.queries import first_broken
from tongban.standards import clock
from tongban.standards.actor import Actor
from tongban.standards.node import at
from tongban.standards.refusal import BadInput, Refusal

HUNAN, GANSU = "430000", "620000"


@pytest.fixture
def gansu(town: World) -> Iterator[World]:
    """Gansu's node, whose database really commits; each test has cases of its own."""
    with town.running():
        yield town


def at_once(world: World, code: str, *acts: Callable[[], Any]) -> list[Any]:
    """Each in a thread with a connection of its own, as close together as can be; refusals are given back."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with clock.running(world.clock), at(world.nodes[code]):
            try:
                connection.ensure_connection()
                together.wait(30)
                return act()
            except Refusal as no:
                return no
            finally:
                connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def ready(world: World) -> tuple[Actor, Any]:
    """周敏 in Lanzhou and her application to Lanzhou's police, filled in."""
    zhou = story.visitor(world, ZHOU, GANSU)
    return zhou, story.draft(world, zhou, story.item_of(world, GANSU, "620100"))


def test_a_double_click_is_one_case(gansu: World) -> None:
    zhou, draft = ready(gansu)
    now = gansu.clock.now()
    with gansu.at(GANSU):
        before = Case.objects.count(), Outbox.objects.count()

    given = at_once(gansu, GANSU, *[lambda: actions.submit_draft(draft, actor=zhou, at=now, again=AGAIN)] * 4)

    assert len({one.case_id for one in given}) == len({one.receipt_no for one in given}) == 1
    assert sorted(one.is_new for one in given) == [False, False, False, True]
    with gansu.at(GANSU):
        assert Case.objects.count() == before[0] + 1
        assert Number.objects.filter(case_id=given[0].case_id).count() == 1
        assert Event.objects.filter(case_id=given[0].case_id).count() == 3
        assert Draft.objects.get(id=draft).receipt_no == given[0].receipt_no
        assert first_broken(f"case:{given[0].case_id}") is None


def test_of_two_approvers_at_once_one_decides_and_the_other_is_refused(gansu: World) -> None:
    zhou, draft = ready(gansu)
    zhao, now = story.approver(gansu, ZHAO), gansu.clock.now()
    with gansu.at(GANSU):
        given = actions.submit_draft(draft, actor=zhou, at=now, again=AGAIN)

    def decide(move: str) -> Callable[[], Any]:
        facts = {"reason": "不归本机关。", "where_to_go": "他处。"}
        return lambda: actions.make_move(given.case_id, move, actor=zhao, at=now, facts=facts)

    done = at_once(gansu, GANSU, decide("accept"), decide("not_accept"), decide("accept"))

    refused = [one for one in done if isinstance(one, Refusal)]
    assert [no.code for no in refused] == ["not_now", "not_now"]
    with gansu.at(GANSU):
        moves = list(Event.objects.filter(case_id=given.case_id).order_by("number").values_list("move", flat=True))
        assert moves[:3] == ["submit", "offer", "take"]
        assert len(moves) == 4
        assert Case.objects.get(id=given.case_id).chain_length == 4
        assert first_broken(f"case:{given.case_id}") is None


def test_an_applicant_and_an_approver_at_once_both_read_what_really_happened(gansu: World) -> None:
    zhou, draft = ready(gansu)
    zhao, now = story.approver(gansu, ZHAO), gansu.clock.now()
    with gansu.at(GANSU):
        given = actions.submit_draft(draft, actor=zhou, at=now, again=AGAIN)

    at_once(
        gansu,
        GANSU,
        lambda: actions.withdraw(given.case_id, actor=zhou, at=now, reason="不需要了。"),
        lambda: actions.make_move(given.case_id, "accept", actor=zhao, at=now),
    )

    with gansu.at(GANSU):
        moves = list(Event.objects.filter(case_id=given.case_id).order_by("number").values_list("move", flat=True))
        assert moves[3:] in (["withdraw"], ["accept", "withdraw"])
        assert Case.objects.get(id=given.case_id).state == "withdrawn"


def application(world: World, **changed: str) -> Application:
    """What a program submits in one call."""
    return Application(
        task_code=story.item_of(world, GANSU, "430100"),
        version=1,
        answers={"who": "self", "purpose": "job"},
        form=story.FORM | {"name": "张伟", "id_number": ZHANG.id_number} | changed,
        materials=[GivenFile("id_card", "a.png", f"sha256:{0:064}", 4, "image/png")],
    )


def test_the_same_key_with_the_same_content_is_the_same_case(federation: World) -> None:
    zhang, now = story.visitor(federation, ZHANG, GANSU), federation.clock.now()
    with federation.at(GANSU):
        applicant = applicant_of(zhang)
        first = submit(application(federation), applicant=applicant, actor=zhang, at=now, key="k")
        again = submit(application(federation), applicant=applicant, actor=zhang, at=now, key="k")
        other = submit(application(federation), applicant=applicant, actor=zhang, at=now, key="another", again=AGAIN)

    assert (again.case_id, again.receipt_no, again.is_new) == (first.case_id, first.receipt_no, False)
    assert other.case_id != first.case_id


def test_the_same_key_with_other_content_is_refused_by_name(federation: World) -> None:
    zhang, now = story.visitor(federation, ZHANG, GANSU), federation.clock.now()
    with federation.at(GANSU):
        applicant = applicant_of(zhang)
        submit(application(federation), applicant=applicant, actor=zhang, at=now, key="k")
        with pytest.raises(Refusal) as no:
            submit(application(federation, receiver="别的公司"), applicant=applicant, actor=zhang, at=now, key="k")

        assert no.value.code == "idempotency_key_reused"
        assert Case.objects.count() == Submission.objects.count() == 1


def test_one_persons_key_is_not_anothers(federation: World) -> None:
    zhang, zhou = story.visitor(federation, ZHANG, GANSU), story.visitor(federation, ZHOU, GANSU)
    now = federation.clock.now()
    with federation.at(GANSU):
        mine = submit(application(federation), applicant=applicant_of(zhang), actor=zhang, at=now, key="k")
        theirs = submit(application(federation), applicant=applicant_of(zhou), actor=zhou, at=now, key="k")
    assert theirs.is_new
    assert mine.case_id != theirs.case_id


@pytest.mark.parametrize("others", [0, 12])
def test_submit_takes_at_most_3_statements_however_many_cases_there_are(federation: World, others: int) -> None:
    zhang, now = story.visitor(federation, ZHANG, GANSU), federation.clock.now()
    with federation.at(GANSU):
        applicant = applicant_of(zhang)
        for number in range(others + 1):  # the first one fills what the process keeps
            submit(application(federation), applicant=applicant, actor=zhang, at=now, key=str(number), again=AGAIN)
        given = application(federation)
        with CaptureQueriesContext(connection) as asked:
            submit(given, applicant=applicant, actor=zhang, at=now, key="counted", again=AGAIN)
        assert len(asked) <= 3


@pytest.mark.parametrize("others", [0, 12])
def test_make_move_takes_2_statements_however_many_cases_there_are(federation: World, others: int) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    now = federation.clock.now()
    with federation.at(GANSU):
        applicant = applicant_of(zhang)
        given = [
            submit(application(federation), applicant=applicant, actor=zhang, at=now, key=str(number), again=AGAIN)
            for number in range(others + 2)
        ]
    federation.settle()
    with federation.at(HUNAN):
        actions.make_move(given[0].case_id, "accept", actor=chen, at=now)
        with CaptureQueriesContext(connection) as asked:
            actions.make_move(given[1].case_id, "accept", actor=chen, at=now)
        assert len(asked) == 2


@pytest.mark.parametrize("others", [1, 25])
def test_worklist_takes_1_statement_however_many_rows_there_are(federation: World, others: int) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    now = federation.clock.now()
    with federation.at(GANSU):
        applicant = applicant_of(zhang)
        for number in range(others):
            submit(application(federation), applicant=applicant, actor=zhang, at=now, key=str(number), again=AGAIN)
    federation.settle()
    with federation.at(HUNAN):
        queries.worklist(chen)
        narrow = queries.Narrowing(region="620000", whose="nobody", mode="online")
        for how in ({}, {"q": "张伟"}, {"state": "submitted"}, {"only": narrow}, {"q": "张伟", "only": narrow}):
            with CaptureQueriesContext(connection) as asked:
                shown = queries.worklist(chen, **how)
            assert len(shown.rows) == min(others, 20)
            assert shown.counters["submitted"] == others
            assert len(asked) == 1
        for none in (
            queries.Narrowing(region="430100"),
            queries.Narrowing(whose="mine"),
            queries.Narrowing(due="late"),
        ):
            shown = queries.worklist(chen, only=none)
            assert shown.rows == () and not any(shown.counters.values())
        with pytest.raises(BadInput):
            queries.worklist(chen, only=queries.Narrowing(due="whenever"))


def test_case_page_takes_as_many_statements_however_long_its_story_is(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    counts = []
    for decided in (False, True):
        if decided:
            story.decide(federation, chen, given.case_id)
            federation.settle()
        with federation.at(HUNAN):
            queries.case_page(given.receipt_no, chen)
            with CaptureQueriesContext(connection) as asked:
                queries.case_page(given.receipt_no, chen)
            counts.append(len(asked))
            assert len(asked) <= 10

    assert counts[1] <= counts[0] + 1


def test_pages_of_a_desk_follow_one_another_and_nothing_is_shown_twice(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    now = federation.clock.now()
    with federation.at(GANSU):
        applicant = applicant_of(zhang)
        given = {
            submit(
                application(federation), applicant=applicant, actor=zhang, at=now, key=str(number), again=AGAIN
            ).receipt_no
            for number in range(7)
        }
    federation.settle()
    shown: list[str] = []
    with federation.at(HUNAN):
        after: str | None = None
        for _ in range(4):
            found = queries.worklist(chen, after=after, limit=2)
            shown += [row.receipt_no for row in found.rows]
            after = found.next
        assert found.counters["submitted"] == 7

    assert after is None
    assert sorted(shown) == sorted(given)
