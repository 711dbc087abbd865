# SPDX-License-Identifier: Apache-2.0
"""A large population on a real schema, for benchmarks: written in bulk before the guards are up.

Of ten people seven hold `feed_insert`, one withdrew it, two were never asked; one in fifty was
attested an age, one in seven had a portrait planned this week. Triggers and foreign keys are in
force before anything is measured.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Table, create_engine, text

from consent import database, entries, key_files, notices, policies, tables, triggers
from consent.blobs import ObstoreBlobs
from consent.chance import FixedChance
from consent.clocks import VirtualClock
from consent.keys import UnsafeFileKeys
from consent.room import ConsentRoom, build
from consent.tables import metadata
from consent.words import DAY, Micros, Purpose, Subject

ORIGIN: Final = "onlyou.bench/log"
NOON: Final = Micros(1_780_000_000_000_000)
_ROWS: Final = 50_000
_ENTRY: Final = b'{"at":1780000000000000,"t":"grant","v":1}'
_FEED, _ROOT = str(Purpose.FEED_INSERT), str(Purpose.LIKENESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A room with its people, in the order in which they came."""

    room: ConsentRoom
    people: tuple[Subject, ...]


@contextmanager
def settle(url: str, home: Path, count: int) -> Iterator[Town]:
    """Make a home with `count` people on an empty database."""
    key_files.found(home / "keys", chance := FixedChance(7))
    keys = UnsafeFileKeys(home / "keys", chance)
    people = fill(url, keys, count, ORIGIN)
    engine = database.connect(url)
    room = build(
        engine=engine,
        policy=policies.load("strict-opt-in"),
        clock=VirtualClock(NOON),
        chance=FixedChance(7, start=1),
        keys=keys,
        blobs=ObstoreBlobs(str(home / "blobs")),
        origin=ORIGIN,
    )
    room.publish()
    try:
        yield Town(room=room, people=people)
    finally:
        engine.dispose()


def fill(url: str, keys: UnsafeFileKeys, count: int, origin: str) -> tuple[Subject, ...]:
    """Write `count` people, and the schema, into an empty database."""
    people = _numbers(count)
    held = keys.new_secrets(people)
    tags = [entries.tag(held[person], origin) for person in people]
    _fill(url, people, tags)
    return people


def _numbers(count: int) -> tuple[Subject, ...]:
    """Draw ids as accounts do: their order says nothing of when somebody came."""
    drawn = np.random.default_rng(7).integers(1, 1 << 62, count)
    return tuple(Subject(person) for person in drawn.tolist())


def _fill(url: str, people: Sequence[Subject], tags: Sequence[str]) -> None:
    """Write everything without triggers, then put them up."""
    engine = create_engine(url)  # as bare as it comes: on SQLite foreign keys are off
    dialect = engine.dialect.name
    with engine.begin() as connection:
        metadata.create_all(connection)
        if dialect != "sqlite":
            connection.exec_driver_sql("SET session_replication_role = replica")
        size = _write(connection, people, tags)
        connection.execute(tables.log_head.insert().values(one=1, size=size, now=NOON))
        for statement in triggers.statements(dialect):
            connection.exec_driver_sql(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if dialect == "sqlite" else "VACUUM ANALYZE"))
    engine.dispose()


def _write(connection: Connection, people: Sequence[Subject], tags: Sequence[str]) -> int:
    """Write all rows; entry 4n to 4n + 3 are the notices and yeses of the n-th person."""
    numbered = list(enumerate(people))
    asked = [(4 * n, who) for n, who in numbered if n % 10 < 8]
    holding = [(4 * n, who) for n, who in numbered if n % 10 < 7]
    sha256 = {notice.purpose: notice for notice in notices.read_notices()}
    size = 4 * len(people)
    leaf = bytes(32)
    types = ("notice.served", "grant")
    put = _Put(connection)
    put(tables.entry, ((seq, types[seq % 2], _ENTRY, leaf) for seq in range(size)))
    put(tables.subject, ((who,) for who in people))
    put(
        tables.chain,
        ((who, tags[n], 4 * n + 3 if n % 10 < 8 else None, None) for n, who in numbered),
    )
    for offset, purpose in ((0, _ROOT), (2, _FEED)):
        notice = sha256[Purpose(purpose)]
        quoted = (purpose, notice.sha256)
        put(
            tables.notice_served,
            (
                (seq + offset, "notice.served", who, *quoted, f"{seq + offset}", "1", "en")
                for seq, who in asked
            ),
        )
        end = NOON + 300 * DAY
        put(
            tables.granted,
            (
                (
                    seq + offset + 1,
                    "grant",
                    who,
                    purpose,
                    "explicit",
                    seq + offset,
                    NOON - DAY,
                    end,
                )
                for seq, who in asked
            ),
        )
        put(tables.basis, _bases(holding, purpose, offset))
    put(tables.preview, ((who, _FEED, seq + 3, "accepted", NOON - DAY) for seq, who in holding))
    put(
        tables.ended,
        ((4 * n + 3, who, _FEED, NOON, 0, 0, 0, 1) for n, who in numbered if n % 10 == 7),
    )
    put(tables.attestation, ((who, "adult", "US-TX", "self", NOON) for _, who in numbered[::50]))
    put(
        tables.permit,
        (
            (seq + 1, "decision", 0, who, "select", _FEED, seq + 3, 1 + seq, NOON - 2 * DAY, NOON)
            for seq, who in holding[::7]
        ),
    )
    return size


def _bases(
    holding: Sequence[tuple[int, Subject]], purpose: str, offset: int
) -> Iterator[tuple[Any, ...]]:
    for seq, who in holding:
        parent = (None, None) if purpose == _ROOT else (_ROOT, seq + 1)
        yield who, purpose, seq + offset + 1, "grant", "explicit", *parent


class _Put:
    """Insert tuples in the order of a table's columns."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        lite = self._connection.dialect.name == "sqlite"
        for some in _chunks(rows):
            if lite:
                marks = ", ".join("?" for _ in table.columns)
                statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608
                self._connection.exec_driver_sql(statement, some)
            else:
                self._copy(f'COPY "{table.name}" ({names}) FROM STDIN', some)

    def _copy(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        cursor = self._connection.connection.cursor()
        with cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    chunk: list[tuple[Any, ...]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
