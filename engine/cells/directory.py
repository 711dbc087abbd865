# SPDX-License-Identifier: Apache-2.0
"""The directory: which cell holds which shard, in which term, and how far a move has come.

open     `cell` holds it; `beside`, if any, has what it left there, or what is put where it will go
moving   `cell` is being closed and copied to `beside`; it can still be given up
carried  `beside` has all of it, compared; nothing is left to do but to go on
A change names what it changes from, so that of two who change at once one is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Engine, Row, insert, select, update

from consent import database
from consent.errors import Broken, Misused
from consent.words import Micros, Reason
from engine.tables import cell, shard

FIRST: Final = 1
"""The term in which a shard begins."""


class State(StrEnum):
    """How far a move has come."""

    OPEN = "open"
    MOVING = "moving"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one shard lies."""

    number: int
    cell: str
    term: int
    state: State
    beside: str | None = None


_COLUMNS = (shard.c.number, shard.c.cell, shard.c.term, shard.c.state, shard.c.beside)


class Directory:
    """Find and move shards in the front's database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def places(self) -> tuple[Place, ...]:
        """List every shard in order."""
        with database.reading(self.engine) as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(shard.c.number)).all()
        return tuple(map(_place, rows))

    def place(self, number: int) -> Place:
        """Find one shard. Errors: Misused(unknown-key), the caller's fault."""
        with database.reading(self.engine) as connection:
            found = select(*_COLUMNS).where(shard.c.number == number)
            row = connection.execute(found).one_or_none()
        if row is None:
            raise Misused(Reason.UNKNOWN_KEY, f"there is no shard {number}")
        return _place(row)

    def know(self, cells: Collection[str], now: Micros) -> None:
        """Enter cells that are not known yet."""
        with self.engine.begin() as connection:
            known = set(connection.execute(select(cell.c.id)).scalars())
            for name in sorted(set(cells) - known):
                connection.execute(insert(cell).values(id=name, since=now))

    def enter(self, number: int, where: str) -> None:
        """Enter a new shard, in its first term."""
        row = {"number": number, "cell": where, "term": FIRST, "state": State.OPEN}
        with self.engine.begin() as connection:
            connection.execute(insert(shard).values(row))

    # --- a move, step by step

    def reserve(self, place: Place, target: str) -> Place:
        """Say where a shard will go, so that what is put there is cleared if it never does."""
        return self._change(place, replace(place, beside=target))

    def begin(self, place: Place) -> Place:
        """Begin to move where it is to go: nobody who opens the shard now finds it open."""
        return self._change(place, replace(place, state=State.MOVING, term=place.term + 1))

    def carried(self, place: Place) -> Place:
        """Say that the copy is whole."""
        return self._change(place, replace(place, state=State.CARRIED))

    def flip(self, place: Place) -> Place:
        """Point to the copy."""
        where, left = str(place.beside), place.cell
        return self._change(place, replace(place, cell=where, state=State.OPEN, beside=left))

    def give_up(self, place: Place) -> Place:
        """Let it be open where it was; what was copied is left to be cleared."""
        return self._change(place, replace(place, state=State.OPEN))

    def cleared(self, place: Place) -> Place:
        """Say that nothing is left beside."""
        return self._change(place, replace(place, beside=None))

    def _change(self, before: Place, after: Place) -> Place:
        mine = [
            column.is_(None) if value is None else column == value
            for column, value in _values(before).items()
        ]
        said = {column.name: value for column, value in _values(after).items()}
        del said[shard.c.number.name]  # the one column that the application may not change
        with self.engine.begin() as connection:
            done = connection.execute(update(shard).where(*mine).values(said)).rowcount
        if not done:
            raise Broken(Reason.UNAVAILABLE, "somebody else moves this shard at this moment")
        return after


def _values(place: Place) -> dict[Any, Any]:
    return dict(
        zip(
            _COLUMNS,
            (place.number, place.cell, place.term, str(place.state), place.beside),
            strict=True,
        )
    )


def _place(row: Row[int, str, int, str, str | None]) -> Place:
    number, where, term, state, beside = row
    return Place(number=number, cell=where, term=term, state=State(state), beside=beside)
