# SPDX-License-Identifier: Apache-2.0
"""Who was reached: how many people were asked about, drawn, shown something, then and otherwise.

People are counted by tag; a tag names nobody outside its own log.
"""

from dataclasses import dataclass

import numpy as np

from consent.arrays import Flags, Numbers
from consent.replay.comparison import Comparison
from consent.replay.recorded import STEPS, Recorded
from consent.words import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many people, and how many times, under one policy."""

    people: int  #: of whom any step was allowed
    drawn: int  #: of whom a portrait was kept
    inserted: int  #: into whose feed one was placed
    viewed: int  #: who looked at one
    inserts: int
    views: int


def reach(recorded: Recorded, found: Comparison | None = None) -> Reach:
    """Count who was reached, or who would still have been under the policy compared with."""
    allowed = recorded.allowed if found is None else recorded.allowed & found.now
    done = recorded.spent & allowed

    def of(step: Step) -> Flags:
        return np.asarray(done & (recorded.step == STEPS.index(step)))

    inserts, views = of(Step.INSERT), of(Step.VIEW)
    return Reach(
        people=recorded.people(allowed),
        drawn=recorded.people(of(Step.STORE)),
        inserted=recorded.people(inserts),
        viewed=recorded.people(views),
        inserts=int(np.count_nonzero(inserts)),
        views=int(np.count_nonzero(views)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What was done about one tag."""

    tag: str
    allowed: int
    denied: int
    portraits: int
    inserts: int
    views: int


def people(recorded: Recorded, most: int) -> tuple[Person, ...]:
    """List those of whom most was done, by tag."""
    done = recorded.spent
    counts = {
        "allowed": _times(recorded, recorded.allowed),
        "denied": _times(recorded, ~recorded.allowed),
        **{
            name: _times(recorded, done & (recorded.step == STEPS.index(step)))
            for name, step in (
                ("portraits", Step.STORE),
                ("inserts", Step.INSERT),
                ("views", Step.VIEW),
            )
        },
    }
    order = np.lexsort((-counts["denied"], -counts["allowed"], -counts["inserts"]))
    return tuple(
        Person(
            tag=recorded.tags[place],
            **{name: int(column[place]) for name, column in counts.items()},
        )
        for place in order[:most].tolist()
    )


def _times(recorded: Recorded, those: Flags) -> Numbers:
    return np.bincount(recorded.tag[those], minlength=len(recorded.tags))
