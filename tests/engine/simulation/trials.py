# SPDX-License-Identifier: Apache-2.0
"""Small experiments for the tests of simulated ones."""

from dataclasses import replace
from functools import cache

from engine.simulation import trial
from engine.simulation.trial import Course, Trial
from feed.experiments import files
from feed.experiments.plan import Arm, Experiment, Ramp, Setting
from tests.engine.simulation import crowd


def plan(
    *levers: dict[str, Setting], days: int = 6, ramp: tuple[Ramp, ...] = (), needed: int = 50,
    policy: str = "strict-opt-in",
) -> Experiment:  # fmt: skip
    """Make the cohort experiment smaller, or one of other arms after an empty control."""
    whole = files.load("cohort")
    named = enumerate(levers, start=1)
    others = tuple(Arm(id=f"arm-{at}", title=f"Arm {at}", levers=sets) for at, sets in named)
    control = Arm(id="control", title="As it is")
    return replace(
        whole,
        arms=(control, *others) if levers else whole.arms,
        days=days,
        needed=needed,
        policy=policy,
        ramp=ramp or (Ramp(day=1, percent=100),),
    )


def tried(experiment: Experiment, **known: float) -> Trial:
    """Let an experiment be tried, with some coefficients otherwise."""
    terms = crowd.setup(experiment.policy, **known)
    return Trial.of(terms, experiment, frozenset(terms.catalogue.by_id))


@cache
def cohort(people: int = 2_000, days: int = 6) -> Course:
    """Run the cohort experiment once for all tests that look at what came of it."""
    return trial.run(tried(plan(days=days)), people, stopping=False)
