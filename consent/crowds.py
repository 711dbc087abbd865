# SPDX-License-Identifier: Apache-2.0
"""Where many people stand for one purpose, read set-wise in the deciding transaction.

The same facts as consent/standing.py reads for a handful, as columns: no object a person. People
come sorted, so that a block of them is one range of every index and all blocks together read
everything once. Tests hold the two equal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, case, select

from consent import columns
from consent.arrays import AGES, KINDS, FactArrays, Flags, Numbers
from consent.blocks import MOST_USES, Bytes, tags
from consent.outdated import Outdated
from consent.paused import lasting
from consent.policy import CAPPED
from consent.standing import WEEK
from consent.tables import (
    attestation,
    basis,
    chain,
    ended,
    entry,
    granted,
    pause,
    permit,
    preview,
)
from consent.words import DAY, Micros, Purpose, Step

FEW = 500
"""Up to so many people are named one by one; more are read as a range."""
_NONE: Final = columns.NONE


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
    outdated: Outdated,
) -> Crowd:
    """Read where people stand. Shapes: people (n,), ascending and each once."""
    reader = _Reader(connection, people, purpose)
    known, prevs, prev_slots, tagged = reader.ends()
    epochs, facts = reader.facts(step, now, outdated)
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
        place, found = self._of(chain, "last", "slot", texts=("tag",))
        named = np.zeros((len(self._people), 16), np.uint8)
        named[place] = tags(found["tag"])
        prevs, slots = self._columns(place, found["last"], found["slot"])
        return self._flags(place), prevs, slots, named

    def facts(self, step: Step, now: Micros, outdated: Outdated) -> tuple[Numbers, FactArrays]:
        """Read everybody's epoch and facts."""
        (epochs,) = self._columns(*self._numbers(basis, "epoch"))
        holds = epochs != _NONE
        kind, term_end, served = self._terms()
        termed = kind != _NONE
        ran_out = self._ran_out(termed & ~holds)
        told = (termed & holds) | ran_out
        day, week = self._uses(step, now)
        age_band, region, regions = self._said()
        return epochs, FactArrays(
            kind=np.where(told, kind, KINDS.index(None)),
            withdrawn=termed & ~told,
            expired=(holds & (term_end <= now)) | ran_out,
            notice_current=~(holds & outdated.among(self._connection, served)),
            preview=self._previewed() & holds,
            confirmed=np.zeros(len(self._people), bool),
            age_band=age_band,
            region=region,
            used_day=np.where(holds, day, 0),
            used_week=np.where(holds, week, 0),
            regions=regions,
            paused=self._paused(now),
        )

    def _terms(self) -> tuple[Numbers, ...]:
        """Read the newest grant or renewal: its kind, its end, where its notice was served."""
        names = ("seq", "term_end", "served_seq")
        place, found = self._of(granted, *names, more={"number": _KIND})
        last = _newest(place, found["seq"])
        chosen = (found[name][last] for name in ("number", "term_end", "served_seq"))
        return self._columns(place[last], *chosen)

    def _ran_out(self, over: Flags) -> Flags:
        """Say of whom the last word is the system's `expire`, not a no."""
        if not over.any():
            return over
        expired = case((entry.c.t == "expire", 1), else_=0)
        place, found = self._of(
            ended, "seq", more={"expired": expired}, source=_ENDED, people=self._people[over]
        )
        last = _newest(place, found["seq"])
        (said,) = self._columns(place[last], found["expired"][last])
        ran_out: Flags = over & (said == 1)
        return ran_out

    def _previewed(self) -> Flags:
        place, _ = self._of(preview, where=(preview.c.answer == "accepted",))
        return self._flags(place)

    def _paused(self, now: Micros) -> Flags:
        place, _ = self._of(pause, where=(lasting(now),))
        return self._flags(place)

    def _said(self) -> tuple[Numbers, Numbers, tuple[str | None, ...]]:
        """Read what was attested of people; most have nothing."""
        place, found = self._of(attestation, texts=("age_band", "region"))
        named = (None, *sorted({name for name in found["region"] if name}))
        age_band = np.full(len(self._people), AGES.index(None))
        age_band[place] = [_BANDS[band] for band in found["age_band"]]
        region = np.zeros(len(self._people), np.int64)
        region[place] = [named.index(name or None) for name in found["region"]]
        return age_band, region, named

    def _uses(self, step: Step, now: Micros) -> tuple[Numbers, Numbers]:
        """Count the things a permit was given for in the last day and in the last week."""
        if step not in CAPPED:
            nothing = np.zeros(len(self._people), np.int64)
            return nothing, nothing
        where = (permit.c.step == step, permit.c.at > now - WEEK)
        place, found = self._of(permit, "object", "at", where=where)
        count, newest = len(self._people), _newest(place, found["at"], found["object"])
        place, at = place[newest], found["at"][newest]
        week = np.bincount(place, minlength=count)
        day = np.bincount(place[at > now - DAY], minlength=count)
        return day.clip(max=MOST_USES), week.clip(max=MOST_USES)

    # --- from rows to columns

    def _of(
        self,
        table: Table,
        *numbers: str,
        texts: tuple[str, ...] = (),
        more: dict[str, ColumnElement[Any]] | None = None,
        where: Iterable[ColumnElement[bool]] = (),
        source: Any = None,  # noqa: ANN401 - a table or a join
        people: Numbers | None = None,
    ) -> tuple[Numbers, dict[str, Any]]:
        """Read columns of these people's rows; first, whose each row is, by place."""
        also = more or {}
        mine = [table.c.purpose == self._purpose] if "purpose" in table.c else []
        named = [table.c[name] for name in ("subject", *numbers, *texts)]
        rows = (
            select(*named, *(column.label(name) for name, column in also.items()))
            .select_from(table if source is None else source)
            .where(self._among(table, people), *mine, *where)
        )
        found = columns.read(
            self._connection, rows, numbers=("subject", *numbers, *also), texts=texts
        )
        owners = found.pop("subject")
        place = np.searchsorted(self._people, owners).clip(max=len(self._people) - 1)
        asked = self._people[place] == owners
        return (place, found) if asked.all() else (place[asked], _only(found, asked))

    def _among(self, table: Table, people: Numbers | None) -> ColumnElement[bool]:
        these = self._people if people is None else people
        if len(these) <= FEW:
            return table.c.subject.in_(these.tolist())
        return table.c.subject.between(int(these[0]), int(these[-1]))

    def _columns(self, place: Numbers, *values: Numbers) -> tuple[Numbers, ...]:
        """Lay values out by person; -1 for whoever has none."""
        laid = tuple(np.full(len(self._people), _NONE) for _ in values)
        for column, value in zip(laid, values, strict=True):
            column[place] = value
        return laid

    def _numbers(self, table: Table, *names: str) -> tuple[Numbers, ...]:
        place, found = self._of(table, *names)
        return (place, *(found[name] for name in names))

    def _flags(self, place: Numbers) -> Flags:
        column = np.zeros(len(self._people), bool)
        column[place] = True
        return column


def _only(found: dict[str, Any], asked: Flags) -> dict[str, Any]:
    return {
        name: column[asked]
        if isinstance(column, np.ndarray)
        else np.array(column, object)[asked].tolist()
        for name, column in found.items()
    }


def _newest(place: Numbers, order: Numbers, *keys: Numbers) -> Numbers:
    """Choose of each person, and of each of their keys, the row with the largest order."""
    groups = (*keys, place)
    sorted_by = np.lexsort((order, *groups))
    if not len(sorted_by):
        return sorted_by
    differs = [one[sorted_by][1:] != one[sorted_by][:-1] for one in groups]
    newest: Numbers = sorted_by[np.append(np.any(differs, axis=0), True)]
    return newest


_ENDED: Final = ended.join(entry, entry.c.seq == ended.c.seq)
_BANDS: Final = {band or "": place for place, band in enumerate(AGES)}
_KIND: Final = case(
    *((granted.c.kind == str(kind), place) for place, kind in enumerate(KINDS) if kind),
    else_=_NONE,
)
