# SPDX-License-Identifier: Apache-2.0
"""Time nightly selection at scale: `onlyou bench blocks --users 1000000`.

Decided, logged and provable: `gate.decide_all` and the checkpoint that covers it, over people of
every standing, on both databases. Three floors from the same run: the facts of everybody as one
bare join, the SHA-256 of the same bytes, the same rows written by the driver alone.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import create_engine, make_url, text

from benchmarks import population
from benchmarks.conditions import Result, report, timed
from benchmarks.population import Town
from consent import arrays, batches, blocks, crowds, recorded
from consent.outdated import Outdated
from consent.words import Purpose, Step
from engine import wiring
from tests import postgres

FEED: Final = Purpose.FEED_INSERT
DATABASES: Final = ("sqlite", "postgresql")
_WIDTHS: Final = (64 + 34, 64 + 32, 16 + 130, 1 + 70, 1 + 64)
"""Bytes that each slot hashes: HMAC inside and outside, its facts, its leaf, a node."""
_JOIN: Final = """
SELECT c.subject, c.tag, c.last, c.slot, b.epoch, g.kind, g.term_end, n.sha256, p.answer
FROM chain c
LEFT JOIN basis b ON b.subject = c.subject AND b.purpose = 'feed_insert'
LEFT JOIN granted g ON g.seq = (
    SELECT max(seq) FROM granted WHERE subject = c.subject AND purpose = 'feed_insert')
LEFT JOIN notice_served n ON n.seq = g.served_seq
LEFT JOIN preview p ON p.subject = c.subject AND p.purpose = 'feed_insert'
"""


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Decide for `users` people on SQLite and on PostgreSQL."""
    count = users or (2_000 if smoke else 100_000)
    results = [one for name in DATABASES for one in _measured(name, count, 1 if smoke else 3)]
    return report(
        "blocks", smoke=smoke, packages=("numpy", "sqlalchemy", "psycopg"), results=results
    )


def _measured(name: str, count: int, n: int) -> list[Result]:
    with _town(name, count) as town:
        hashing = timed(f"floor: {len(_WIDTHS)} SHA-256 a slot", lambda: _hash(count), n=n)
        asking = timed(f"floor: {name}, one bare join of everybody's facts", _joined(town), n=n)
        checking = timed(
            f"{name}: set check of {count} people",
            lambda: _check(town),
            n=n,
            floor=asking["value"],
        )
        writing = timed(f"floor: {name}, the same rows by the driver", _written(town), n=n)
        bare = hashing["value"] + asking["value"] + writing["value"]
        town.room.ledger.checkpoint()
        whole = timed(
            f"{name}: {count} decided, logged and provable",
            lambda: _decide(town),
            n=n,
            floor=bare,
        )
        proving = timed(f"{name}: prove one slot of a block", _proved(town), n=n)
    return [hashing, asking, checking, writing, whole, proving]


@contextmanager
def _town(name: str, count: int) -> Iterator[Town]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{home}/onlyou.db"
        if name != "sqlite":
            cluster = stack.enter_context(postgres.running())
            url = cluster.empty()
            _lasting(url)
        yield stack.enter_context(population.settle(url, home, count))


def _lasting(url: str) -> None:
    """Let the server that tests run on wait for its disk, as one in use does."""
    engine = create_engine(make_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = on"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _hash(count: int) -> None:
    sha256 = hashlib.sha256
    for content in [bytes(width) for width in _WIDTHS]:
        for _ in range(count):
            sha256(content).digest()


def _joined(town: Town) -> Callable[[], int]:
    def ask() -> int:
        with town.room.ledger.read() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(_JOIN)
            return sum(len(rows) for rows in iter(lambda: cursor.fetchmany(blocks.MOST), []))

    return ask


def _check(town: Town) -> int:
    """Read and decide as the gate does, a block after another, and write nothing."""
    people = np.unique(np.array(town.people))
    room, allowed = town.room, 0
    outdated = Outdated(FEED, room.notices.current[FEED])
    now = room.ledger.now()
    with room.ledger.read() as connection:
        outdated.learn(connection)
        for start in range(0, len(people), blocks.MOST):
            crowd = crowds.read(
                connection,
                people[start : start + blocks.MOST],
                step=Step.SELECT,
                purpose=FEED,
                now=now,
                outdated=outdated,
            )
            said = arrays.decide(room.policy, Step.SELECT, FEED, crowd.facts)
            allowed += int(np.count_nonzero(said == 0))
    return allowed


def _written(town: Town) -> Callable[[], None]:
    """Write the records, the sealed facts and everybody's end, a transaction a block."""
    people = sorted(town.people)
    engine = town.room.ledger.engine
    raw = np.random.default_rng(7).bytes
    kind = "BLOB" if engine.dialect.name == "sqlite" else "BYTEA"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE bare (records {kind}, sealed {kind})"))

    def write() -> None:
        for start in range(0, len(people), blocks.MOST):
            some = people[start : start + blocks.MOST]
            row = {"records": raw(70 * len(some)), "sealed": raw(16 * len(some))}
            with engine.begin() as connection:
                connection.execute(text("INSERT INTO bare VALUES (:records, :sealed)"), row)
                ends = [(1, slot, person) for slot, person in enumerate(some)]
                batches.move_chains(connection, ends)

    return write


def _decide(town: Town) -> None:
    decided = town.room.gate.decide_all(Step.SELECT, FEED, town.people, run="bench")
    told = sum(len(one.people) for one in decided.blocks)
    if told != len(town.people) or not decided.denied:
        raise AssertionError(f"decided on {told} people and denied {decided.denied}")
    town.room.ledger.checkpoint()


def _proved(town: Town) -> Callable[[], None]:
    ledger = town.room.ledger
    size, _ = ledger.head()

    def prove() -> None:
        with ledger.read() as connection:
            one = recorded.slot_of(connection, size - 1, 0)
            recorded.proof_of(connection, one)
        ledger.inclusion(size - 1, size)

    return prove


_SCHEMA: Final = wiring
"""Imported so that every room's tables are there."""
