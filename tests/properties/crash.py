# SPDX-License-Identifier: Apache-2.0
"""A process that dies by SIGKILL at one named point, in the middle of real work on a real home.

`python -m tests.properties.crash URL HOME POINT`
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Connection, Engine, event

from consent import effects
from consent.blobs import ObstoreBlobs
from consent.gate import Gate
from consent.grants import Grants
from consent.subject_keys import SubjectKeys
from consent.tables import request
from consent.withdrawal import Withdrawals
from consent.words import Purpose, Subject
from consent.writing import Writing
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
Work = Callable[[Rooms, Subject], object]


def die(*_: Any, **__: Any) -> NoReturn:
    """End this process as a power cut would: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _before(owner: Any, name: str) -> None:
    assert hasattr(owner, name)
    setattr(owner, name, die)


def _after(owner: Any, name: str) -> None:
    honest = getattr(owner, name)

    def then_die(*given: Any, **named: Any) -> NoReturn:
        honest(*given, **named)
        die()

    setattr(owner, name, then_die)


def make_portrait(rooms: Rooms, person: Subject) -> None:
    """Make one portrait from request to sealed bytes."""
    rooms.portrait(person, FEED, b"made before the crash")


def withdraw(rooms: Rooms, person: Subject) -> None:
    """Say no to inserts."""
    rooms.consent.withdrawals.withdraw(person, FEED)


def grant(rooms: Rooms, person: Subject) -> None:
    """Say yes to one more purpose."""
    rooms.grant(person, Purpose.IMAGINE)


def insert(rooms: Rooms, person: Subject) -> None:
    """Place the portrait that is there already."""
    with rooms.consent.ledger.read() as connection:
        (waiting,) = connection.execute(request.select().with_only_columns(request.c.object)).all()
    rooms.insert(person, waiting[0])


def after_the_delete() -> None:
    """Die when the basis row is gone and the transaction is not committed yet."""

    def listening(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM basis"):
            die(connection)

    event.listen(Engine, "after_cursor_execute", listening)


POINTS: dict[str, tuple[Work, Callable[[], None]]] = {
    "after a decision": (make_portrait, lambda: _after(Gate, "ask_all")),
    "before a decision is committed": (make_portrait, lambda: _after(Gate, "_answer")),
    "before a blob is put": (make_portrait, lambda: _before(ObstoreBlobs, "put_all")),
    "between blob and row": (make_portrait, lambda: _after(ObstoreBlobs, "put_all")),
    "between row and commit": (insert, lambda: _after(effects, "_insert")),
    "after the row of an insert": (insert, lambda: _after(effects, "spend")),
    "before a withdrawal deletes": (withdraw, lambda: _after(Writing, "know")),
    "in a withdrawal, before its commit": (withdraw, after_the_delete),
    "after a withdrawal, before its bytes go": (withdraw, lambda: _before(Withdrawals, "forget")),
    "in a grant, between basis and key": (
        grant,
        lambda: _before(SubjectKeys, "make"),
    ),
    "in a grant, before its commit": (grant, lambda: _after(Grants, "_begin")),
    "before a chain is moved": (grant, lambda: _before(Writing, "close")),
}
"""Where to die, and doing what."""


def main(url: str, home: str, point: str) -> None:
    """Open the home, arm the point, work until it kills us."""
    work, arm = POINTS[point]
    rooms = Rooms.open(url, Path(home))
    person = rooms.consent.accounts.find("Ada").subject
    arm()
    work(rooms, person)


if __name__ == "__main__":
    main(*sys.argv[1:])
