# SPDX-License-Identifier: Apache-2.0
"""Tallies of every day out of a log of exposures: a row a portrait shown, people as the unit.

A person's own sums grow row by row, and a square grows by (new - old)(new + old): so what all
people come to at the end of every day is added up in one pass, in whole numbers, without a table
of people by days.

Rules:
1. rows come by person and then by time, all of a person's rows in one piece
2. a person is exposed on the day of their first row, in the arm that stands there
3. whatever the pieces are, the sums are the same
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from feed.experiments.metrics import METRICS, WITHDREW, Metric
from feed.experiments.plan import Experiment
from feed.experiments.tallies import SUMS, ArmTally, Moments, Tally

Column = NDArray[Any]
Whole = NDArray[np.int64]
Grown = Mapping[str, Whole]
"""By metric, what each of the sums grew by on each day in each arm. Shapes: (sums, days, arms)."""
PIECE: Final = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposures:
    """A log of exposures. Shapes: each (rows,). Units: `day` counts from 1.

    `arm` is a place among the arms; `done` what came of the row, by metric (whole numbers);
    `before` what its person did before the experiment, by metric, the same on all their rows.
    """

    person: Column
    day: Column
    arm: Column
    done: Mapping[str, Column]
    before: Mapping[str, Column]

    def rows(self, piece: slice) -> "Exposures":
        """Take some of the rows."""
        return Exposures(
            person=self.person[piece],
            day=self.day[piece],
            arm=self.arm[piece],
            done={name: column[piece] for name, column in self.done.items()},
            before={name: column[piece] for name, column in self.before.items()},
        )


def tallies(
    experiment: Experiment, plan: str, log: Exposures, *, piece: int = PIECE
) -> tuple[Tally, ...]:
    """Add a log up to a tally for each day of the plan. Units: `plan` is the plan's SHA-256."""
    grown = {name: np.zeros(_shape(experiment), np.int64) for name in _needed(experiment)}
    for rows in pieces(log.person, piece):
        for name, growth in _count(experiment, log.rows(rows)).items():
            grown[name] += growth
    return told(experiment, plan, grown)


def told(experiment: Experiment, plan: str, grown: Grown) -> tuple[Tally, ...]:
    """Tell days' growth as cumulative tallies."""
    sums = {name: np.cumsum(growth, axis=1) for name, growth in grown.items()}
    return tuple(
        Tally(
            experiment=experiment.id,
            plan=plan,
            day=day + 1,
            arms={
                arm.id: _arm(experiment, {name: one[:, day, at] for name, one in sums.items()})
                for at, arm in enumerate(experiment.arms)
            },
        )
        for day in range(experiment.days)
    )


def pieces(person: Column, size: int) -> Iterator[slice]:
    """Cut a log into pieces of about so many rows, never through a person."""
    low, rows = 0, len(person)
    while low < rows:
        high = min(low + size, rows)
        if high < rows:
            high = int(np.searchsorted(person, person[high - 1], side="right"))
        yield slice(low, high)
        low = high


def _arm(experiment: Experiment, sums: Mapping[str, Whole]) -> ArmTally:
    metrics = {name: Moments(**_named(one)) for name, one in sums.items()}
    exposed = metrics[WITHDREW].n
    return ArmTally(
        assigned=exposed,
        exposed=exposed,
        withdrew=metrics[WITHDREW].any,
        left=0,
        metrics={name: metrics[name] for name in experiment.metrics},
    )


def _named(sums: Whole) -> dict[str, int]:
    return {name: int(value) for name, value in zip(SUMS, sums, strict=True)}


def _shape(experiment: Experiment) -> tuple[int, int, int]:
    return len(SUMS), experiment.days, len(experiment.arms)


def _needed(experiment: Experiment) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*experiment.metrics, WITHDREW)))


def _count(experiment: Experiment, log: Exposures) -> dict[str, Whole]:
    """Count what a piece of whole people comes to."""
    piece = _Piece.of(experiment, log)
    metrics = [METRICS[name] for name in _needed(experiment)]
    per = {name: piece.alike(_per(log, name)) for name in {one.per for one in metrics}}
    shape = _shape(experiment)
    return {one.id: np.array(piece.sums(one, per[one.per])).reshape(shape) for one in metrics}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Growth:
    """A sum of each person before a row and after it, and what d and d squared grow by."""

    old: Whole
    new: Whole
    d: Whole
    dd: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """Rows of whole people: where each person begins, how many rows they have, their cells."""

    log: Exposures
    starts: Whole
    each: Whole
    group: NDArray[np.intp]
    cells: int

    @classmethod
    def of(cls, experiment: Experiment, log: Exposures) -> "_Piece":
        starts = np.flatnonzero(log.person[1:] != log.person[:-1]) + 1
        starts = np.concatenate(([0], starts))
        return cls(
            log=log,
            starts=starts,
            each=np.diff(starts, append=len(log.person)),
            group=(log.day.astype(np.intp) - 1) * len(experiment.arms) + log.arm,
            cells=experiment.days * len(experiment.arms),
        )

    def alike(self, change: Column | None) -> _Growth:
        """Add up what a metric is told per; None for people, who are one each."""
        if change is None:
            new, first = np.ones(len(self.group), np.int64), self._at(self.starts)
            return _Growth(old=new, new=new, d=first, dd=first)
        old, new = _grown(change.astype(np.int64), self.starts, self.each)
        squares = (new - old) * (new + old)
        return _Growth(old=old, new=new, d=self._at(None, new - old), dd=self._at(None, squares))

    def sums(self, metric: Metric, d: _Growth) -> list[Whole]:
        """Say what each of SUMS grows by, in their order."""
        change = _done(self.log, metric.id)
        some = np.maximum.reduceat(change, self.starts) > 0
        rows = np.flatnonzero(np.repeat(some, self.each))
        each = self.each[some]
        old, new = _grown(change[rows].astype(np.int64), np.cumsum(each) - each, each)
        grew = new - old
        return [
            self._at(self.starts),
            self._at(rows, (old == 0) & (new > 0)),
            self._at(rows, grew),
            self._at(rows, grew * (old + new)),
            d.d,
            d.dd,
            self._at(rows, new * d.new[rows] - old * d.old[rows]),
            *self._before(metric, rows, grew),
        ]

    def _before(self, metric: Metric, rows: Whole, grew: Whole) -> list[Whole]:
        if metric.id not in self.log.before:
            return [np.zeros(self.cells, np.int64)] * 3
        x = self.log.before[metric.id].astype(np.int64)
        first = x[self.starts]
        return [
            self._at(self.starts, first),
            self._at(self.starts, first * first),
            self._at(rows, x[rows] * grew),
        ]

    def _at(self, rows: Whole | None, part: Column | None = None) -> Whole:
        """Add up by day and arm; below 2^53 in a piece, where doubles are whole numbers."""
        group = self.group if rows is None else self.group[rows]
        return np.bincount(group, part, self.cells).astype(np.int64)


def _grown(change: Whole, starts: Whole, each: Whole) -> tuple[Whole, Whole]:
    """Add up row by row, anew for every person: their sum before a row, and after it."""
    along = np.cumsum(change)
    new = along - np.repeat(along[starts] - change[starts], each)
    return new - change, new


def _per(log: Exposures, name: str) -> Column | None:
    return None if name == "person" else _done(log, name)


def _done(log: Exposures, name: str) -> Column:
    if name == "shown" and name not in log.done:
        return np.ones(len(log.person), np.int8)
    return log.done[name]
