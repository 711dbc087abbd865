# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of real work; then the same home is opened again and everything holds."""

import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import select, tuple_

from consent import database, entries, merkle
from consent.effects import Spent
from consent.gate import Permit
from consent.reaping import GRACE
from consent.tables import BASIS, basis, effect_tables, entry, metadata, selfie_use, subject_key
from consent.words import SECOND, Micros, Purpose, Step, Subject
from feed.tables import feed_insert
from tests.children import Children
from tests.conftest import Opener
from tests.properties.crash import POINTS
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
BOTH = ("after a decision", "between blob and row", "in a withdrawal, before its commit")
"""The points tried on PostgreSQL too; the others on SQLite alone."""


def crash(children: Children, url: str, home: Path, point: str) -> None:
    """Run the work in a process of its own and see it killed."""
    done = children.run("tests.properties.crash", url, str(home), point)
    assert done.returncode == -signal.SIGKILL, done.stderr


def whole(rooms: Rooms) -> None:
    """Check that no half of anything is there."""
    ledger = rooms.consent.ledger
    database.self_test(ledger.engine)
    with ledger.read() as connection:
        rows = connection.execute(select(entry.c.seq, entry.c.body, entry.c.leaf)).all()
        rows.sort()
        leaves = [merkle.leaf_hash(bytes(body)) for _, body, _ in rows]
        assert [seq for seq, _, _ in rows] == list(range(ledger.head()[0]))
        assert leaves == [bytes(leaf) for _, _, leaf in rows]
        assert merkle.root_of(leaves) == ledger.tree().root()
        held = {tuple(row) for row in connection.execute(select(*(basis.c[n] for n in BASIS)))}
        for table in (*effect_tables(), subject_key, selfie_use):
            hanging = select(*(table.c[name] for name in BASIS)).distinct()
            assert {tuple(row) for row in connection.execute(hanging)} <= held, table.name
        keys = select(*(subject_key.c[name] for name in BASIS))
        assert {tuple(row) for row in connection.execute(keys)} == held
        for table in metadata.sorted_tables:
            for key in table.foreign_key_constraints:
                own = tuple_(*key.columns)
                theirs = select(*(element.column for element in key.elements))
                given = [column.is_not(None) for column in key.columns]
                orphans = select(table).where(own.not_in(theirs), *given)
                assert connection.execute(orphans).first() is None, key.name
    assert rooms.consent.retention.lost() == 0


def chained(rooms: Rooms, person: Subject) -> None:
    mine = [found for found in rooms.entries() if found.get("tag") == rooms.tag(person)]
    assert [one.get("prev") for one in mine] == [None, *(one["seq"] for one in mine[:-1])]


def begin(rooms: Rooms, point: str) -> Subject:
    """Make what the work of a point begins from."""
    ada = rooms.inserted_person()
    if POINTS[point][0].__name__ in {"withdraw", "insert"}:
        rooms.portrait(ada, FEED)
    return ada


def survive(open_rooms: Opener, children: Children, url: str, home: Path, point: str) -> None:
    before = open_rooms(url)
    ada = begin(before, point)
    size, root = before.consent.ledger.head()[0], before.consent.ledger.tree().root()
    before.close()
    crash(children, url, home, point)
    after = open_rooms(url)
    whole(after)
    chained(after, ada)
    assert after.consent.ledger.tree().root(size) == root, "an acknowledged entry is gone"
    real = Micros(time.time_ns() // 1_000 + GRACE + SECOND)
    after.consent.retention.reap(real, apart=Micros(0))
    assert after.consent.retention.strays() == 0
    AGAIN[POINTS[point][0].__name__](after, ada)
    whole(after)
    chained(after, ada)


@pytest.mark.parametrize("point", POINTS)
def test_after_kill_9_nothing_is_half_done_and_the_work_can_be_done(
    open_rooms: Opener, children: Children, sqlite_url: str, tmp_path: Path, point: str
) -> None:
    survive(open_rooms, children, sqlite_url, tmp_path, point)


@pytest.mark.postgres
@pytest.mark.parametrize("point", BOTH)
def test_after_kill_9_beside_a_postgresql_the_same_holds(
    open_rooms: Opener, children: Children, postgres_url: str, tmp_path: Path, point: str
) -> None:
    survive(open_rooms, children, postgres_url, tmp_path, point)


# --- the work, done again


def _portrait(rooms: Rooms, person: Subject) -> None:
    rooms.clock.advance(86_400)
    obj = rooms.portrait(person, FEED, b"made after the crash")
    rooms.insert(person, obj)
    assert rooms.look(person, obj) == b"made after the crash"


def _insert(rooms: Rooms, person: Subject) -> None:
    """Place the portrait unless that had been committed; there is never a second insert."""
    rooms.clock.advance(86_400)
    with rooms.consent.ledger.read() as connection:
        made = connection.execute(select(metadata.tables["asset"].c.object)).scalars().all()
        placed = connection.execute(select(feed_insert.c.object)).scalars().all()
    for obj in set(made) - set(placed):
        assert isinstance(rooms.insert(person, obj), Spent)
    assert rooms.count(feed_insert, person) == 1
    assert rooms.look(person, made[0]) == b"portrait"


def _withdraw(rooms: Rooms, person: Subject) -> None:
    receipt = rooms.consent.withdrawals.withdraw(person, FEED)
    assert receipt["destroyed"]["portraits"] == 1
    assert FEED not in rooms.consent.grants.show(person)
    withdrawn = rooms.entries("withdraw")
    assert len(withdrawn) == 1
    body = entries.decode(entries.from_base64url(receipt["entry"]))
    assert body | {"seq": receipt["seq"]} == withdrawn[0]


def _grant(rooms: Rooms, person: Subject) -> None:
    rooms.grant(person, Purpose.IMAGINE)
    permit = rooms.ask(Step.SELECT, person, Purpose.IMAGINE, rooms.object())
    assert isinstance(permit, Permit)


AGAIN = {
    "make_portrait": _portrait,
    "insert": _insert,
    "withdraw": _withdraw,
    "grant": _grant,
}
