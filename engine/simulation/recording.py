# SPDX-License-Identifier: Apache-2.0
"""A whole experiment among simulated people, as the record that a report is made of.

(1) the trial itself, with the feed's own stop rule       trial
(2) who got how far                                       funnel
(3) what each policy would come to, nothing stopped       outcomes
(4) how well the ranking model foretold                   learning
(5) what other rankers would have been worth              weighing
(6) how much hangs on each assumption                     sweep
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from consent.errors import Misused
from consent.words import Reason
from engine.simulation import learning, outcomes, sweep, trial, weighing
from engine.simulation.counts import NO_ARM
from engine.simulation.funnel import Steps, funnel
from engine.simulation.setup import Setup, Watch
from engine.simulation.trial import Course, Group, Trial
from feed.experiments.plan import Experiment
from feed.experiments.record import Record, Reliability, Swing

USUAL: Final = 20_000
MOST_PEOPLE: Final = 10_000_000
SWEPT: Final = 4_000
COMPARED: Final = 4_000
"""People who live under each policy that is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An experiment as somebody asks for it."""

    people: int = USUAL
    swept: int = SWEPT  #: people a variant of the sweep; 0: no sweep
    topics: Sequence[str] = ()  #: whose coefficients are swept; none: those of all
    processes: int = 1
    retrain: int = 0  #: days from one training of the model to the next; 0: the loop is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What came of it: the record, and the people it was made of."""

    trial: Trial
    course: Course
    record: Record


def simulate(
    terms: Setup, experiment: Experiment, order: Order, watch: Watch = lambda *_: None
) -> Simulated:
    """Run an experiment among simulated people.

    Errors: Misused(unknown-key) for an order of nobody or of too many,
    Misused(policy-forbids) for an arm that its policy does not admit,
    Misused(unavailable) for fewer people than it needs; nothing was started.
    """
    _check(order)
    tried = Trial.of(terms, experiment, frozenset(terms.catalogue.by_id))
    course = trial.run(tried, order.people, retrain=order.retrain, watch=watch)
    others = min(order.people, COMPARED)
    told = Record(
        experiment=experiment,
        started_at=tried.setup.moment(0),
        days=tuple(course.days),
        stops=tuple(course.stops),
        funnel=funnel(_steps(group) for group in course.groups),
        reliability=_reliability(tried, course),
        off_policy=weighing.off_policy(tried, course),
        outcomes=outcomes.outcomes(terms, outcomes.compared(experiment), others, experiment.days),
        people=order.people,
        seed=terms.seed,
    )
    if order.swept:
        told = replace(told, sensitivity=_swept(tried, told, order, watch))
    return Simulated(trial=tried, course=course, record=told)


def _check(order: Order) -> None:
    if not 1 <= order.people <= MOST_PEOPLE:
        raise Misused(Reason.UNKNOWN_KEY, f"1 to {MOST_PEOPLE} people, got {order.people}")
    if order.swept < 0 or order.retrain < 0:
        raise Misused(
            Reason.UNKNOWN_KEY, "people of a sweep and days between trainings: 0 or more"
        )


def _swept(tried: Trial, told: Record, order: Order, watch: Watch) -> tuple[Swing, ...]:
    return sweep.swings(
        tried,
        told,
        min(order.swept, order.people),
        topics=order.topics,
        processes=order.processes,
        watch=watch,
    )


def _reliability(tried: Trial, course: Course) -> tuple[Reliability, ...]:
    """Tell how well the model in charge foretold: when it was trained, or else on the last day."""
    taught = [lesson.reliability for lesson in course.lessons if not lesson.refused]
    if taught:
        return taught[-1]
    return learning.held_up(tried.setup, [group.block for group in course.groups])


def _steps(group: Group) -> Steps:
    return Steps(agreed=group.agreed, in_arm=group.counts.arm != NO_ARM, block=group.block)
