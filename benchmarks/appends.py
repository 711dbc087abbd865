# SPDX-License-Identifier: Apache-2.0
"""How fast entries are appended, a thousand a transaction, each about another person.

What is timed is the whole transaction: head lock, chains and secrets of a thousand people read,
entries encoded, committed to and hashed, rows and chains written, commit. The floor is the bare
driver (sqlite3 `executemany`, psycopg COPY) writing the very same finished rows into the same
schema, with its triggers, and the head, batch by batch in turn with ours.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final, Protocol

import psycopg
from sqlalchemy import select

from benchmarks.conditions import Result
from benchmarks.homes import driver_url, opened, people
from consent.entries import Value
from consent.tables import entry
from consent.words import SECOND, Micros, ObjectId, Purpose, Step, Subject
from consent.writing import Writing
from tests.rooms import Rooms

BATCH: Final = 1_000
FACTS: Final[Mapping[str, Value]] = {
    "confirmed": False,
    "expired": False,
    "kind": "explicit",
    "notice_current": True,
    "preview": True,
    "used_day": 1,
    "used_week": 2,
    "withdrawn": False,
}
Row = tuple[int, str, bytes, bytes]
Say = Callable[[Writing, Subject, ObjectId], object]


def _effect(writing: Writing, person: Subject, obj: ObjectId) -> object:
    return writing.append("effect", subject=person, object=obj, step=Step.VIEW, effect_of=1)


def _facts(writing: Writing, person: Subject, _obj: ObjectId) -> object:
    named: dict[str, Any] = {"purpose": Purpose.FEED_INSERT, "step": Step.SELECT}
    return writing.append("decision", subject=person, facts=FACTS, verdict="allow", **named)


def _decision(writing: Writing, person: Subject, obj: ObjectId) -> object:
    return writing.append(
        "decision",
        subject=person,
        object=obj,
        request=obj,
        facts=FACTS,
        purpose=Purpose.FEED_INSERT,
        step=Step.SELECT,
        policy="a" * 64,
        verdict="allow",
        basis="explicit",
        epoch=17,
        not_after=Micros(writing.now + 600 * SECOND),
    )


KINDS: Final[Mapping[str, Say]] = MappingProxyType(
    {
        "tag, prev, object; no openings": _effect,
        "tag, prev, facts with sealed openings": _facts,
        "whole decisions: object, request, facts with sealed openings": _decision,
    }
)


class Raw(Protocol):
    """A bare connection that writes finished rows."""

    def write(self, rows: Sequence[Row]) -> None:
        """Insert rows, move the head, commit."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class RawSqlite:
    """The standard library's driver, with the settings of `consent.database`."""

    def __init__(self, file: str) -> None:
        self._database = sqlite3.connect(file, isolation_level=None)
        for pragma in ("foreign_keys = ON", "synchronous = FULL", "secure_delete = ON"):
            self._database.execute(f"PRAGMA {pragma}")
        journal = self._database.execute("PRAGMA journal_mode").fetchone()[0]
        self._database.execute(
            f"PRAGMA journal_mode = {'wal' if journal == 'wal' else 'truncate'}"
        )

    def write(self, rows: Sequence[Row]) -> None:
        """Insert rows, move the head, commit."""
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)
        self._database.execute("UPDATE log_head SET size = ?", (rows[-1][0] + 1,))
        self._database.execute("COMMIT")

    def close(self) -> None:
        """Let go."""
        self._database.close()


class RawPostgres:
    """psycopg's COPY."""

    def __init__(self, url: str) -> None:
        self._database = psycopg.connect(url)

    def write(self, rows: Sequence[Row]) -> None:
        """Insert rows, move the head, commit."""
        with self._database.cursor() as cursor:
            cursor.execute("UPDATE log_head SET size = %s", (rows[-1][0] + 1,))
            with cursor.copy("COPY entry FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(("int8", "text", "bytea", "bytea"))
                for row in rows:
                    copy.write_row(row)
        self._database.commit()

    def close(self) -> None:
        """Let go."""
        self._database.close()


def raw(url: str) -> Raw:
    """Connect without us."""
    return (RawSqlite if url.startswith("sqlite") else RawPostgres)(driver_url(url))


def measured(kind: str, urls: Iterator[str], batches: int) -> Iterator[Result]:
    """Time each kind of entry on one database, beside its floor."""
    for what, say in KINDS.items():
        ours, floor = appended(urls, say, batches)
        value, bare = BATCH / median(ours), BATCH / median(floor)
        yield {
            "what": f"{kind}: append {what}",
            "value": round(value),
            "unit": "entries/s",
            "floor": round(bare),
            "ratio": round(value / bare, 2),
            "n": batches * BATCH,
            "spread": round(BATCH / min(ours) - BATCH / max(ours)),
        }


def appended(urls: Iterator[str], say: Say, batches: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each batch: ours, and the bare driver's with the same rows."""
    floor = raw(next(urls))
    ours: list[float] = []
    bare: list[float] = []
    done = 0
    with opened(next(urls)) as rooms:
        persons = people(rooms, BATCH)
        for _ in range(batches + 1):
            ours.append(took(lambda: _append(rooms, persons, say)))
            rows = written(rooms, done)
            done += len(rows)
            bare.append(took(partial(floor.write, rows)))
    floor.close()
    return ours[1:], bare[1:]


def _append(rooms: Rooms, persons: Sequence[Subject], say: Say) -> None:
    with rooms.consent.ledger.write() as writing:
        writing.know(persons)
        for number, person in enumerate(persons, 1):
            say(writing, person, ObjectId(writing.size << 20 | number))


def written(rooms: Rooms, first: int) -> list[Row]:
    """Read the rows from `first` on, as the database holds them."""
    rows = select(entry).where(entry.c.seq >= first).order_by(entry.c.seq)
    with rooms.consent.ledger.read() as connection:
        return [(s, t, bytes(body), bytes(leaf)) for s, t, body, leaf in connection.execute(rows)]


def took(act: Callable[[], Any]) -> float:
    """Return the seconds that one run takes."""
    start = perf_counter()
    act()
    return perf_counter() - start
