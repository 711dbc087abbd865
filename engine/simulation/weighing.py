# SPDX-License-Identifier: Apache-2.0
"""Value rankers by what simulated people did under another one, beside what the simulation finds.

What is valued is the first choice that was ever made for somebody: before it, no ranker has had a
say, so the log and the truth are about people in the same state. What a ranker does to people in
the long run is for an arm to find out, not for a log.

The truth of a trial is that of the very same people, had the target chosen for them from the
start: their luck is the same. Tests hold logs against the truth of others, which is harder.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation import living
from engine.simulation.assigning import PLAIN
from engine.simulation.block import settle
from engine.simulation.day import live
from engine.simulation.living import Columns
from engine.simulation.regimes import Regime
from engine.simulation.setup import MINUTES, Setup
from engine.simulation.trial import Course, Group, Trial
from feed.experiments.record import OffPolicy
from feed.features import GRAIN, Matrix
from feed.off_policy import direct, logs, lotteries
from feed.off_policy.evaluation import Estimator, Target, Way, evaluate
from feed.off_policy.logs import Log

DAYS: Final = 6
"""A run so long holds all that becomes of the choices of its first three days."""
_WITHIN: Final = 3
TARGETS: Final = ("best", "uniform")
ESTIMATORS: Final[tuple[Estimator, ...]] = ("ips", "snips", "dr")
OUTCOMES: Final[Mapping[str, tuple[str, ...]]] = {
    "engage": ("engaged",),
    "fewer": ("hidden", "fewer"),
}
"""What is valued, as feed/model has it: any of these in the row of the choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """First choices as a log, with what the choosing knew. Shapes: x (n, p)."""

    log: Log
    x: Matrix
    rewards: Mapping[str, Matrix]


def chosen(setup: Setup, rows: Columns, regimes: Sequence[int], within: int = _WITHIN) -> Chosen:
    """Read the first choices of some days, made under any of some regimes that are alike.

    `rows` is a full log (engine/simulation/rows). Errors: Misused(unreadable) for what cannot be
    weighed.
    """
    some = _first(rows, regimes, within)
    mine = {name: column[some] for name, column in rows.items()}
    lived_under = setup.listed[regimes[0]]
    x = mine["features"] / np.float64(GRAIN)
    actions = 1 + len(setup.scenes)
    eligible = np.unpackbits(mine["eligible_bits"], axis=1)[:, :actions].astype(np.bool_)
    kept = lotteries.lottery(
        setup.model,
        x,
        setup.scenes,
        eligible,
        lived_under.weights,
        ranker=lived_under.ranker,
    )
    rewards = {name: _happened(mine, acts) for name, acts in OUTCOMES.items()}
    log = logs.read(
        subject=mine["person"],
        action=mine["scenario"].astype(np.int64) + 1,
        propensity=mine["propensity"],
        reward=rewards["engage"],
        eligible=eligible,
        delivered=mine["made"],
        explored=np.full(len(some), lived_under.ranker != "best"),
        lottery=kept,
    )
    return Chosen(log=log, x=x, rewards=rewards)


def off_policy(trial: Trial, course: Course) -> tuple[OffPolicy, ...]:
    """Value the other rankers by the people of a trial who lived under the policy's own.

    Nothing where the first model chose for nobody; who did not agree to be experimented on does
    not count.
    """
    setup = trial.setup
    alike = [number for number, one in enumerate(setup.listed) if one == setup.listed[PLAIN]]
    rows = _together([_agreed(group) for group in course.groups])
    within = min((one.day for one in course.lessons if not one.refused), default=_WITHIN)
    if not len(_first(rows, alike, within)):
        return ()
    made = chosen(setup, rows, alike, within)
    targets = {name: replace(setup.listed[PLAIN], ranker=name) for name in TARGETS}
    truths = {name: _same(setup, one, course, made.log.subject) for name, one in targets.items()}
    return tuple(valued(setup, made, targets, truths))


def _agreed(group: Group) -> Columns:
    rows = living.finished(group.block)
    mine = group.agreed[rows["person"] - group.block.people.number[0]]
    return {name: column[mine] for name, column in rows.items()}


def _same(setup: Setup, lives: Regime, course: Course, who: NDArray[np.int64]) -> dict[str, float]:
    """Let the same people live under another regime, and say what follows first choices."""
    terms, parts = replace(setup, listed=(lives,)), []
    for group in course.groups:
        drawn = group.block.people
        block = settle(terms, drawn.only(np.isin(drawn.number, who)))
        for _ in range(DAYS):
            live(block)
        parts.append(block.rows.taken())
    return _follows(_together(parts))


def valued(
    setup: Setup,
    made: Chosen,
    targets: Mapping[str, Regime],
    truths: Mapping[str, dict[str, float]],
) -> Iterator[OffPolicy]:
    """Value targets in every way, for every outcome; `truths` by target and outcome."""
    for outcome, reward in made.rewards.items():
        log = made.log.under(reward, low=0.0, high=1.0)
        told = direct.foretell(log, made.x, setup.scenes, direct.linear)
        for name, lives in targets.items():
            chances = lotteries.lottery(
                setup.model, made.x, setup.scenes, log.eligible, lives.weights, ranker=lives.ranker
            )
            target = Target(name=name, chances=chances, foretold=told)
            for estimator in ESTIMATORS:
                yield evaluate(
                    log,
                    target,
                    Way(estimator=estimator),
                    outcome=outcome,
                    truth=truths.get(name, {}).get(outcome),
                )


def truth(
    setup: Setup, lives: Regime, first: int, people: int, days: int = DAYS
) -> dict[str, float]:
    """Let other people live under a regime, and say what follows first choices."""
    return _follows(joined(replace(setup, listed=(lives,)), first, people, days))


def _follows(rows: Columns) -> dict[str, float]:
    some = _first(rows, (PLAIN,))
    mine = {name: column[some] for name, column in rows.items()}
    return {name: float(_happened(mine, acts).mean()) for name, acts in OUTCOMES.items()}


def joined(
    setup: Setup, first: int, people: int, days: int = DAYS, *, full: bool = False
) -> Columns:
    """Let people live and join their logs."""
    work = [
        replace(one, first=first + one.first)
        for one in living.blocks(setup, people, days, full=full)
    ]
    return _together([living.lived(one).inserts for one in work])


def _together(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _first(rows: Columns, regimes: Sequence[int], within: int = _WITHIN) -> NDArray[np.int64]:
    """Name the rows of first choices of the first days, under these regimes."""
    person = rows["person"]
    begins = np.ones(len(person), np.bool_)
    begins[1:] = person[1:] != person[:-1]
    early = rows["minute"] < min(within, _WITHIN) * MINUTES
    return np.flatnonzero(begins & early & np.isin(rows["regime"], list(regimes)))


def _happened(rows: Mapping[str, NDArray[Any]], acts: Sequence[str]) -> Matrix:
    """Say where any of these acts followed. Shapes: (n,), 0 or 1."""
    return np.asarray(np.any([rows[act] for act in acts], axis=0), np.float64)
