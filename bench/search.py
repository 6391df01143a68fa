# SPDX-License-Identifier: Apache-2.0
"""Search over a million implementations: ours over HTTP beside raw tantivy and PostgreSQL on the same words."""

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import psycopg
import tantivy
import urllib3

from bench import copies, search_corpus
from bench.federation import Federation
from bench.measures import GANSU, Measures
from bench.rows import Goal, Pair, Row, row
from bench.search_corpus import Implementation, Query
from tongban.catalogue.search import speech
from tongban.catalogue.search.features import features
from tongban.standards import clock
from tongban.standards.regions import PROVINCES

TOP = 20
FEW = 50_000  # implementations of a quick run
DEEP = 100  # answers among which the engines beside ours may look for five different items
DOCUMENT = b'{"served":["%s"]}'
ITEM_COLUMNS = (
    "task_code, version, publisher, publisher_name, node_code, region_code, name, mode, document, digest, "
    "status, origin, published_at, effective_from"
)
VECTOR_TABLE = "CREATE UNLOGGED TABLE bench_search (task_code text, vector tsvector)"
VECTOR_FIND = (
    "SELECT task_code FROM bench_search, to_tsquery('simple', %s) query WHERE vector @@ query "
    "ORDER BY ts_rank(vector, query) DESC LIMIT %s"
)


@dataclass(frozen=True)
class Asked:
    """A question as each engine is asked it: the same words, the same region."""

    query: Query
    words: tuple[str, ...]
    region: str


def search(measures: Measures) -> list[Row]:
    """Build the three, ask them in turns, see who finds the right item."""
    return Search(measures).rows()


class Search:
    """One corpus, three engines."""

    def __init__(self, measures: Measures) -> None:
        self.at: Federation = measures.at
        self.measures = measures
        self.count = search_corpus.MANY if measures.size.many else FEW
        drawn = random.Random(50)
        self.tuning, self.held_out = (
            [_asked(query, drawn) for query in search_corpus.queries(half)] for half in ("tuning", "held_out")
        )
        self.http = urllib3.PoolManager(retries=False)

    def rows(self) -> list[Row]:
        """Everything that is said about search."""
        built = self._build()
        served = self.at.serve(GANSU, "pages", workers=2)
        with psycopg.connect(self.at.server.owner_url(f"node_{GANSU}"), autocommit=True) as self.database:
            self.address = f"http://127.0.0.1:{self.at.port(GANSU)}/api/v1/items"
            ours = self._latencies(self._ours, self._tantivy)
            postgresql = self._latencies(self._postgresql, self._tantivy)
            quality = [line for half in ("tuning", "held_out") for line in self._quality(half)]
        self.at.stop(served)
        return [*ours, *postgresql, *quality, *built]

    # Building

    def _build(self) -> list[Row]:
        rows = list(search_corpus.implementations(self.count))
        with copies.opened(self.at.server.owner_url(f"node_{GANSU}")) as database:
            _copy_items(database, rows)
            database.execute("TRUNCATE catalogue_search_pending")
            took = {"本系统": _timed(self._rebuild), "tantivy": _timed(lambda: self._index(rows))}
            took["PostgreSQL"] = _timed(lambda: _copy_vectors(database, rows))
            copies.settle(database, ["catalogue_item_version", "catalogue_search_name", "catalogue_search_place"])
            copies.settle(database, ["bench_search"])
            names, size, other = database.execute(
                "SELECT (SELECT count(*) FROM catalogue_search_name), "
                "pg_total_relation_size('catalogue_search_place'), pg_total_relation_size('bench_search')"
            ).fetchone() or (0, 0, 0)
        folder = sum(file.stat().st_size for file in self._folder.iterdir())
        note = (
            f"{self.count:,} 项、{names:,} 个不同叫法；占用：本系统 {size / 1e6:.0f} MB，"
            f"tantivy {folder / 1e6:.0f} MB，PostgreSQL 词元 {other / 1e6:.0f} MB；"
            f"PostgreSQL 词元用时 {took['PostgreSQL']:.0f} s"
        )
        pair = Pair(took["本系统"], took["tantivy"])
        return [row("重建检索索引，用时", "s", [pair], against="tantivy 建索引", note=note)]

    def _rebuild(self) -> None:
        command = [sys.executable, "-m", "tongban.cli", "search", "rebuild", "--home", str(self.at.node(GANSU).home)]
        subprocess.run(command, env=self.at.environment(GANSU), check=True, capture_output=True)

    def _index(self, rows: Sequence[Implementation]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("code", stored=True, tokenizer_name="raw")
        builder.add_text_field("words", tokenizer_name="whitespace")
        builder.add_text_field("region", tokenizer_name="whitespace", index_option="basic")
        self._folder: Path = self.at.folder / "tantivy"
        self._folder.mkdir()
        self.schema = builder.build()
        index = tantivy.Index(self.schema, str(self._folder))
        writer = index.writer(heap_size=256_000_000, num_threads=2)
        for one in rows:
            told = {
                "code": one.task_code,
                "words": " ".join(_words(one.name)),
                "region": " ".join(_regions(one.region)),
            }
            writer.add_document(tantivy.Document(**told))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self.searcher = index.searcher()

    # Asking

    def _ours(self, asked: Asked, limit: int) -> list[str]:
        told = {"q": asked.query.text, "region": asked.region, "limit": str(min(limit, TOP))}
        answer = self.http.request("GET", self.address, fields=told)
        assert answer.status == 200, answer.data
        return [item["task_code"] for item in msgspec.json.decode(answer.data)["items"]]

    def _tantivy(self, asked: Asked, limit: int) -> list[str]:
        any_word = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "words", word)) for word in asked.words
        ]
        parts = [(tantivy.Occur.Must, tantivy.Query.boolean_query(any_word))]
        if asked.region:
            region = tantivy.Query.term_query(self.schema, "region", asked.region)
            parts.append((tantivy.Occur.Must, tantivy.Query.const_score_query(region, 0.0)))
        hits = self.searcher.search(tantivy.Query.boolean_query(parts), limit, count=False).hits
        return [self.searcher.doc(address)["code"][0] for _, address in hits]

    def _postgresql(self, asked: Asked, limit: int) -> list[str]:
        words = " | ".join(f"'{word}'" for word in asked.words)
        told = f"({words})" + (f" & r{asked.region}" if asked.region else "")
        return [code for (code,) in self.database.execute(VECTOR_FIND, [told, limit], prepare=True)]

    # Measuring

    def _latencies(
        self, mine: Callable[[Asked, int], list[str]], other: Callable[[Asked, int], list[str]]
    ) -> list[Row]:
        asked = [each for each in self.tuning + self.held_out if each.words]
        kept: list[list[float]] = []

        def ours(number: int) -> float:
            kept.append(sorted(_milliseconds(mine, each) for each in asked))
            return _at(kept[-1], 0.95)

        def theirs(number: int) -> float:
            return _at(sorted(_milliseconds(other, each) for each in asked), 0.95)

        pairs = self.measures.alternate(ours, theirs)
        p50 = median(_at(each, 0.5) for each in kept[1:])
        is_ours = mine == self._ours
        name = "检索，经 HTTP" if is_ours else "— PostgreSQL 词元与 ts_rank，不经 HTTP"
        return [
            row(
                f"{name}，{self.count // 10_000} 万实施事项，一省之内，排序前 {TOP} 条，p95",
                "ms",
                pairs,
                goal=Goal("value", most=15) if is_ours else None,
                against="tantivy，同样的词，不经 HTTP",
                note=f"p50 {p50:.1f} ms；每轮 {len(asked)} 个日常说法，一个客户端",
            )
        ]

    def _quality(self, half: str) -> list[Row]:
        asked: list[Asked] = getattr(self, half)
        name = {"tuning": "调试用的一半", "held_out": "未看过的一半"}[half]
        told = {engine: _scores(asked, ask) for engine, ask in self._engines().items()}
        return [
            row(
                f"日常说法，{name}，前 {top} 条里有要找的",
                "%",
                [Pair(told["ours"][top], told["tantivy"][top])],
                against=f"tantivy，同样的词；PostgreSQL {told['postgresql'][top]:.1f} %",
                note=f"{len(asked)} 个说法，各在一省之内",
            )
            for top in (1, 5)
        ]

    def _engines(self) -> dict[str, Callable[[Asked, int], list[str]]]:
        return {"ours": self._ours, "tantivy": self._tantivy, "postgresql": self._postgresql}


def _asked(query: Query, drawn: random.Random) -> Asked:
    """The words that the table makes of it; a province where it names no place, for every engine alike."""
    words = (word[1:] for word in features(speech.asked(query.text), asked=True) if word[0] == "w")
    region = query.region or drawn.choice([code for code in PROVINCES if code < "70"])
    return Asked(query, tuple(dict.fromkeys(words)), region.ljust(6, "0"))


def _scores(asked: Sequence[Asked], ask: Callable[[Asked, int], list[str]]) -> dict[int, float]:
    """How many of a hundred find a right item among the first one and five different ones."""
    right = {1: 0, 5: 0}
    for each in asked:
        fits = [code for code in ask(each, DEEP) if code[2:].startswith(each.query.region)]
        numbers = list(dict.fromkeys(int(code[8:10]) for code in fits))
        for top in right:
            right[top] += bool(each.query.right & set(numbers[:top]))
    return {top: 100 * count / len(asked) for top, count in right.items()}


def _copy_items(database: "psycopg.Connection[Any]", rows: Sequence[Implementation]) -> None:
    """As a node has them that others have told of; only what a search reads is theirs."""
    database.execute("DELETE FROM catalogue_item_version")
    now, today = clock.now(), clock.today()
    with database.cursor() as cursor, cursor.copy(f"COPY catalogue_item_version ({ITEM_COLUMNS}) FROM STDIN") as out:
        for one in rows:
            document = DOCUMENT % (b"enterprise" if one.company else b"natural")
            who = (one.task_code, 1, one.task_code[:18], one.publisher, one.region[:2] + "0000", one.region)
            out.write_row((*who, one.name, one.mode, document, "", "published", "copy", now, today))


def _copy_vectors(database: "psycopg.Connection[Any]", rows: Sequence[Implementation]) -> None:
    database.execute(VECTOR_TABLE)
    with database.cursor() as cursor, cursor.copy("COPY bench_search FROM STDIN") as out:
        for one in rows:
            words = [*_words(one.name), *(f"r{code}" for code in _regions(one.region))]
            out.write_row((one.task_code, " ".join(f"'{word}':{at + 1}" for at, word in enumerate(words))))
    database.execute("CREATE INDEX ON bench_search USING gin (vector)")


@cache
def _words(name: str) -> list[str]:
    return [word[1:] for word in features(speech.named(name), asked=False) if word[0] == "w"]


def _regions(code: str) -> list[str]:
    """A region with all that contain it."""
    return list(dict.fromkeys((code[:2] + "0000", code[:4] + "00", code)))


def _milliseconds(ask: Callable[[Asked, int], list[str]], asked: Asked) -> float:
    return 1000 * _timed(lambda: ask(asked, TOP))


def _timed(work: Callable[[], Any]) -> float:
    began = clock.monotonic()
    work()
    return clock.monotonic() - began


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]
