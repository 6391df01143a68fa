# SPDX-License-Identifier: Apache-2.0
"""The law once more, as a careful clerk would keep it in a book: day by day and minute by minute.

Nothing here asks the table or the clocks of the product; what the two say of a case must be the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from tongban.cases.clocks import Nature, Regime, Unit
from tongban.cases.rules import Rules
from tongban.standards.clock import SHANGHAI
from tongban.standards.opening import Hours
from tongban.standards.workdays import Calendar

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
IN_MINUTES = {Unit.WORKING_HOUR: 60, Unit.WORKING_MINUTE: 1}
UNANSWERED = {"submitted", "collected"}
ENDED = {"denied", "delivered", "not_required", "not_accepted", "withdrawn", "terminated", "revoked"}
REOPENING = {"reopen_acceptance", "reopen_decision", "reinstate"}
VERIFYING = {"confirm_promise", "order_to_correct", "report_correction", "revoke"}
AFTERWARDS = {"archive", "remake", "reckon"} | REOPENING | VERIFYING
AFTER_DELIVERY = ("verification", "put_right")
TROUBLES = {"raise_problem", "offer_problem", "take_problem", "settle_problem"}  # outlive the decision, as papers do
BACK = {"send_originals", "receive_originals", "return_originals", "send_back_originals", "receive_back"}
BACK |= {"hand_back_originals"}
WINDOW, WAY, ORGAN, HOME, COMING, MAILED = 1, 0, 2, -1, -2, -3  # who has a paper
TRAVELS = {WAY, COMING, MAILED}


@dataclass
class Limit:
    """One limit that has begun."""

    regime: Regime
    since: datetime
    stops: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    more: int = 0
    longer_at: datetime | None = None
    until: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.until is None

    @property
    def is_stopped(self) -> bool:
        return bool(self.stops) and self.stops[-1][1] is None

    def end(self, at: datetime) -> None:
        self.go_on(at)
        self.until = at

    def go_on(self, at: datetime) -> None:
        if self.is_stopped:
            self.stops[-1] = (self.stops[-1][0], at)

    def due(self, hours: Hours) -> datetime | None:
        """The instant from which it is late; None while it stands still."""
        if self.regime.unit in IN_MINUTES:
            return self._due_minute(hours)
        last = self._last_day(hours.calendar)
        return None if last is None else _midnight(last + DAY)

    def _last_day(self, calendar: Calendar) -> date | None:
        """The last day of the limit; None while it stands still."""
        first, left, works = _day(self.since), self.regime.amount + self.more, _every_day
        if self.regime.unit is Unit.WORKING_DAY:
            works = calendar.is_workday
        is_put_off = self.regime.nature is Nature.APPLICANT or self.regime.unit is Unit.WORKING_DAY
        put_off = calendar.next_workday if is_put_off else _that_day
        if self.regime.unit is Unit.MONTH:
            left = (_months_later(first, self.regime.amount) - first).days
            if self.longer_at:  # months that are added follow the last day, as it is when they are added
                before = [stop for stop in self.stops if stop[0] <= self.longer_at]
                ended = _walk(first, left, works, before, put_off)
                if ended is None:
                    return None
                left += (_months_later(ended, self.more) - ended).days
        day = _walk(first, left, works, self.stops, put_off)
        return put_off(day) if day else None

    def _due_minute(self, hours: Hours) -> datetime | None:
        left = (self.regime.amount + self.more) * IN_MINUTES[self.regime.unit]
        for since, until in self._open(hours):
            if until is None:
                return None
            if until - since >= left * MINUTE:
                return (since + left * MINUTE).astimezone(UTC)
            left -= (until - since) // MINUTE
        raise AssertionError("never open again")

    def _open(self, hours: Hours) -> Iterator[tuple[datetime, datetime | None]]:
        """The opening time that counts; an end that nobody knows is a stop that is not over."""
        begun = _up(self.since)
        stops = [(_up(a), None if b is None else _up(b)) for a, b in self.stops]
        for n in range(2000):
            day = begun.date() + n * DAY
            for opens, shuts in hours.spans(day):
                a, b = max(begun, _at(day, opens)), _at(day, shuts)
                for since, until in stops:
                    if a < b and since < b and (until is None or a < until):
                        if a < since:
                            yield a, since
                        if until is None:
                            yield since, None
                            return
                        a = max(a, until)
                if a < b:
                    yield a, b


@dataclass
class Problem:
    """Whose it is, whether the other side is asked to take it."""

    owner: str
    offered: bool = False
    settled: bool = False


@dataclass
class Book:
    """What must be so of one case."""

    rules: Rules
    hours: Hours
    papers: list[tuple[str, int]]  # name, of which there may be two, and holder
    state: str = ""
    limits: dict[str, Limit] = field(default_factory=dict)
    signed: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    proposer: str = ""
    extended: bool = False
    told: bool = False
    lacking: set[str] | None = None  # what may come later and has not; None where nobody looked
    promised: set[str] = field(default_factory=set)
    credit: str = ""
    awaited: set[str] = field(default_factory=set)
    supplied: set[str] = field(default_factory=set)
    stalled: bool = False
    verification: str = ""
    hearing: str = ""
    fee: str = ""  # asked, paid or waived
    charges: set[str] = field(default_factory=set)
    spared: set[str] = field(default_factory=set)

    @property
    def is_over(self) -> bool:
        is_done = self.state in ENDED and self.verification not in ("due", "ordered", "reported")
        return is_done and not self._open_problems() and self._holders() <= {ORGAN, HOME}

    # What silence must bring, and when

    def silence(self) -> tuple[datetime, str] | None:
        """The next thing that must happen if nobody does anything, and when; None when nothing must."""
        found = []
        for name, kind, holds in (
            ("deem_accepted", "acceptance", self.rules.is_licence and self.state in UNANSWERED),
            ("lapse_withdrawn", "correction", self.rules.consequence == "withdrawn"),
            ("lapse_not_accepted", "correction", self.rules.consequence == "not_accepted"),
            *self._not_handed_in(),
            ("lapse_unpaid", "payment", self._lapses_unpaid()),
        ):
            limit = self.limits.get(kind)
            if holds and limit is not None and limit.runs:
                due = limit.due(self.hours)
                assert due is not None
                found.append((due, kind, name))
        due, _, name = min(found, default=(None, "", ""))
        return None if due is None else (due, name)

    def _not_handed_in(self) -> Iterator[tuple[str, str, bool]]:
        given = self.rules.supplement
        if given is not None and given.grace:
            yield "stall", "supplement", True
            yield f"lapse_lacking_{given.consequence}", "grace", True
        elif given is not None:
            yield f"lapse_lacking_{given.consequence}", "supplement", True

    def _lapses_unpaid(self) -> bool:
        asked = self.rules.fee.payment
        return asked is not None and asked.consequence == "withdrawn"

    # What a move does

    def write(self, move: str, said: Mapping[str, str], who: str, state: str, at: datetime) -> None:
        """Note what a person or the node did, and what follows by law. AssertionError for what no law allows."""
        self._require_lawful(move, said, who, at)
        before, self.state = self.state, state
        getattr(self, f"_{move}", lambda *_: None)(said, who, at)
        if state in ENDED and state != before:
            stays = {f"problem:{n}" for n in self._open_problems()}
            stays |= set(AFTER_DELIVERY) if state == "delivered" else set()
            self._stop(at, *(self.limits.keys() - stays))

    def _require_lawful(self, move: str, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert move in AFTERWARDS | TROUBLES | BACK or self.state not in ENDED, "an ended case was moved"
        if move == "archive":
            assert self.is_over, "put away while somebody has something to do"
        if move in ("grant", "deny") and self.rules.two_persons:
            assert who not in {each for people in self.signed.values() for each in people}, "decided what they examined"
        if move == "sign_step":
            apart = self.rules.step(said["step"]).apart_from
            assert all(who not in self.signed.get(step, []) for step in (said["step"], *apart)), "signed twice"
        if move == "extend":
            assert not self.extended, "extended twice"
            assert self.proposer not in ("", who), "extended without a second person"
            assert self._in_time("decision", at), "extended too late"
        if move in ("grant", "grant_on_promise", "deny"):
            assert self.hearing != "requested", "decided without the hearing that was asked for"
            assert self.hearing != "offered" or not self._in_time("hearing_request", at), "decided before it could be"
        self._require_promises(move, said)
        self._require_paid(move, said)
        if move == "request_correction":
            assert not self.told, "asked for corrections as if for the first time"

    def _require_promises(self, move: str, said: Mapping[str, str]) -> None:
        """安阳, 上海, 台州, as the item has them."""
        covered = set(self.rules.covered) if "commitment" in self.promised else set()
        rest = (self.lacking or set()) - covered
        if move == "accept":
            assert not rest, "accepted as complete, and something lacks"
        if move in ("accept_lacking", "grant_on_promise"):
            assert self.credit == "clear", "trusted without good credit"
        if move == "accept_lacking":
            assert "supplement" in self.promised and self.rules.supplement, "accepted without a promise"
            assert self.lacking is None or set(said["lacking"].split(",")) <= self.lacking, (
                "what is there does not lack"
            )
        if move == "grant":
            assert not self.awaited and not self.lacking, "granted, and something lacks"
        if move == "grant_on_promise":
            assert "commitment" in self.promised and not self.awaited and not rest, "granted without a promise"
        if move in ("confirm_promise", "order_to_correct"):
            assert self.verification in ("due", "reported"), "verified what nobody promised"
        if move == "revoke" and self.rules.commitment is not None and self.rules.commitment.put_right:
            assert self.verification in ("ordered", "reported"), "revoked before it could be put right"

    def _require_paid(self, move: str, said: Mapping[str, str]) -> None:
        """行政许可法 art. 58, 59, and what the item lets wait for its fee."""
        asked, priced = self.rules.fee.payment, {str(n): c.fen for n, c in enumerate(self.rules.fee.lines, start=1)}
        if move in ("ask_fee", "confirm_payment", "waive_fee"):
            assert asked is not None, "charged where the item declares no fee"
        if asked is None:
            return
        is_settled = self.fee in ("paid", "waived")
        if move in ("grant", "grant_on_promise"):
            assert is_settled or asked.before != "decision", "granted before the fee was settled"
        if move in ("deliver", "hand_over", "post", "confirm_post"):
            assert is_settled or asked.before != "result", "handed over before the fee was settled"
        if move == "ask_fee":
            assert not self.fee, "asked twice"
            assert not set(said["charges"].split(",")) & self.spared, "charged what was let off"
            assert (self.state in ("granted", "issued")) == (asked.before == "result"), "asked at another time"
        if move == "confirm_payment":
            due = sum(priced[number] for number in self.charges)
            assert self.fee == "asked" and int(said["paid"]) == due, "confirmed another sum than was asked for"

    def _in_time(self, kind: str, at: datetime) -> bool:
        limit = self.limits.get(kind)
        due = limit.due(self.hours) if limit is not None and limit.runs else None
        return due is None or at < due

    def _take(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._begin_to_answer(at)
        if self._travels():
            self._begin("transit", at)

    def _send_originals(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._carry(WINDOW, WAY)
        self._begin("transit", at)

    def _receive_originals(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._carry(WAY if WAY in self._holders() else WINDOW, ORGAN)
        self._stop_travelling(at)
        if self.state in UNANSWERED:
            self._begin_to_answer(at)

    def _post(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._carry(ORGAN, MAILED)

    def _confirm_post(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._carry(MAILED, HOME)

    def _return_originals(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._give(said, {WINDOW}, HOME)

    def _take_originals(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._give(said, {HOME}, WINDOW)

    def _send_back_originals(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._give(said, {ORGAN, COMING, MAILED}, COMING if said["to"] == "window" else MAILED)
        self._begin("transit", at)

    def _receive_back(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._give(said, TRAVELS, WINDOW)
        self._stop_travelling(at)

    def _hand_back_originals(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._give(said, {ORGAN, COMING, MAILED}, HOME)
        self._stop_travelling(at)

    def _request_correction(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.told = True
        self._stop(at, "acceptance")
        self._begin("correction", at)

    def _return_correction(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert self.told, "sent back what was never asked for"
        self._stop(at, "acceptance")
        self._begin("correction", at)

    def _correct(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._stop(at, "correction")
        self._begin_to_answer(at)

    _hand_in = _correct

    def _accept(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._stop(at, "acceptance")
        self._stop_travelling(at)
        self._examine_from(at, at)

    def _deem_accepted(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        receipt = self.limits["acceptance"].since
        self._stop(at, "acceptance")
        self._stop_travelling(at)
        self._examine_from(receipt, at)

    def _sign_step(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.signed.setdefault(said["step"], []).append(who)
        self._steps(at)

    def _send_back(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        again = {said["step"]}
        for _ in self.rules.steps:  # until nothing more waits for what is done again
            again |= {step.code for step in self.rules.steps if again & set(step.after)}
        self.signed = {step: people for step, people in self.signed.items() if step not in again}
        self._steps(at)

    def _offer_hearing(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.hearing = "offered"
        self._begin("hearing_request", at)

    def _request_hearing(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert self.hearing == "offered" and self._in_time("hearing_request", at), "asked too late"
        self.hearing = "requested"
        self._stop(at, "hearing_request")
        self._begin("hearing", at)

    def _start_special(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        if said["procedure"] == "hearing" and self.hearing == "requested":
            self.hearing = "held"
            self._stop(at, "hearing")
        for kind in self._deciding():
            if self.rules.is_licence or self.limits[kind].regime.nature is Nature.PROMISED:
                self._stand_still(kind, at)

    def _end_special(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        for kind in self._deciding() if not (self.fee == "asked" and self._stops_for_a_fee()) else ():
            if not (self.stalled and self.limits[kind].regime.nature is Nature.PROMISED):
                self.limits[kind].go_on(at)

    def _promise(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert said["promise"] not in self.promised and self.credit != "serious", "promised twice, or in bad credit"
        self.promised.add(said["promise"])

    _take_promise = _promise

    def _withdraw_promise(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert said["promise"] == "commitment" or not self.awaited, "took back what was relied on"
        self.promised.remove(said["promise"])

    def _check_credit(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert self.promised, "looked up the credit of somebody who promised nothing"
        self.credit = said["credit"]

    def _accept_lacking(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.awaited = set(said["lacking"].split(","))
        self._accept(said, who, at)
        self._begin("supplement", at)

    def _supplement(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        handed = set(said["handed"].split(","))
        self.awaited, self.supplied = self.awaited - handed, self.supplied | handed
        if self.lacking is not None:
            self.lacking -= handed
        if self.awaited:
            return
        self._stop(at, "supplement", "grace")
        is_free = self.state != "special" and not (self.fee == "asked" and self._stops_for_a_fee())
        for kind in self._deciding() if self.stalled and is_free else ():
            self.limits[kind].go_on(at)
        self.stalled = False

    def _return_supplement(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        returned = set(said["returned"].split(","))
        assert returned <= self.supplied, "sent back what nobody handed in later"
        self.awaited, self.supplied = self.awaited | returned, self.supplied - returned
        if not self.stalled and not ("supplement" in self.limits and self.limits["supplement"].runs):
            self._begin("supplement", at)

    def _stall(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.stalled = True
        self._stop(at, "supplement")
        self._begin("grace", at)
        for kind in self._deciding():
            if self.limits[kind].regime.nature is Nature.PROMISED:
                self._stand_still(kind, at)

    def _ask_fee(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.fee, self.charges = "asked", set(said["charges"].split(","))
        self._begin("payment", at)
        for kind in self._deciding(more=("delivery",)) if self._stops_for_a_fee() else ():
            if self.limits[kind].regime.nature in (Nature.PROMISED, Nature.STATUTORY):
                self._stand_still(kind, at)

    def _confirm_payment(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.fee = "paid"
        self._go_on_without_a_fee(at)

    def _waive_fee(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.spared |= set(said["spared"].split(","))
        all_of_it = {str(n) for n, line in enumerate(self.rules.fee.lines, start=1) if line.fen}
        rest = (self.charges if self.fee else all_of_it) - self.spared
        self.charges = rest if self.fee else set()
        if not rest:
            self.fee = "waived"
        if self.fee != "asked":
            self._go_on_without_a_fee(at)

    def _go_on_without_a_fee(self, at: datetime) -> None:
        self._stop(at, "payment")
        for kind in self._deciding(more=("delivery",)):
            is_stalled = self.stalled and self.limits[kind].regime.nature is Nature.PROMISED
            if self.state != "special" and not is_stalled:
                self.limits[kind].go_on(at)

    def _stops_for_a_fee(self) -> bool:
        return self.rules.fee.payment is not None and bool(self.rules.fee.payment.stops_by)

    def _grant_on_promise(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._stop(at, *self._deciding(), "hearing_request")
        self._begin("delivery", at)
        self._begin("verification", at)
        self.verification = "due"

    def _confirm_promise(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._stop(at, "verification")
        self.verification = "kept"

    def _order_to_correct(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert self.verification == "due", "ordered twice"
        self._stop(at, "verification")
        self._begin("put_right", at)
        self.verification = "ordered"

    def _report_correction(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._stop(at, "put_right")
        self._begin("verification", at)
        self.verification = "reported"

    def _revoke(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        limit = self.limits.get("put_right")
        if self.verification == "ordered" and limit is not None:
            due = limit.due(self.hours)
            assert due is not None and due <= at, "revoked before its time"
        self.verification = "false"

    def _reinstate(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.verification = "kept"

    def _propose_extension(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        assert not self.proposer, "proposed twice"
        self.proposer = who

    def _extend(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        by, longer = self.rules.lengthening, 0
        assert by is not None, "no rule allows it"
        for kind in ("decision", "promised"):
            limit = self.limits.get(kind)
            if limit is not None and limit.runs and limit.regime.unit is by.unit and self._in_time(kind, at):
                limit.more, limit.longer_at = by.amount, at
                longer += 1
        assert longer, "an extension that makes nothing longer"
        self.extended, self.proposer = True, ""

    def _grant(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._stop(at, "decision", "promised", "hearing_request")
        self._begin("delivery", at)

    def _reopen_acceptance(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._anew()
        self._begin_to_answer(at)
        if self._travels():
            self._begin("transit", at)

    def _reopen_decision(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self._anew()
        self._examine_from(at, at)
        if self.awaited:
            self._begin("supplement", at)

    def _raise_problem(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        self.problems.append(Problem(_side(who)))
        self.limits[f"problem:{len(self.problems)}"] = Limit(self.rules.regimes["problem"], at)

    def _offer_problem(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        problem = self._problem(said)
        assert (problem.owner, problem.offered) == (_side(who), False), "offered what is not theirs"
        problem.offered = True

    def _take_problem(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        problem = self._problem(said)
        assert problem.owner != _side(who) and problem.offered, "took what was not offered"
        problem.owner, problem.offered = _side(who), False

    def _settle_problem(self, said: Mapping[str, str], who: str, at: datetime) -> None:
        problem = self._problem(said)
        assert problem.owner == _side(who), "settled what is not theirs"
        problem.settled = True
        self._stop(at, f"problem:{said['problem']}")

    # In few words

    def _problem(self, said: Mapping[str, str]) -> Problem:
        return self.problems[int(said["problem"]) - 1]

    def _open_problems(self) -> list[int]:
        return [number for number, problem in enumerate(self.problems, start=1) if not problem.settled]

    def _anew(self) -> None:
        self.signed, self.proposer, self.extended = {}, "", False
        self.promised, self.credit, self.stalled, self.hearing = set(), "", False, ""
        if self.fee == "asked":
            self.fee, self.charges = "", set()

    def _stand_still(self, kind: str, at: datetime) -> None:
        if not self.limits[kind].is_stopped:
            self.limits[kind].stops.append((at, None))

    def _travels(self) -> bool:
        return bool(TRAVELS & self._holders())

    def _stop_travelling(self, at: datetime) -> None:
        if not self._travels():
            self._stop(at, "transit")

    def _give(self, said: Mapping[str, str], by: set[int], to: int) -> None:
        for number in map(int, said["papers"].split(",")):
            name, holder = self.papers[number - 1]
            assert holder in by, "gave what they have not"
            self.papers[number - 1] = (name, to)

    def _carry(self, sender: int, to: int) -> None:
        self.papers = [(name, to if holder == sender else holder) for name, holder in self.papers]

    def _holders(self) -> set[int]:
        return {holder for _, holder in self.papers}

    def _begin(self, kind: str, at: datetime) -> None:
        if kind in self.rules.regimes:
            self.limits[kind] = Limit(self.rules.regimes[kind], at)

    def _begin_to_answer(self, at: datetime) -> None:
        """The organ's time to accept: once it has the application, and the papers it asks for."""
        has_all = all(holder == ORGAN for name, holder in self.papers if name in self.rules.on_paper)
        known = self.limits.get("acceptance")
        if has_all and (known is None or not known.runs):
            self._begin("acceptance", at)

    def _examine_from(self, since: datetime, at: datetime) -> None:
        self._begin("decision", since)
        self._begin("promised", since)
        self._steps(at)

    def _steps(self, at: datetime) -> None:
        done = {step.code for step in self.rules.steps if len(self.signed.get(step.code, [])) >= step.persons}
        for step, of in product(self.rules.steps, ("step", "part")):
            kind = f"{of}:{step.code}"
            limit = self.limits.get(kind)
            is_open = step.code not in done and set(step.after) <= done
            if limit is not None and limit.runs and not is_open:
                limit.end(at)
            elif is_open and (limit is None or not limit.runs):
                self._begin(kind, at)

    def _deciding(self, more: tuple[str, ...] = ()) -> list[str]:
        kinds = [k for k in self.limits if k in ("decision", "promised", *more) or k.startswith(("step:", "part:"))]
        return [kind for kind in kinds if self.limits[kind].runs]

    def _stop(self, at: datetime, *kinds: str) -> None:
        for kind in kinds:
            if kind in self.limits and self.limits[kind].runs:
                self.limits[kind].end(at)


def owners(problems: Sequence[Problem]) -> list[tuple[str, bool, bool]]:
    """Whose each problem is."""
    return [(each.owner, each.offered, each.settled) for each in problems]


def _walk(
    day: date,
    left: int,
    works: Callable[[date], bool],
    stops: Sequence[tuple[datetime, datetime | None]],
    put_off: Callable[[date], date],
) -> date | None:
    """Day after day, without the days on which it stands still; None when it does so for ever."""
    days = [(_day(a), date.max if b is None else _day(b)) for a, b in stops]
    while left:
        day += DAY
        stopped = [b for a, b in days if a < day <= b]
        if date.max in stopped:
            return None
        left -= works(day) and not stopped
    for a, b in days:  # a stop that begins on the last day, or on one that it was put off to, takes what would follow
        if day < b and a <= put_off(day):
            if b == date.max:
                return None
            day = b
    return day


def _side(who: str) -> str:
    return "intake" if who.startswith("clerk") else "handling"


def _every_day(day: date) -> bool:
    return True


def _that_day(day: date) -> date:
    return day


def _months_later(day: date, months: int) -> date:
    """The day of the same number, or the last of a shorter month."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError("a month without days")


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _up(at: datetime) -> datetime:
    """Local, and up to the next whole minute."""
    local = at.astimezone(SHANGHAI)
    whole = local.replace(second=0, microsecond=0)
    return whole if whole == local else whole + MINUTE


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), SHANGHAI) + minute * MINUTE


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
