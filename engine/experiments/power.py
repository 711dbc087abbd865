# SPDX-License-Identifier: Apache-2.0
"""How many people it takes to see a change, and how soon harm is stopped: a calculator.

For what happens to a share of people, as turning portraits off. Equal questions get equal answers:
what is simulated is simulated with one seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from engine.experiments import figures
from engine.experiments.report import Report
from feed.statistics import power

TIMES: Final = (1.25, 1.5, 2.0)
"""What harm a report tells of: a quarter more, half as many again, twice as many."""
_USUAL: Final = 0.02
_MOST: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody wants to know. `base` is a share of people, `per_day` new people an arm."""

    base: float
    times: float
    per_day: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What it takes, written out. None where no number of people would do."""

    times: str
    once: str
    daily: str
    stopped: str
    median: str


@lru_cache(256)
def answer(question: Question) -> Answer:
    """Work one question out. Errors: ValueError for shares that are none, the caller's fault."""
    base, times = question.base, question.times
    found = power.stopping(base, times, question.per_day, question.days)
    return Answer(
        times=f"{times:g}",
        once=f"{power.people(base, times):,}",
        daily=f"{power.people_read_daily(base, times):,}",
        stopped=figures.percent(found.share),
        median="never" if found.median_day is None else f"day {found.median_day:g}",
    )


def usual(report: Report) -> Question:
    """Ask for as many people as a run had, and for as many who turn portraits off.

    Where too few did to be told, for two in a hundred.
    """
    control, days = report.cleared.arms[0], max(1, report.analysis.day)
    base, counted = 0.0, control.exposed
    if isinstance(counted, int) and isinstance(control.withdrew, int) and counted:
        base = control.withdrew / counted
    per_day = counted // days if isinstance(counted, int) else 0
    return Question(
        base=round(base, 4) if 0 < base < _MOST else _USUAL,
        times=TIMES[1],
        per_day=max(1, per_day),
        days=report.plan.days,
    )


def answers(asked: Question) -> Iterator[Answer]:
    """Work out several sizes of harm, those that are possible at this base."""
    for times in TIMES:
        if 0 < asked.base * times < 1:
            yield answer(replace(asked, times=times))
