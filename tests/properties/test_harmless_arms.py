# SPDX-License-Identifier: Apache-2.0
"""How often one of two arms that are the same is stopped, among simulated people.

Not coins but lives: people come in when their feed would first have differed, tire, turn portraits
off, leave the experiment, and one person's answers are alike. The stop rule is the feed's own,
without the ceiling: that asks for no comparison, and near it a small arm passes it by chance.
"""

from collections import Counter
from dataclasses import replace

import pytest

from consent import policies
from consent.words import Micros
from engine.simulation import run, trial
from feed.experiments import files
from feed.experiments.analysis import analyse
from feed.experiments.plan import Arm, Experiment
from feed.experiments.record import Record

PEOPLE, EXPERIMENTS = 3_000, 60
POLICY = "instagram-2025"


@pytest.mark.slow
def test_same_arms_are_hardly_ever_stopped_and_intervals_hold_that_nothing_differs() -> None:
    plan = _same_arms()
    whys: Counter[str] = Counter()
    daily, once = [], []
    for seed in range(EXPERIMENTS):
        done = _lived(plan, seed)
        whys.update({stop.why for stop in done.stops})
        for effect in analyse(done).effects:
            daily.append(effect.low <= 0 <= effect.high)
            once.append(effect.fixed_low <= 0 <= effect.fixed_high)
    told = f"{whys.total()} stopped {dict(whys)}, {sum(daily)} and {sum(once)} of {len(once)} hold"
    print(told)  # noqa: T201
    assert whys.total() <= 0.1 * EXPERIMENTS  # 5 % are 3 of 60; more than 6 by chance once in 30
    assert sum(daily) >= 0.98 * len(daily)
    assert sum(once) >= 0.92 * len(once)


def _same_arms() -> Experiment:
    same = (Arm(id="same", title="The same"), Arm(id="again", title="The same again"))
    return replace(files.load("cohort"), policy=POLICY, arms=same, needed=200)


def _lived(plan: Experiment, seed: int) -> Record:
    setup = run.setup(policies.load(POLICY), seed)
    tried = trial.Trial.of(setup, plan, frozenset(setup.catalogue.by_id))
    rules = replace(tried.policy.experiments, withdrawals_permille=1_000)
    tried = replace(tried, policy=replace(tried.policy, experiments=rules))
    course = trial.run(tried, PEOPLE)
    return Record(
        experiment=plan,
        started_at=Micros(0),
        days=tuple(course.days),
        stops=tuple(course.stops),
        seed=seed,
    )
