# SPDX-License-Identifier: Apache-2.0
"""What is measured: each piece of work in turns with its baseline, in one run."""

import json
import random
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import IO, Any, cast
from uuid import uuid4

import msgspec
import psycopg
import urllib3

from bench import client, copies, pgbench, recorded, scripts
from bench.federation import ROOT, Federation, Running
from bench.quiet import Quiet
from bench.rows import Goal, Pair, Row, row
from tongban.standards import clock

GANSU, HUNAN, JILIN, HEBEI = "620000", "430000", "220000", "130000"
APPLICANT, APPROVER = "19900000004", "chenjing"  # who applies in Gansu, who decides in Hunan
ITEM = "开具无犯罪记录证明"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4  # a material of about 1 kB
FORM = {
    "name": "周敏",
    "id_number": "99620119951102004X",
    "phone": "19900000004",
    "from": "2016-01-01",
    "until": "2026-11-01",
    "residence": "甘肃省兰州市城关区（演示地址）",
    "receiver": "某某科技有限公司",
}
WORKERS, THREADS = 2, 2  # of the web servers that are measured, on two processors
EXCHANGE_WORKERS, EXCHANGE_THREADS = 1, 8  # as the product serves its exchange
MESSAGE = 10_000  # bytes
ANSWER = 500  # bytes of an acknowledgement
PATIENCE = 120.0  # seconds for what another node must do first


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int
    seconds: float  # of one round of one side
    pool: int  # cases to be moved on
    few: int  # cases of the small worklist
    many: int  # of the large one; 0 leaves it out
    batch_messages: int  # of one round
    latencies: int

    def used_by(self, number: int) -> int:
        """How many of the pool a round may use up; what warms up uses little."""
        warming = self.pool // 20
        return warming if number < 0 else (self.pool - warming) // self.rounds


FULL = Size(rounds=5, seconds=5, pool=30_000, few=10_000, many=1_000_000, batch_messages=2_400, latencies=40)
QUICK = Size(rounds=2, seconds=2, pool=8_000, few=10_000, many=0, batch_messages=800, latencies=8)


class Inside:
    """A process of a node that does what it is asked."""

    def __init__(self, federation: Federation, code: str) -> None:
        self._file = federation.folder / f"{code}-inside.log"
        self._log = self._file.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.inside"],
            env=federation.environment(code, "exchange"),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def ask(self, name: str, **words: Any) -> Any:
        """Do one thing. RuntimeError when it could not."""
        said, heard = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        said.write(json.dumps([name, words]) + "\n")
        said.flush()
        if not (line := heard.readline()):
            raise RuntimeError(f"{name}: {self._file.read_text(errors='replace')[-2000:]}")
        return json.loads(line)

    def rate(self, name: str, **words: Any) -> float:
        """Things done a second."""
        told = self.ask(name, **words)
        return float(told["done"] / told["seconds"])

    def end(self) -> None:
        """No more questions."""
        cast("IO[str]", self._process.stdin).close()
        self._process.wait(20)
        self._log.close()


class Measures:
    """Everything that is measured, on one federation."""

    def __init__(self, federation: Federation, size: Size, quiet: Quiet, say: Callable[[str], None]) -> None:
        self.at, self.size, self.quiet, self.say = federation, size, quiet, say
        self._http = urllib3.PoolManager(retries=False)

    # In turns

    def alternate(self, ours: Callable[[int], float], theirs: Callable[[int], float]) -> list[Pair]:
        """Rounds of both, the order changed every other time; the first of each warms up and does not count."""
        ours(-1)
        theirs(-1)
        self.at.server.admin("CHECKPOINT")  # the next is half an hour away
        pairs = []
        for number in range(self.size.rounds):
            self.quiet.wait()
            if number % 2:
                baseline, value = theirs(number), ours(number)
            else:
                value, baseline = ours(number), theirs(number)
            pairs.append(Pair(value, baseline))
        return pairs

    def seconds(self, number: int) -> float:
        """How long a round lasts; the one that warms up is short."""
        return 2 if number < 0 else self.size.seconds

    # The nodes

    def begin(self) -> Row:
        """Let the nodes know each other's items, then see how long a case takes from one to the other when idle."""
        web = [self.at.serve(GANSU, "pages", workers=1), self.at.serve(HUNAN, "pages", workers=1)]
        doors = [self.at.serve(code, "exchange") for code in (GANSU, HUNAN)]
        working = [self.at.work(code) for code in (GANSU, HUNAN)]
        inside = Inside(self.at, GANSU)
        until = clock.monotonic() + PATIENCE
        while not (found := [i for i in inside.ask("items", region="430100") if i[0] == ITEM]):
            if clock.monotonic() > until:
                raise RuntimeError(f"湖南的事项没有到达甘肃：{self.at.last_words()}")
            time.sleep(0.5)
        inside.end()
        self.item: tuple[str, int] = (found[0][1], found[0][2])
        pairs = [Pair(self._crossing()) for _ in range(self.size.latencies)]
        self.source, self.model = self._cases()
        self.at.stop(*working, *doors, *web)
        took = sorted(pair.value for pair in pairs)
        p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
        return row(
            "甲地提交到乙地已处理并回执，p95",
            "ms",
            [Pair(p95)],
            goal=Goal("value", most=1000),
            note=f"空闲时 {len(took)} 次，真实的服务和常驻进程；中位数 {median(took):.0f} ms，最长 {took[-1]:.0f} ms",
        )

    def _crossing(self) -> float:
        """Milliseconds from sending an application in Gansu until Hunan applied it and Gansu holds the answer."""
        time.sleep(random.uniform(0.3, 0.8))
        began = clock.monotonic()
        case = self._submit()
        with (
            psycopg.connect(self.at.database(HUNAN), autocommit=True) as there,
            psycopg.connect(self.at.database(GANSU), autocommit=True) as here,
        ):
            applied = "SELECT 1 FROM cases_case WHERE id = %s"
            answered = "SELECT 1 FROM exchange_outbox WHERE subject = %s AND answered_at IS NOT NULL"
            self.until(lambda: there.execute(applied, [case]).fetchone() is not None)
            self.until(lambda: here.execute(answered, [f"case:{case}"]).fetchone() is not None)
        return (clock.monotonic() - began) * 1000

    def _cases(self) -> tuple[str, str]:
        """A case that lies in Hunan, and one that was accepted there: the real rows of all copies and scripts."""
        source, model = self._submit(), self._submit()
        with psycopg.connect(self.at.database(HUNAN), autocommit=True) as there:
            both = "SELECT count(*) FROM cases_case WHERE id = ANY(%s::uuid[]) AND chain_length = 3"
            self.until(lambda: there.execute(both, [[source, model]]).fetchone() == (2,))
        self._ask(HUNAN, APPROVER, "POST", f"/api/v1/cases/{model}/moves/accept", {})
        return source, model

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is so. RuntimeError when that takes too long."""
        until = clock.monotonic() + PATIENCE
        while not is_so():
            if clock.monotonic() > until:
                raise RuntimeError(f"等待另一节点超时：{self.at.last_words()}")
            time.sleep(0.004)

    def _submit(self) -> str:
        told = self._ask(GANSU, APPLICANT, "POST", "/api/v1/cases", self.application, str(uuid4()))
        return str(told["case_id"])

    @property
    def application(self) -> dict[str, Any]:
        """An application with three materials, as a program sends it."""
        materials = [
            {"requirement": code, "filename": f"{code}.png", "content": b64encode(PNG + code.encode()).decode()}
            for code in ("id_card", "authorization", "agent_id_card")
        ]
        task_code, version = self.item
        answers = {"who": "agent", "purpose": "job"}
        application = {"task_code": task_code, "version": version, "answers": answers, "form": FORM}
        return application | {"materials": materials, "again": "测量：同一人反复申请。"}

    def _headers(self, code: str, login: str) -> dict[str, str]:
        return {
            "Host": f"{code}.localhost:{self.at.port(code)}",
            "Authorization": f"Bearer {self.at.account(code, login)['token']}",
        }

    def _ask(self, code: str, login: str, method: str, path: str, body: Any, key: str = "") -> Any:
        headers = self._headers(code, login) | {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        url = f"http://127.0.0.1:{self.at.port(code)}{path}"
        answer = self._http.request(method, url, body=msgspec.json.encode(body), headers=headers)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.data[:500]!r}")
        return answer.json()

    def _url(self, code: str, path: str) -> str:
        return f"http://{code}.localhost:{self.at.port(code)}{path}"

    def _owner(self, database: str) -> "psycopg.Connection[Any]":
        return copies.opened(self.at.server.owner_url(database))

    def _clone(self, code: str, name: str) -> str:
        """A copy of a node's database for a baseline; the node must be at rest. Its address."""
        self.at.server.clone(f"node_{code}", name, f"node_{code}")
        return self.at.server.owner_url(name)

    # Submitting

    def submit(self) -> list[Row]:
        """POST /api/v1/cases beside pgbench writing the same rows."""
        case = self.source
        base = self._clone(GANSU, "bench_submit")
        with copies.opened(base) as connection:
            script = scripts.submission(connection, case)
        server = self.at.serve(GANSU, "pages", workers=WORKERS, threads=THREADS)
        body = msgspec.json.encode(self.application)
        headers = self._headers(GANSU, APPLICANT) | {"Idempotency-Key": client.MARK}
        request = client.template("POST", self._url(GANSU, "/api/v1/cases"), headers, body)
        taken: list[client.Driven] = []

        def ours(number: int) -> float:
            keys = [str(uuid4()) for _ in range(int(self.seconds(number) * 4000))]
            before = self._cases_at(GANSU)
            driven = client.drive(self.at.port(GANSU), request, keys, self.seconds(number))
            made = self._cases_at(GANSU) - before
            if not driven.requests <= made <= driven.requests + client.CLIENTS:
                raise client.BadDrive(f"{driven.requests} answers, {made} cases")
            taken.append(driven)
            return driven.rate

        pairs = self.alternate(ours, self._pgbench(base, script))
        self.at.stop(server)
        small = self._small(recorded.CREATE)
        mine = row(
            "提交一件，3 份材料，HTTP",
            "件/s",
            pairs,
            goal=Goal("ratio", least=0.35),
            against="pgbench 六条语句写同样的行",
            note=_served(taken),
        )
        return [
            mine,
            self._beside(recorded.CREATE_ALONE, mine, small, Goal("ratio", least=25)),
            self._beside(recorded.APPLICATION, mine, small, Goal("ratio", least=250)),
        ]

    def _cases_at(self, code: str) -> int:
        return int(self.at.ask(code, "SELECT count(*) FROM cases_submission")[0][0])

    def _pgbench(self, url: str, script: str) -> Callable[[int], float]:
        """A baseline; every round begins with numbers of its own."""
        return lambda number: pgbench.run(self.at.server, url, script, self.seconds(number), (number + 2) * 100_000_000)

    @cached_property
    def _small_url(self) -> str:
        """A database with the small schema of the recorded runs."""
        self.at.server.clone("template0", "bench_small", f"node_{GANSU}")
        url = self.at.server.owner_url("bench_small")
        with copies.opened(url) as connection:
            for command in recorded.SCHEMA.split(";\n"):
                connection.execute(command.encode())
        return url

    def _small(self, script: str) -> float:
        run = self._pgbench(self._small_url, script)
        self.quiet.wait()
        return median(run(number) for number in range(10, 13))

    def _beside(self, peer: recorded.Peer, mine: Row, small: float, goal: Goal) -> Row:
        """Ours beside a peer's recorded ratio."""
        rate = small / peer.times
        return row(
            f"— 与 {peer.what} 之比",
            mine.unit,
            [Pair(value, rate) for value, _ in mine.rounds],
            goal=goal,
            against=peer.what,
            note=recorded.NOTE.format(told=peer.told),
        )

    # Moving

    def transition(self) -> list[Row]:
        """POST /api/v1/cases/{id}/moves/accept beside pgbench writing the same rows."""
        with self._owner(f"node_{HUNAN}") as connection:
            copies.copy(connection, self.source, self.size.pool)
            inside = Inside(self.at, HUNAN)
            inside.ask("seal_copies", source=self.source, count=self.size.pool)
            inside.end()
            copies.settle(connection, copies.LISTED)
            script = scripts.move(connection, self.model, self.size.pool)
        base = self._clone(HUNAN, "bench_move")
        with copies.opened(base) as connection:
            copies.settle(connection, copies.WHOLE)
        server = self.at.serve(HUNAN, "pages", workers=WORKERS, threads=THREADS)
        headers = self._headers(HUNAN, APPROVER)
        url = self._url(HUNAN, f"/api/v1/cases/{client.MARK}/moves/accept")
        request = client.template("POST", url, headers, b"{}")
        unused = iter(range(1, self.size.pool + 1))
        taken: list[client.Driven] = []

        def ours(number: int) -> float:
            ids = [copies.case_id(next(unused)) for _ in range(self.size.used_by(number))]
            driven = client.drive(self.at.port(HUNAN), request, ids, self.seconds(number))
            taken.append(driven)
            return driven.rate

        pairs = self.alternate(ours, self._pgbench(base, script))
        self.at.stop(server)
        small = self._small(recorded.MOVE)
        mine = row(
            "办理一步(受理)，HTTP",
            "步/s",
            pairs,
            goal=Goal("ratio", least=0.40),
            against="pgbench 六条语句写同样的行",
            note=_served(taken),
        )
        return [mine, self._beside(recorded.MOVE_ALONE, mine, small, Goal("ratio", least=80))]

    # Listing

    def worklist(self) -> list[Row]:
        """GET /api/v1/cases beside the same SQL without a framework, at few cases and at many."""
        few = self._list(JILIN, "liuyang", self.size.few, 0)
        if not self.size.many:
            return [few]
        many = self._list(HEBEI, "guoqiang", self.size.many, 1)
        drop = row(
            f"工作列表 {_count(self.size.many)} 件与 {_count(self.size.few)} 件之比",
            "页/s",
            [Pair(more, less) for (more, _), (less, _) in zip(many.rounds, few.rounds, strict=True)],
            goal=Goal("ratio", least=0.8),
            against=f"{_count(self.size.few)} 件时的本系统",
        )
        return [few, many, drop]

    def _list(self, code: str, login: str, count: int, number: int) -> Row:
        self._fill(code, login, count)
        inside = Inside(self.at, code)
        statements = inside.ask("worklist_sql", token=self.at.account(code, login)["token"])
        inside.end()
        server = self.at.serve(code, "pages", workers=WORKERS, threads=THREADS)
        told = {"TONGBAN_BENCH_DATABASE": self.at.database(code), "TONGBAN_BENCH_SQL": json.dumps(statements)}
        bare = self.at.bare("select", number, told, workers=WORKERS, threads=THREADS)
        request = client.template("GET", self._url(code, "/api/v1/cases?limit=20"), self._headers(code, login))
        plain = client.template("GET", f"http://127.0.0.1:{self.at.spare(number)}/", {})
        taken: list[client.Driven] = []

        def ours(round: int) -> float:
            taken.append(client.drive(self.at.port(code), request, [], self.seconds(round)))
            return taken[-1].rate

        def theirs(round: int) -> float:
            return client.drive(self.at.spare(number), plain, [], self.seconds(round)).rate

        pairs = self.alternate(ours, theirs)
        self.at.stop(server, bare)
        return row(
            f"工作列表 20 行，{_count(count)} 件，HTTP",
            "页/s",
            pairs,
            goal=Goal("ratio", least=0.35),
            against="裸 WSGI 加 psycopg，同样的 SQL、同样的服务器",
            note=_served(taken),
        )

    def _fill(self, code: str, login: str, count: int) -> None:
        """Many cases at a node, on many desks; the asking one's among them."""
        began = clock.monotonic()
        desk = self.at.ask(code, "SELECT organization FROM identity_staff WHERE login = %s", [login])[0][0]
        with self._owner(f"node_{HUNAN}") as origin, self._owner(f"node_{code}") as target:
            copies.carry(origin, target, self.source)
            copies.copy_listed(target, self.source, count, desk)
        self.say(f"{_count(count)} 件已备好，{clock.monotonic() - began:.0f} 秒")

    # The exchange

    def exchange(self) -> list[Row]:
        """Signed messages beside the same bytes without anything, one by one and in batches, in both suites."""
        told = {"TONGBAN_BENCH_ANSWER": str(ANSWER)}
        bare = self.at.bare("sink", 2, told, workers=EXCHANGE_WORKERS, threads=EXCHANGE_THREADS, secured=True)
        doors = [self.at.serve(code, "exchange") for code in (HUNAN, HEBEI)]
        gansu, jilin = Inside(self.at, GANSU), Inside(self.at, JILIN)
        rows = [*self._singly(gansu, jilin), *self._in_batches(gansu, jilin)]
        gansu.end()
        jilin.end()
        self.at.stop(bare, *doors)
        return rows

    def _singly(self, gansu: Inside, jilin: Inside) -> list[Row]:
        sink = f"https://127.0.0.1:{self.at.spare(2)}/"

        def one(inside: Inside, recipient: str) -> Callable[[int], float]:
            return lambda number: inside.rate(
                "one_by_one", recipient=recipient, seconds=self.seconds(number), flight=client.CLIENTS
            )

        def plain(number: int) -> float:
            words = {"url": sink, "seconds": self.seconds(number), "flight": client.CLIENTS, "size": MESSAGE}
            return gansu.rate("plain", **words)

        def in_flight(number: int) -> float:
            words = {"seconds": self.seconds(number), "flight": client.CLIENTS, "size": MESSAGE}
            return gansu.rate("in_flight", recipient=HUNAN, **words)

        worker = self.at.work(GANSU)
        gansu.rate("in_flight", recipient=HUNAN, seconds=1, flight=1, size=MESSAGE)  # until it is at work
        flying = self.alternate(in_flight, plain)  # before other letters wait
        self.at.stop(worker)
        need = int((self.size.rounds * self.size.seconds + 2) * 900)
        gansu.ask("letters", recipient=HUNAN, count=need, size=MESSAGE)
        jilin.ask("letters", recipient=HEBEI, count=need // 2, size=MESSAGE)
        both = self.alternate(one(gansu, HUNAN), plain)
        national = self.alternate(one(jilin, HEBEI), one(gansu, HUNAN))
        return [
            row(
                "签名并留存的报文，10 kB，逐件写、逐件等回执，8 件同时在途",
                "件/s",
                flying,
                goal=Goal("ratio", least=0.25),
                against="同一客户端、同样大小的普通 HTTPS",
                note="写入方一条语句落盘一次；另一进程是本节点的常驻进程，把同时等着的并成一批；两端落盘、回执入库才算",
            ),
            row(
                "— 每件单独一次 HTTP，不并批",
                "件/s",
                both,
                goal=Goal("ratio", least=0.25),
                against="同一客户端、同样大小的普通 HTTPS",
                note="发送方取自已写入的发件箱；签名两次、验签三次、签回执；两端落盘，同时到的共用一次",
            ),
            row(
                "— SM2/SM3，逐件",
                "件/s",
                national,
                goal=Goal("ratio", least=0.5),
                against="Ed25519/SHA-256，逐件",
            ),
        ]

    def _in_batches(self, gansu: Inside, jilin: Inside) -> list[Row]:
        count = self.size.batch_messages

        def carried(inside: Inside, recipient: str) -> Callable[[int], float]:
            def carry(number: int) -> float:
                most = count // 4 if number < 0 else count
                inside.ask("letters", recipient=recipient, count=most, size=MESSAGE)
                return inside.rate("in_batches", recipient=recipient, count=most)

            return carry

        self._clear(GANSU, HUNAN)
        self._clear(JILIN, HEBEI)
        pairs = self.alternate(carried(jilin, HEBEI), carried(gansu, HUNAN))
        national = [pair.value for pair in pairs]
        usual = [pair.baseline for pair in pairs if pair.baseline is not None]
        goal = Goal("value", least=1000)
        return [
            row("签名并留存的报文，10 kB，成批，Ed25519", "件/s", [Pair(value) for value in usual], goal=goal),
            row("签名并留存的报文，10 kB，成批，SM2", "件/s", [Pair(value) for value in national], goal=goal),
            row(
                "— SM2/SM3 与 Ed25519/SHA-256 之比，成批",
                "件/s",
                pairs,
                goal=Goal("ratio", least=0.5),
                against="Ed25519/SHA-256，成批",
            ),
        ]

    def _clear(self, code: str, recipient: str) -> None:
        """What is left in the outbox was not needed."""
        words = "DELETE FROM exchange_outbox WHERE recipient = %s AND answered_at IS NULL"
        self.at.ask(code, words, [recipient])


def _served(taken: Sequence[client.Driven]) -> str:
    counted = taken[1:]  # the first only warmed up
    p50, p95 = (median(getattr(each, name) for each in counted) for name in ("p50", "p95"))
    return f"{client.CLIENTS} 个客户端，p50 {p50:.1f} ms，p95 {p95:.1f} ms"


def _count(number: int) -> str:
    return f"{number // 10_000} 万" if number % 10_000 == 0 else str(number)


def ended(running: Running) -> None:
    """Stop one."""
    running.end()
