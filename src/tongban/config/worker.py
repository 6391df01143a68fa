# SPDX-License-Identifier: Apache-2.0
"""The resident part of a node: it does, again and again, what rows in the database say is due.

Each duty is a function that does one thing and says whether it did any; one that did goes on at once, one that did
not rests until the look-out sees work for it: one statement, a few times a second, asks for all duties together, so
that an idle node costs next to nothing. Nothing is remembered here: a killed worker starts again and finds the rows.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import django
import structlog
from uuid_utils.compat import uuid7

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
django.setup()

from django.db import DatabaseError, close_old_connections, connection  # noqa: E402  needs the settings

from tongban.cases.actions.arriving import drop_upload_once  # noqa: E402
from tongban.cases.actions.deadlines import run_due, run_out  # noqa: E402
from tongban.cases.actions.gathering import gather_once  # noqa: E402
from tongban.cases.actions.reckoning import RECKONING_DUE, reckon_once  # noqa: E402
from tongban.cases.queries.attempts import GATHERING_DUE  # noqa: E402
from tongban.catalogue.actions import begin_due  # noqa: E402
from tongban.catalogue.search.actions import enter_once  # noqa: E402
from tongban.catalogue.search.queries import ENTER_DUE  # noqa: E402
from tongban.catalogue.tables.actions import work_once  # noqa: E402
from tongban.catalogue.tables.stages import IMPORT_DUE  # noqa: E402
from tongban.catalogue.welcoming import Welcome  # noqa: E402
from tongban.config import presence, rekeying, rotation  # noqa: E402
from tongban.exchange import actions as exchange  # noqa: E402
from tongban.exchange import keys  # noqa: E402
from tongban.exchange.actions import witnessing  # noqa: E402
from tongban.exchange.errors import Unreachable  # noqa: E402
from tongban.exchange.queries import APPLY_DUE, fetch_due, is_recovering, question_due, recovery, send_due  # noqa: E402
from tongban.exchange.transport import HttpTransport, Transport  # noqa: E402
from tongban.identity.actions import finish_sign_ins, forget_old, tell_sign_outs, verify_once  # noqa: E402
from tongban.identity.actions.codes import CODES_DUE, carry_codes_once  # noqa: E402
from tongban.identity.queries import VERIFICATION_DUE  # noqa: E402
from tongban.identity.queries.roaming import sign_in_due, sign_out_due  # noqa: E402
from tongban.identity.sms import Gateway, HttpGateway  # noqa: E402
from tongban.identity.source import HttpSource, Source  # noqa: E402
from tongban.identity.transport import PageTransport  # noqa: E402
from tongban.identity.transport import Transport as Pages  # noqa: E402
from tongban.ledger.actions import sequence_once  # noqa: E402
from tongban.licences.actions import make_bulk_once, make_files_once, publish_status_once, tell_once  # noqa: E402
from tongban.licences.bulk.actions import work_order_once  # noqa: E402
from tongban.licences.bulk.queries import ORDERS_DUE  # noqa: E402
from tongban.licences.queries import CHANGES_DUE, NOTICES_DUE, RESULTS_DUE  # noqa: E402
from tongban.licences.stock.actions import work_once as take_stock_once  # noqa: E402
from tongban.licences.stock.stages import BULK_DUE, STOCK_DUE  # noqa: E402
from tongban.licences.types import telling  # noqa: E402
from tongban.regions.queries import trust_list  # noqa: E402
from tongban.reminders.actions import remind_once, send_once, warn_once  # noqa: E402
from tongban.reminders.channels import senders as channels  # noqa: E402
from tongban.reminders.queries import SENDING_DUE, TELLING_DUE, WARNING_DUE  # noqa: E402
from tongban.space.actions import make_export_once  # noqa: E402
from tongban.space.queries import EXPORT_DUE  # noqa: E402
from tongban.standards import clock  # noqa: E402
from tongban.standards.crypto import self_test  # noqa: E402
from tongban.standards.node import here  # noqa: E402
from tongban.standards.refusal import Refusal  # noqa: E402

log = structlog.get_logger()

POLL = 0.15  # seconds between two looks: what crosses nodes should not wait longer for nothing
BREATH = 0.006  # seconds between two batches to a peer: what is written meanwhile goes with the next
REST = 5.0  # seconds a duty rests when nothing was seen for it; it looks itself then, should the look-out be wrong
SLOW = 1.0  # seconds, for what nobody is waiting for
HOUR, DAY = 3600.0, 86400.0  # seconds
TRUST = 60.0  # seconds between two looks at the hub's trust list
RECOVERY = 1.0  # seconds between two rounds while peers are silent that have to be asked
STATUS = 60.0  # seconds between two looks whether the list of licences that do not count is old
WITNESS = 15.0  # seconds between two looks whether peers must be told a new tree head
AFTER_FAULT = 2.0  # seconds
OF_LICENCES = {telling.TYPE: telling.announce_types, telling.RECOGNITION: telling.announce_recognition}


@dataclass(frozen=True)
class Duty:
    """Something to be done whenever it is due; `due` is the SQL that says so, empty for what only time brings."""

    name: str
    once: Callable[[datetime], bool]
    due: str = ""
    rest: float = REST  # seconds without work
    breath: float = 0.0  # seconds after work; then it looks again soon, and ever later, instead of at the next look
    called: threading.Event = field(default_factory=threading.Event)


def duties(transport: Transport, pages: Pages, source: Source, gateway: Gateway) -> list[Duty]:
    """What this node does besides answering; one sender for each peer, so that a silent one delays nobody."""
    steady = [
        Duty("apply", exchange.apply_once, APPLY_DUE),
        Duty("identity", lambda at: verify_once(at, source), VERIFICATION_DUE),
        Duty("exports", make_export_once, EXPORT_DUE),
        Duty("codes", lambda at: carry_codes_once(at, gateway), CODES_DUE),
        Duty("papers", lambda at: make_files_once(at, notices=False), RESULTS_DUE),
        Duty("notices", lambda at: make_files_once(at, notices=True), NOTICES_DUE),
        Duty("bulk", make_bulk_once, BULK_DUE),
        Duty("orders", work_order_once, ORDERS_DUE),
        Duty("stock", take_stock_once, STOCK_DUE),
        Duty("standings", tell_once, CHANGES_DUE),
        Duty("status", publish_status_once, rest=STATUS),
        Duty("deadlines", run_due, run_out()),
        Duty("materials", gather_once, GATHERING_DUE),
        Duty("reminders", remind_once, TELLING_DUE),
        Duty("warnings", warn_once, WARNING_DUE),
        Duty("sending", lambda at: send_once(at, channels(here(), gateway)), SENDING_DUE),
        Duty("reckon", reckon_once, RECKONING_DUE),
        Duty("items", lambda at: begin_due(at) > 0),
        Duty("imports", work_once, IMPORT_DUE),
        Duty("welcome", Welcome(OF_LICENCES).once, rest=TRUST),
        Duty("search", enter_once, ENTER_DUE),
        Duty("data-key", rekeying.seal_anew_once, rest=TRUST),
        Duty("index-key", rekeying.move_indexes_once, rest=TRUST),
        Duty("gaps", lambda at: exchange.mend_gaps_once(at, transport)),
        Duty("sequence", lambda at: sequence_once(at, keys.signer()) > 0, rest=SLOW),
        Duty("witness", tell_heads, rest=WITNESS),
        Duty("forget", lambda at: forget_old(at) < 0, rest=HOUR),
        Duty("uploads", drop_upload_once, rest=HOUR),
        Duty("trust", lambda at: keep_trust(at, transport), rest=TRUST),
    ]
    return steady + senders(peers(), transport, pages)


def senders(codes: Iterable[str], transport: Transport, pages: Pages) -> list[Duty]:
    """The duties towards each peer, apart from one another and from other peers': one that is slow delays nobody."""
    return [duty for code in codes for duty in _towards(code, transport, pages)]


def _towards(code: str, transport: Transport, pages: Pages) -> list[Duty]:
    visitors = f"{sign_out_due(code)} UNION ALL {sign_in_due(code)}"
    return [
        Duty(f"send:{code}", sender(code, transport), send_due(code), breath=BREATH),
        Duty(f"files:{code}", lambda at: exchange.fetch_once(code, at, transport), fetch_due(code)),
        Duty(f"ask:{code}", lambda at: exchange.put_question_once(code, at, transport), question_due(code)),
        Duty(f"visitors:{code}", lambda at: serve_visitors(code, at, pages), visitors),
    ]


def serve_visitors(code: str, at: datetime, pages: Pages) -> bool:
    """Tell a peer who signed out, and ask it who came; whoever signs out is served first."""
    told = tell_sign_outs(code, at, pages)
    return finish_sign_ins(code, at, pages) + told > 0


def sender(code: str, transport: Transport) -> Callable[[datetime], bool]:
    """The duty of carrying what waits for one peer."""

    def carry(at: datetime) -> bool:
        done = exchange.deliver_once(code, at, transport)
        if done.messages:
            log.info("delivered", peer=code, messages=done.messages)
        if done.failed:
            log.warning("line_rests", peer=code, why=done.fault)
        return done.messages > 0

    return carry


def tell_heads(at: datetime) -> bool:
    """Let the peers witness how the diary has grown."""
    return witnessing.tell_heads(at, timedelta(seconds=here().witness_every))


def keep_trust(at: datetime, transport: Transport) -> bool:
    """Renew the list as the hub, or ask the hub for a newer one; a silent hub stops nothing while ours is in force."""
    exchange.renew_trust_list(at)
    try:
        exchange.fetch_trust_list(at, transport)
    except Unreachable:
        log.warning("hub_silent")
    return False


def peers() -> list[str]:
    """The nodes to send to, as the trust list names them now."""
    return [node.code for node in trust_list().peers(here().code)]


def run() -> None:
    """Work until told to stop; then finish what is in hand and end."""
    self_test()
    presence.hold(here().home)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    transport, pages = HttpTransport(authorities=here().authorities), PageTransport()
    _recover(transport, stop)
    source, gateway = HttpSource(here().identity_source), HttpGateway(here().sms_gateway)
    shift = Shift(duties(transport, pages, source, gateway), stop)
    shift.take_on([Duty("peers", lambda at: shift.meet_peers(transport, pages)), Duty("unpark", unpark, rest=DAY)])
    shift.take_on([Duty("keys", announce_key, rest=DAY)])
    shift.begin()
    log.info("worker_started", node=here().code, duties=len(shift.duties))
    stop.wait()
    shift.end()
    log.info("worker_stopped", node=here().code)


def unpark(at: datetime) -> bool:
    """Messages that this version of the program can read and an earlier one could not."""
    if known := exchange.unpark_known():
        log.info("unparked", messages=known)
    return False


def announce_key(at: datetime) -> bool:
    """Until it is listed, a node's first encryption key waits as a request that somebody has to hand to the hub."""
    if file := rotation.first_encryption_key(at):
        log.warning("encryption_key_waits_for_the_hub", request=file.name)
    return False


def _recover(transport: Transport, stop: threading.Event) -> None:
    """While this node has forgotten something, nothing else is done: peers are asked and their answers are followed."""
    while not stop.is_set():
        worked = False
        try:
            if not is_recovering():
                return
            worked = exchange.recover_once(clock.now(), transport)
            if worked:
                log.info("recovering", returned={peer.code: peer.returned for peer in recovery()})
        except Refusal as no:
            log.warning("recovery_refused", why=no.code)
        except Exception:
            log.exception("recovery_failed")
            _forget_connection()
        if not worked:
            stop.wait(RECOVERY)


class Shift:
    """The duties at work, a thread for each; more may come while it lasts."""

    def __init__(self, first: Sequence[Duty], stop: threading.Event) -> None:
        self.duties: list[Duty] = []
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self._begun = False
        self.take_on(first)

    def take_on(self, more: Sequence[Duty]) -> None:
        """Attend to these as well."""
        self.duties = [*self.duties, *more]  # a new list: the look-out may be reading the old one
        threads = [threading.Thread(target=_attend, args=(duty, self._stop), name=duty.name) for duty in more]
        self._threads += threads
        if self._begun:
            _start(threads)

    def meet_peers(self, transport: Transport, pages: Pages) -> bool:
        """A peer that a newer trust list names gets its own sender. Never in a hurry."""
        known = {duty.name for duty in self.duties}
        self.take_on([duty for duty in senders(peers(), transport, pages) if duty.name not in known])
        return False

    def begin(self) -> None:
        """Start them all, and the look-out."""
        self._threads.append(threading.Thread(target=_look_out, args=(self, self._stop), name="look-out"))
        self._begun = True
        _start(self._threads)

    def end(self) -> None:
        """Wait, not for long, until everybody has finished what is in hand."""
        for duty in self.duties:
            duty.called.set()
        for thread in self._threads:
            thread.join(timeout=10)


def _start(threads: Iterable[threading.Thread]) -> None:
    for thread in list(threads):
        thread.start()


def _look_out(shift: Shift, stop: threading.Event) -> None:
    """Ask for all duties at once what is due, and call those that have work."""
    asked: list[Duty] = []
    while not stop.wait(POLL):
        if asked is not shift.duties:
            asked = shift.duties
            watched = [duty for duty in asked if duty.due]
        try:
            due = seen(watched, clock.now())
        except DatabaseError:
            log.exception("look_out_failed")
            _forget_connection()
            stop.wait(AFTER_FAULT)
            continue
        for duty in due:
            duty.called.set()
    connection.close()


def seen(watched: Sequence[Duty], at: datetime) -> list[Duty]:
    """Those that have work, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"EXISTS ({duty.due})" for duty in watched), {"at": at})
        return [duty for duty, is_due in zip(watched, cursor.fetchone(), strict=True) if is_due]


def _attend(duty: Duty, stop: threading.Event) -> None:
    """One duty, for as long as the process lives. A fault is logged and costs a pause, never the thread."""
    look = POLL
    while not stop.is_set():
        # The other node's lines carry the same id.
        with structlog.contextvars.bound_contextvars(request=uuid7().hex, node=here().code):
            worked, pause = _once(duty)
        if worked:
            look = duty.breath or POLL
            stop.wait(duty.breath)
            continue
        if pause == AFTER_FAULT:
            look = POLL
        if not stop.wait(look) and look >= POLL:
            _rest(duty, pause)
        look = min(2 * look, POLL)
    connection.close()


def _once(duty: Duty) -> tuple[bool, float]:
    """Whether it did anything, and how long to rest when it did not."""
    try:
        return duty.once(clock.now()), duty.rest
    except Refusal as no:
        log.warning("duty_refused", duty=duty.name, why=no.code)
    except Exception:
        log.exception("duty_failed", duty=duty.name)
        _forget_connection()
    return False, AFTER_FAULT


def _rest(duty: Duty, pause: float) -> None:
    """Until work is seen or the pause is over. A look has passed before, so that a row that cannot be done yet (a
    message before its turn) does not make the duty spin."""
    duty.called.wait(pause)
    duty.called.clear()


def _forget_connection() -> None:
    """After a fault the database may have gone away; the next round begins with a fresh connection."""
    close_old_connections()
    connection.close()
