# SPDX-License-Identifier: Apache-2.0
"""Looking at a portrait or selfie: decided and logged once a viewing session, for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select, tuple_

from consent import effects
from consent.gate import Ask, Denial, Gate, Permit
from consent.gate import View as Looking
from consent.words import Micros
from consent.writing import Writing

Asked = Ask[Looking]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One look at one content; `table` is the effect table of the place where it is looked at."""

    gate: Gate
    ask: Asked
    table: Table


def in_session(
    connection: Connection, asks: Sequence[Asked], table: Table, now: Micros
) -> frozenset[Asked]:
    """Return those whose view of this content was decided and logged not long ago."""
    named = (table.c.subject, table.c.object, table.c.purpose)
    wanted = {ask: (ask.subject, ask.object, str(ask.purpose)) for ask in asks}
    session = tuple_(*named).in_(list(wanted.values())) & (table.c.not_after > now)
    seen = {tuple(row) for row in connection.execute(select(*named).where(session))}
    return frozenset(ask for ask, key in wanted.items() if key in seen)


def begin(writing: Writing, views: Sequence[View]) -> Sequence[Denial | None]:
    """Decide and log views; None for each that may go on, as one in session may.

    Errors: Misused(permit-used) for what is not in that place; then nothing is decided.
    """
    denials: dict[View, Denial] = {}
    for place in dict.fromkeys((view.gate, view.table) for view in views):
        mine = [view for view in dict.fromkeys(views) if (view.gate, view.table) == place]
        asks = {view.ask: view for view in mine}
        seen = in_session(writing.connection, list(asks), place[1], writing.now)
        new = [ask for ask in asks if ask not in seen]
        for ask, denial in zip(new, _look(writing, *place, new), strict=True):
            if denial is not None:
                denials[asks[ask]] = denial
    return [denials.get(view) for view in views]


def _look(
    writing: Writing, gate: Gate, table: Table, asks: Sequence[Asked]
) -> Sequence[Denial | None]:
    if not asks:
        return ()
    answers = gate.answer(writing, asks)
    permits = [answer for answer in answers if isinstance(answer, Permit)]
    done = iter(effects.spend(writing, permits, table))
    ends = [answer if isinstance(answer, Denial) else next(done) for answer in answers]
    return [end if isinstance(end, Denial) else None for end in ends]
