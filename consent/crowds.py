# SPDX-License-Identifier: Apache-2.0
"""Where many people stand for one purpose, read set-wise in the deciding transaction.

The same facts as consent/standing.py reads for a handful, as columns: no object a person. People
come sorted, so that a block of them is one range of every index and all blocks together read
everything once. Tests hold the two equal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, or_, select

from consent.arrays import AGES, KINDS, FactArrays, Flags, Numbers
from consent.blocks import MOST_USES, Bytes, tags
from consent.policy import CAPPED
from consent.standing import WEEK
from consent.tables import (
    attestation,
    basis,
    chain,
    ended,
    entry,
    granted,
    notice_served,
    permit,
    preview,
)
from consent.words import DAY, Micros, Purpose, Step

FEW: Final = 500
"""Up to so many people are named one by one; more are read as a range."""
_NONE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Those of the people asked for whom the log knows, in order. Shapes: all (n,), tags (n, 16).

    Of epochs, prevs and prev_slots -1 is none.
    """

    people: Numbers
    tags: Bytes
    prevs: Numbers
    prev_slots: Numbers
    epochs: Numbers
    facts: FactArrays


def read(
    connection: Connection,
    people: Numbers,
    *,
    step: Step,
    purpose: Purpose,
    now: Micros,
    current: Mapping[Purpose, frozenset[str]],
) -> Crowd:
    """Read where people stand. Shapes: people (n,), ascending and each once."""
    reader = _Reader(connection, people, purpose)
    known, prevs, prev_slots, tagged = reader.ends()
    epochs, facts = reader.facts(step, now, current.get(purpose, frozenset()))
    return Crowd(
        people=people[known],
        tags=tagged[known],
        prevs=prevs[known],
        prev_slots=prev_slots[known],
        epochs=epochs[known],
        facts=facts.where(known),
    )


class _Reader:
    """One block's people, and the queries about them."""

    def __init__(self, connection: Connection, people: Numbers, purpose: Purpose) -> None:
        self._connection = connection
        self._people = people
        self._purpose = purpose

    def ends(self) -> tuple[Flags, Numbers, Numbers, Bytes]:
        """Read the ends of everybody's chains; whoever has none is not known."""
        columns = (chain.c.tag, _or_none(chain.c.last), _or_none(chain.c.slot))
        place, tagged, last, slot = self._of(chain.c.subject, *columns)
        named = np.zeros((len(self._people), 16), np.uint8)
        named[place] = tags(tagged)
        known = self._flags(place)
        return known, self._numbers(place, last), self._numbers(place, slot), named

    def facts(
        self, step: Step, now: Micros, current: frozenset[str]
    ) -> tuple[Numbers, FactArrays]:
        """Read everybody's epoch and facts."""
        place, held = self._of(basis.c.subject, basis.c.epoch, where=self._mine(basis))
        epochs = self._numbers(place, held)
        holds = epochs != _NONE
        kind, term_end, noticed = self._terms(current)
        termed = kind != _NONE
        ran_out = self._ran_out(termed & ~holds)
        told = (termed & holds) | ran_out
        day, week = self._uses(step, now)
        age_band, region, regions = self._said()
        return epochs, FactArrays(
            kind=np.where(told, kind, KINDS.index(None)),
            withdrawn=termed & ~told,
            expired=(holds & (term_end <= now)) | ran_out,
            notice_current=noticed | ~holds,
            preview=self._previewed() & holds,
            confirmed=np.zeros(len(self._people), bool),
            age_band=age_band,
            region=region,
            used_day=np.where(holds, day, 0),
            used_week=np.where(holds, week, 0),
            regions=regions,
        )

    def _terms(self, current: frozenset[str]) -> tuple[Numbers, Numbers, Flags]:
        """Read the newest grant or renewal: its kind, its end, whether its notice is current."""
        served = granted.outerjoin(notice_served, notice_served.c.seq == granted.c.served_seq)
        quoted = notice_served.c.sha256.in_(sorted(current)) if current else literal(value=False)
        good = case((or_(granted.c.served_seq.is_(None), quoted), 1), else_=0)
        columns = (granted.c.seq, _KIND, granted.c.term_end, good)
        rows = self._of(
            granted.c.subject,
            *columns,
            where=self._mine(granted),
            source=select().select_from(served),
        )
        place, kind, end, noticed = _newest(*rows)
        told = self._numbers(place, noticed)
        return self._numbers(place, kind), self._numbers(place, end), told == 1

    def _ran_out(self, over: Flags) -> Flags:
        """Say of whom the last word is the system's `expire`, not a no."""
        if not over.any():
            return over
        expired = case((entry.c.t == "expire", 1), else_=0)
        source = select().select_from(ended.join(entry, entry.c.seq == ended.c.seq))
        rows = self._of(
            ended.c.subject, ended.c.seq, expired, where=self._mine(ended), source=source
        )
        place, last = _newest(*rows)
        said: Flags = over & (self._numbers(place, last) == 1)
        return said

    def _previewed(self) -> Flags:
        where = (*self._mine(preview), preview.c.answer == "accepted")
        (place,) = self._of(preview.c.subject, where=where)
        return self._flags(place)

    def _said(self) -> tuple[Numbers, Numbers, tuple[str | None, ...]]:
        """Read what was attested of people; most have nothing."""
        columns = (attestation.c.age_band, attestation.c.region)
        place, bands, regions = self._of(attestation.c.subject, *columns)
        age_band = np.full(len(self._people), AGES.index(None))
        age_band[place] = [AGES.index(band) for band in bands]
        named = (None, *sorted({name for name in regions if name}))
        region = np.zeros(len(self._people), np.int64)
        region[place] = [named.index(name or None) for name in regions]
        return age_band, region, named

    def _uses(self, step: Step, now: Micros) -> tuple[Numbers, Numbers]:
        """Count the things a permit was given for in the last day and in the last week."""
        if step not in CAPPED:
            nothing = np.zeros(len(self._people), np.int64)
            return nothing, nothing
        where = (*self._mine(permit), permit.c.step == step, permit.c.at > now - WEEK)
        columns = (permit.c.object, func.max(permit.c.at))
        grouped = select().group_by(permit.c.subject, permit.c.object)
        place, _, at = self._of(permit.c.subject, *columns, where=where, source=grouped)
        count = len(self._people)
        week = np.bincount(place, minlength=count)
        day = np.bincount(place[_array(at) > now - DAY], minlength=count)
        return day.clip(max=MOST_USES), week.clip(max=MOST_USES)

    # --- from rows to columns

    def _mine(self, table: Any) -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401 - a Table
        return (table.c.purpose == self._purpose,)

    def _of(
        self,
        subject: ColumnElement[int],
        *columns: ColumnElement[Any],
        where: Iterable[ColumnElement[bool]] = (),
        source: Select[Any] | None = None,
    ) -> tuple[Any, ...]:
        """Read columns of these people's rows; the first says whose each row is, by place."""
        chosen = (select() if source is None else source).add_columns(subject, *columns)
        rows = self._connection.execute(chosen.where(self._among(subject), *where)).fetchall()
        if not rows:
            return (np.empty(0, np.int64), *(() for _ in columns))
        who, *rest = zip(*rows, strict=True)
        owners = np.fromiter(who, np.int64, len(who))
        place = np.searchsorted(self._people, owners).clip(max=len(self._people) - 1)
        asked = self._people[place] == owners
        if not asked.all():
            rest = [tuple(np.array(column, object)[asked]) for column in rest]
        return (place[asked], *rest)

    def _among(self, subject: ColumnElement[int]) -> ColumnElement[bool]:
        if len(self._people) <= FEW:
            return subject.in_(self._people.tolist())
        return subject.between(int(self._people[0]), int(self._people[-1]))

    def _numbers(self, place: Numbers, values: Any) -> Numbers:  # noqa: ANN401 - rows or an array
        column = np.full(len(self._people), _NONE)
        column[place] = _array(values)
        return column

    def _flags(self, place: Numbers) -> Flags:
        column = np.zeros(len(self._people), bool)
        column[place] = True
        return column


def _newest(place: Numbers, seq: Any, *columns: Any) -> tuple[NDArray[Any], ...]:  # noqa: ANN401
    """Keep of each person the row with the largest seq."""
    order = np.lexsort((_array(seq), place))
    whose = place[order]
    last = order[np.append(whose[1:] != whose[:-1], True)] if len(order) else order
    return (place[last], *(_array(column)[last] for column in columns))


def _array(values: Any) -> Numbers:  # noqa: ANN401 - rows or an array
    return np.asarray(values, np.int64)


def _or_none(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(column, _NONE)


_KIND: Final = case(
    *((granted.c.kind == str(kind), place) for place, kind in enumerate(KINDS) if kind),
    else_=_NONE,
)
