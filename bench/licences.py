# SPDX-License-Identifier: Apache-2.0
"""Existing certificates taken over, beside COPY; papers made and signed, beside the signature; how soon all know."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Any

import psycopg

from bench import copies
from bench.federation import Federation
from bench.measures import GANSU, HUNAN, Inside, Measures
from bench.rows import Goal, Pair, Row, row
from tongban.standards import clock

MANY, FEW = 100_000, 20_000  # certificates; of a quick run
PAPERS, FEW_PAPERS = 1_000, 200
WORKERS = 2  # one for each core
MINE = "SELECT id FROM licences_licence WHERE stock_id = %s"
WHOSE = {
    "licences_licence": "stock_id = %s",
    "licences_number": f"licence_id IN ({MINE})",
    "vault_subject_key": "subject IN (SELECT subject FROM licences_licence WHERE stock_id = %s)",
}


def licences(measures: Measures) -> list[Row]:
    """What one node does, and how soon another knows what it took back."""
    return [_stock(measures), _papers(measures), _known(measures)]


def _stock(measures: Measures) -> Row:
    count, at = (MANY if measures.size.many else FEW), measures.at
    inside = Inside(at, GANSU)
    took = inside.ask("take_stock", count=count)
    inside.end()
    copied = _copied(at, took["id"])
    note = f"{count:,} 份，CSV {took['bytes'] / 1e6:.0f} MB；同一份文件再收录 {took['again']:.0f} s"
    most = Goal("value", most=60) if count == MANY else None
    return row("收录存量证照", "s", [Pair(took["seconds"], copied)], against="COPY 同样的行", note=note, goal=most)


def _copied(at: Federation, batch: str) -> float:
    """The same rows into tables of the same shape with the same indexes."""
    took = 0.0
    with copies.opened(at.server.owner_url(f"node_{GANSU}")) as database:
        for table, whose in WHOSE.items():
            kept: list[tuple[Any, ...]] = database.execute(f"SELECT * FROM {table} WHERE {whose}", [batch]).fetchall()
            database.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            before = clock.monotonic()
            with database.cursor() as cursor, cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
                for told in kept:
                    copy.write_row(told)
            took += clock.monotonic() - before
            database.execute(f"DROP TABLE bench_{table}")
    return took


def _papers(measures: Measures) -> Row:
    count = PAPERS if measures.size.many else FEW_PAPERS
    workers = [Inside(measures.at, GANSU) for _ in range(WORKERS)]
    assert workers[0].ask("issue_papers", count=count) == count
    began = clock.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:
        made = sum(told["done"] for told in pool.map(lambda inside: inside.ask("make_papers"), workers))
    took = clock.monotonic() - began
    bare = workers[0].ask("bare_signatures", count=count)
    for inside in workers:
        inside.end()
    assert made == count, made
    pair = Pair(60 * made / took, 60 * bare["done"] / bare["seconds"])
    note = f"{WORKERS} 个进程，{count} 份 PDF，从签发记录到盖章存档"
    return row("生成并签章 PDF", "份/min", [pair], against="只用密钥签名", note=note, goal=Goal("value", least=1_000))


def _has(there: "psycopg.Connection[Any]", sql: str, digest: str) -> bool:
    return there.execute(sql, [digest]).fetchone() is not None


def _known(measures: Measures) -> Row:
    """From the act at the desk until the other node would refuse the licence: real services and resident processes."""
    at, heard = measures.at, "SELECT 1 FROM licences_told WHERE file_digest = %s"
    serving, inside = [at.serve(HUNAN, "exchange"), at.work(GANSU), at.work(HUNAN)], Inside(at, GANSU)
    took = []
    try:
        with psycopg.connect(at.database(HUNAN), autocommit=True) as there:
            for _ in range(measures.size.latencies):
                time.sleep(random.uniform(0.3, 0.8))
                began = clock.monotonic()
                digest = inside.ask("withdraw_one")
                measures.until(partial(_has, there, heard, digest))
                took.append((clock.monotonic() - began) * 1000)
    finally:  # whatever happened, the parts that follow are measured alone
        inside.end()
        at.stop(*serving)
    took.sort()
    p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
    note = f"空闲时 {len(took)} 次，真实的服务和常驻进程；中位数 {median(took):.0f} ms，最长 {took[-1]:.0f} ms"
    return row("甲地吊销到乙地已知，p95", "ms", [Pair(p95)], goal=Goal("value", most=60_000), note=note)
