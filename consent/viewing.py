# SPDX-License-Identifier: Apache-2.0
"""Looking at a portrait or selfie: decided and logged once a viewing session, for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, and_, select, tuple_

from consent import effects
from consent.gate import Ask, Denial, Gate, Permit
from consent.gate import View as Looking
from consent.words import Actor, Micros, ObjectId
from consent.writing import Writing

Asked = Ask[Looking]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is looked at: an effect table, and of shares which one.

    Whoever looks at a share is somebody else; who, is not written down.
    """

    table: Table
    share: ObjectId | None = None

    def columns(self) -> dict[str, int]:
        """Return the place's own columns of a look's row."""
        return {} if self.share is None else {"share": self.share}

    @property
    def actor(self) -> Actor | None:
        """Say who looks, where it is not the owner."""
        return None if self.share is None else Actor.FRIEND


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One look at one content, and where."""

    gate: Gate
    ask: Asked
    place: Place


def in_session(
    connection: Connection, asks: Sequence[Asked], place: Place, now: Micros
) -> frozenset[Asked]:
    """Return those whose view of this content was decided and logged not long ago."""
    columns = place.table.c
    named = (columns.subject, columns.object, columns.purpose)
    wanted = {ask: (ask.subject, ask.object, str(ask.purpose)) for ask in asks}
    session = and_(
        tuple_(*named).in_(list(wanted.values())), columns.not_after > now, *_there(place)
    )
    seen = {tuple(row) for row in connection.execute(select(*named).where(session))}
    return frozenset(ask for ask, key in wanted.items() if key in seen)


def _there(place: Place) -> list[ColumnElement[bool]]:
    return [place.table.c[name] == value for name, value in place.columns().items()]


def begin(writing: Writing, views: Sequence[View]) -> Sequence[Denial | None]:
    """Decide and log views; None for each that may go on, as one in session may.

    Errors: Misused(permit-used) for what is not in that place; then nothing is decided.
    """
    denials: dict[View, Denial] = {}
    for gate, place in dict.fromkeys((view.gate, view.place) for view in views):
        mine = [view for view in dict.fromkeys(views) if (view.gate, view.place) == (gate, place)]
        asks = {view.ask: view for view in mine}
        seen = in_session(writing.connection, list(asks), place, writing.now)
        new = [ask for ask in asks if ask not in seen]
        for ask, denial in zip(new, _look(writing, gate, place, new), strict=True):
            if denial is not None:
                denials[asks[ask]] = denial
    return [denials.get(view) for view in views]


def _look(
    writing: Writing, gate: Gate, place: Place, asks: Sequence[Asked]
) -> Sequence[Denial | None]:
    if not asks:
        return ()
    answers = gate.answer(writing, asks)
    permits = [answer for answer in answers if isinstance(answer, Permit)]
    rows = [place.columns() for _ in permits]
    done = iter(effects.spend(writing, permits, place.table, rows, actor=place.actor))
    ends = [answer if isinstance(answer, Denial) else next(done) for answer in answers]
    return [end if isinstance(end, Denial) else None for end in ends]
