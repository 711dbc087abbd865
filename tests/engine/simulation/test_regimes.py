# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np

from consent import policies
from consent.words import Purpose
from engine.simulation.regimes import Regime, Regimes, regime
from feed import scenarios
from feed.experiments.treatments import Treatment

CATALOGUE = scenarios.shipped()
EVERY = frozenset(CATALOGUE.by_id)


def made(policy: str, renders: frozenset[str] = EVERY, **more: str) -> Regime:
    return regime(Treatment(policy=policies.load(policy), **more), CATALOGUE, renders)


def test_only_what_the_recipe_draws_and_the_policy_bears_can_be_chosen() -> None:
    strict, loose = made("strict-opt-in"), made("instagram-2025")
    eerie = [scenario.sensitivity == "eerie" for scenario in CATALOGUE.scenarios]
    assert sum(eerie) > 0
    assert [not able for able in strict.ideas] == eerie
    assert all(loose.ideas)
    assert sum(made("strict-opt-in", frozenset({"aurora"})).ideas) == 1


def test_caps_of_the_gate_hold_for_whatever_an_arm_sets() -> None:
    policy = policies.load("strict-opt-in")
    often = replace(policy, slots=replace(policy.slots, per_day=5, per_week=20))
    caps = policy.caps[Purpose.FEED_INSERT]
    capped = regime(Treatment(policy=often), CATALOGUE, EVERY).rules
    assert (capped.per_day, capped.per_week) == (caps.per_day, caps.per_week)


def test_more_inserts_a_day_are_planned_more_often() -> None:
    assert made("strict-opt-in").plan_minutes == 24 * 60
    assert made("instagram-2025").plan_minutes == 8 * 60


def test_a_rule_is_spread_over_people_by_their_regime() -> None:
    listed = Regimes(listed=(made("strict-opt-in"), made("instagram-2025")))
    which = np.array([1, 0, 1])
    assert listed.of("first", which).tolist() == [2, 4, 2]
    assert listed.of("allow_sensitive_neighbour", which).tolist() == [0, 0, 0]
    assert listed.of_handling("implied", which).tolist() == [1.0, 0.0, 1.0]
    assert listed.insert_minutes.tolist() == [72 * 60, 168 * 60]
    assert listed.ideas.shape == (2, len(CATALOGUE.scenarios))


def test_how_an_arm_draws_is_kept() -> None:
    assert made("strict-opt-in", ranker="uniform").ranker == "uniform"
