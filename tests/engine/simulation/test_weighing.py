# SPDX-License-Identifier: Apache-2.0
"""The simulation knows what a ranker is worth; logs of another one must find it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from consent import policies
from consent.errors import Misused
from engine.simulation import run, trial, weighing
from engine.simulation.regimes import Regime
from engine.simulation.setup import Setup
from engine.simulation.trial import Trial
from engine.simulation.weighing import Chosen
from feed.experiments import files
from feed.features import Matrix
from feed.off_policy import logs, lotteries
from feed.off_policy.evaluation import Target, Way, evaluate
from feed.off_policy.logs import Log
from tests.feed.off_policy import world

PEOPLE, DAYS = 40_000, 2
DECISIONS = 220
"""In each of the runs that a simulation is cut into: other people in every one."""


@cache
def terms() -> Setup:
    return run.setup(policies.load("strict-opt-in"), 11)


def sparing() -> Regime:
    """Show less: an idea must be worth more, and the better one is drawn more surely."""
    usual = terms().listed[0]
    weights = replace(usual.weights, cost_per_insert=0.3, temperature=0.1)
    return replace(usual, weights=weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A log under the policy's ranker, and what first choices of others earned under others."""

    made: Chosen
    targets: Mapping[str, Regime]
    truths: Mapping[str, Mapping[str, float]]

    def log(self, outcome: str) -> Log:
        return self.made.log.under(self.made.rewards[outcome], low=0.0, high=1.0)

    def target(self, name: str, foretold: Matrix | None = None) -> Target:
        lives, setup, made = self.targets[name], terms(), self.made
        chances = lotteries.lottery(
            setup.model,
            made.x,
            setup.scenes,
            made.log.eligible,
            lives.weights,
            ranker=lives.ranker,
        )
        return Target(name=name, chances=chances, foretold=foretold)

    def held(self, name: str, outcome: str, size: int) -> dict[str, list[bool]]:
        """Cut the log into many, of other people each, and see which find the truth.

        One that is given no number, and one in a thousand is, has not found it.
        """
        log, truth = self.log(outcome), self.truths[name][outcome]
        target = self.target(name, foretold(self, outcome))
        held: dict[str, list[bool]] = {way: [] for way in weighing.ESTIMATORS}
        for at in range(0, len(log) - size + 1, size):
            one, its = cut(log, target, slice(at, at + size))
            for way, found in held.items():
                row = evaluate(one, its, Way(estimator=way))
                said = row.low is not None and row.high is not None
                found.append(said and row.low <= truth <= row.high)
        return held


def simulate(targets: Mapping[str, Regime], people: int, days: int) -> Simulated:
    rows = weighing.joined(terms(), 0, people, days, full=True)
    return Simulated(
        made=weighing.chosen(terms(), rows, [0]),
        targets=targets,
        truths={
            name: weighing.truth(terms(), one, people, people, days)
            for name, one in targets.items()
        },
    )


@cache
def simulated() -> Simulated:
    return simulate({"sparing": sparing()}, PEOPLE, DAYS)


def foretold(done: Simulated, outcome: str) -> Matrix:
    """Foretell by the shipped model: it is older than any log, so no one's rewards are in it."""
    shown = terms().model.probabilities(done.made.x, terms().scenes)[outcome]
    return np.hstack([np.zeros((len(shown), 1)), shown])


def cut(log: Log, target: Target, part: slice) -> tuple[Log, Target]:
    assert log.lottery is not None
    assert target.foretold is not None
    one = logs.read(
        subject=log.subject[part],
        action=log.action[part],
        propensity=log.propensity[part],
        reward=log.reward[part],
        eligible=log.eligible[part],
        lottery=log.lottery[part],
    )
    return one, replace(target, chances=target.chances[part], foretold=target.foretold[part])


@pytest.mark.parametrize("outcome", weighing.OUTCOMES)
def test_the_truth_of_another_ranker_is_found_by_most_logs(outcome: str) -> None:
    for way, found in simulated().held("sparing", outcome, DECISIONS).items():
        assert len(found) >= 50
        assert np.mean(found) >= 0.93, way


@pytest.mark.parametrize("outcome", weighing.OUTCOMES)
def test_a_log_that_is_read_without_its_propensities_finds_another_truth(outcome: str) -> None:
    done = simulated()
    log, truth = done.log(outcome), done.truths["sparing"][outcome]
    right = evaluate(log, done.target("sparing"))
    naive = evaluate(log, Target(name="as it was", chances=world.logged(log)))
    assert right.low is not None
    assert right.high is not None
    assert right.low <= truth <= right.high
    assert naive.low is not None
    assert naive.low > truth


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("sparing", 250), ("uniform", 250), ("best", 2_500)])
@pytest.mark.parametrize("outcome", weighing.OUTCOMES)
def test_the_truth_of_every_ranker_is_found_by_most_logs(
    name: str, size: int, outcome: str
) -> None:
    for way, found in many().held(name, outcome, size).items():
        assert np.mean(found) >= 0.93, f"{way}: {np.mean(found):.3f} of {len(found)}"


@cache
def many() -> Simulated:
    usual = terms().listed[0]
    ranked = {one: replace(usual, ranker=one) for one in weighing.TARGETS}
    return simulate({"sparing": sparing()} | ranked, 400_000, weighing.DAYS)


def test_a_choice_whose_portrait_failed_stays_in_the_log_and_earned_nothing() -> None:
    rows = weighing.joined(terms(), 0, 2_000, 1, full=True)
    made = weighing.chosen(terms(), rows, [0])
    failed = np.isin(made.log.subject, rows["person"][(rows["scenario"] >= 0) & ~rows["made"]])
    assert failed.sum() > 5
    assert (made.log.reward[failed] == 0.0).all()
    assert len(made.log) == len(np.unique(rows["person"]))


def test_a_trial_values_the_other_rankers_by_those_who_agreed() -> None:
    experiment = replace(files.load("frequency"), needed=0)
    tried = Trial.of(terms(), experiment, frozenset(terms().catalogue.by_id))
    course = trial.run(tried, 6_000, days=weighing.DAYS)
    told = weighing.off_policy(tried, course)
    assert [(row.target, row.outcome, row.estimator) for row in told] == [
        (target, outcome, estimator)
        for outcome in weighing.OUTCOMES
        for target in weighing.TARGETS
        for estimator in weighing.ESTIMATORS
    ]
    agreed = sum(int(group.agreed.sum()) for group in course.groups)
    for row in told:
        assert 0 < row.people == row.decisions <= agreed
        assert row.truth is not None
        assert (row.value is None) == (row.why is not None)
    assert all(row.value is not None for row in told if row.target == "uniform")
    assert all(row.why is not None for row in told if row.target == "best")


def test_the_truth_of_the_ranker_that_did_choose_is_what_came_of_it() -> None:
    experiment = replace(files.load("ranker"), needed=0)
    tried = Trial.of(terms(), experiment, frozenset(terms().catalogue.by_id))
    course = trial.run(tried, 2_000, days=weighing.DAYS)
    listed = tried.setup.listed
    alike = [number for number, one in enumerate(listed) if one == listed[0]]
    assert len(alike) == 2
    rows = weighing._together([weighing._agreed(group) for group in course.groups])
    made = weighing.chosen(tried.setup, rows, alike)
    same = weighing._same(tried.setup, listed[0], course, made.log.subject)
    assert same == {name: reward.mean() for name, reward in made.rewards.items()}


def test_who_did_not_agree_to_experiments_is_not_valued_by() -> None:
    experiment = replace(files.load("frequency"), needed=0)
    tried = Trial.of(terms(), experiment, frozenset(terms().catalogue.by_id))
    course = trial.run(tried, 400, days=1)
    for group in course.groups:
        group.agreed[:] = False
    assert weighing.off_policy(tried, course) == ()


def test_what_was_chosen_without_a_lottery_is_no_log() -> None:
    setup = terms()
    best = replace(setup, listed=(replace(setup.listed[0], ranker="best"),))
    with pytest.raises(Misused, match="without exploring"):
        weighing.chosen(best, weighing.joined(best, 0, 500, 1, full=True), [0])
