# SPDX-License-Identifier: Apache-2.0
"""Who has paused everything at a moment. Reads only; `consent.pausing` keeps it.

A pause whose time has come is over by itself: nobody writes anything down for that.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, or_, select

from consent.among import among
from consent.tables import pause
from consent.words import Micros, Seq, Subject

_CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """A pause that lasts: since when, until when, None until it is ended, and its entry."""

    since: Micros
    until: Micros | None
    seq: Seq


def lasting(now: Micros) -> ColumnElement[bool]:
    """Choose the rows of pauses that last at a moment: a pause ends at its very microsecond."""
    return or_(pause.c.until.is_(None), pause.c.until > now)


def paused(
    connection: Connection, people: Collection[Subject], now: Micros
) -> dict[Subject, Paused]:
    """Read which of these people have paused everything."""
    columns = (pause.c.subject, pause.c.at, pause.c.until, pause.c.seq)
    asked = sorted(people)
    found: dict[Subject, Paused] = {}
    for start in range(0, len(asked), _CHUNK):
        mine = among(pause.c.subject, asked[start : start + _CHUNK])
        for subject, at, until, seq in connection.execute(
            select(*columns).where(mine, lasting(now))
        ):
            end = None if until is None else Micros(until)
            found[Subject(subject)] = Paused(since=Micros(at), until=end, seq=Seq(seq))
    return found
