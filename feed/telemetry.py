# SPDX-License-Identifier: Apache-2.0
"""What a client measures while somebody reads their feed: what was in view, and how long.

Rules:
1. nothing is taken without `telemetry`, and nothing in a feed ever needs it
2. every measurement spends a `learn` permit and hangs on that basis: it goes when that goes
3. a measurement is taken once, whoever repeats it; a portrait is seen once (`feed/looks`)
4. an item is the person's own insert or a post; of a batch with one that is neither, none is taken
5. the ranking never reads it
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from consent import effects
from consent.effects import Spent
from consent.errors import Denied
from consent.gate import Ask, Denial, Gate, Learn, Permit, denied
from consent.ledger import Ledger
from consent.standing import bases
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from consent.writing import Writing
from feed import acts
from feed.acts import NoSuchItem, On, Target
from feed.feedback import Result
from feed.tables import learned

_PURPOSE: Final = Purpose.TELEMETRY
_ID_BYTES: Final = 8


class Measure(StrEnum):
    """What was measured of an item."""

    SEEN = "seen"
    DWELL = "dwell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One measurement, as the client sent it; `event_id` is theirs. Units: `ms` milliseconds."""

    event_id: str
    item_id: str
    kind: Measure
    ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    object: ObjectId
    glance: Glance
    scenario: str


_Batch = tuple[Subject, Sequence[_Row]]
_Taken = tuple[bool, ...] | Denial


class Telemetry:
    """Take measurements from whoever lets us."""

    def __init__(self, ledger: Ledger, gate: Gate, key: bytes) -> None:
        self._ledger = ledger
        self._gate = gate
        self._key = key

    def record(self, viewer: Subject, glances: Sequence[Glance]) -> tuple[Result, ...]:
        """Take a person's measurements; a repeated one changes nothing.

        Errors: Denied where the person does not let us measure, NoSuchItem for an item that is not
        in their feed; then none is taken.
        """
        with self._ledger.read() as connection:
            if (viewer, _PURPOSE) not in bases(connection, [viewer], [_PURPOSE]):
                raise Denied(Reason.NOT_GRANTED, "You did not let us measure.", purpose=_PURPOSE)
            rows = [self._row(connection, viewer, glance) for glance in glances]
        taken = self._ledger.together(self._keep, (viewer, rows))
        if isinstance(taken, Denial):
            raise denied(taken)
        return tuple(
            Result(event_id=glance.event_id, status="done" if new else "duplicate")
            for glance, new in zip(glances, taken, strict=True)
        )

    def _row(self, connection: Connection, viewer: Subject, glance: Glance) -> _Row:
        about = acts.find(connection, viewer, glance.item_id)
        if about is None:
            raise NoSuchItem(Reason.UNKNOWN_KEY, "there is no such item in your feed")
        return _Row(
            object=self._object(viewer, glance, about),
            glance=glance,
            scenario=about.scenario or "",
        )

    def _object(self, viewer: Subject, glance: Glance, about: Target) -> ObjectId:
        """Name what a measurement is kept under: the portrait when it was seen, else the event."""
        if glance.kind is Measure.SEEN and about.on is On.INSERT:
            return ObjectId(about.item)
        signed = hmac.digest(self._key, f"{viewer} {glance.event_id}".encode(), "sha256")
        return ObjectId(int.from_bytes(signed[:_ID_BYTES]) >> 1)

    def _keep(self, writing: Writing, batches: Sequence[_Batch]) -> Sequence[_Taken]:
        return [self._keep_batch(writing, *batch) for batch in batches]

    def _keep_batch(self, writing: Writing, viewer: Subject, rows: Sequence[_Row]) -> _Taken:
        new = _fresh(writing.connection, viewer, rows)
        questions = [_question(viewer, obj) for obj in new]
        permits: list[Permit[Learn]] = []
        for answer in self._gate.answer(writing, questions):
            if isinstance(answer, Denial):
                return answer
            permits.append(answer)
        values = [_values(row) for row in new.values()]
        done = effects.spend(writing, permits, learned, values) if permits else ()
        kept = {one.object for one in done if isinstance(one, Spent)}
        return tuple(row.object in kept and new[row.object] is row for row in rows)


def _question(viewer: Subject, obj: ObjectId) -> Ask[Learn]:
    return Ask(step=Step.LEARN, subject=viewer, purpose=_PURPOSE, object=obj)


def _values(row: _Row) -> dict[str, object]:
    return {"kind": row.glance.kind, "scenario": row.scenario, "ms": row.glance.ms}


def _fresh(
    connection: Connection, viewer: Subject, rows: Sequence[_Row]
) -> Mapping[ObjectId, _Row]:
    """Keep of each object the first row, and of those only what was not taken before."""
    first: dict[ObjectId, _Row] = {}
    for row in rows:
        first.setdefault(row.object, row)
    known = select(learned.c.object).where(
        learned.c.subject == viewer,
        learned.c.purpose == _PURPOSE,
        learned.c.object.in_(list(first)),
    )
    taken = set(connection.execute(known).scalars())
    return {obj: row for obj, row in first.items() if obj not in taken}
