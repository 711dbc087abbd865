# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest

from consent import arrays, factspace, policies
from consent.arrays import VERDICTS
from consent.policy import AgeRules, Policy, Treatment
from consent.words import Purpose, Reason, Step
from tests.consent import facts

TREATMENTS: tuple[Treatment, ...] = ("as-adult", "guardian", "refused")


@pytest.mark.parametrize("name", facts.each_policy())
def test_many_decisions_at_once_are_those_taken_one_by_one_over_all_facts(name: str) -> None:
    policy = policies.load(name)
    compared = 0
    for step, purpose, space in facts.spaces(policy):
        assert facts.vectors(policy, step, purpose, space) == facts.decided(name, step, purpose)
        compared += len(space)
    assert compared >= 384 * len(facts.CELLS)


@pytest.mark.parametrize("minors", TREATMENTS)
@pytest.mark.parametrize("unknown", TREATMENTS)
def test_ages_are_treated_alike_in_both_forms(minors: Treatment, unknown: Treatment) -> None:
    policy = replace(policies.load("strict-opt-in"), ages=AgeRules(minors=minors, unknown=unknown))
    cell = (Step.INSERT, Purpose.FEED_INSERT)
    space = factspace.facts((policy,), *cell)
    assert facts.vectors(policy, *cell, space) == facts.scalar(policy, *cell)


def test_a_verdicts_number_is_its_place_in_the_closed_list() -> None:
    assert VERDICTS[0] == "allow"
    assert set(VERDICTS[1:]) == set(Reason)
    assert len(VERDICTS) < np.iinfo(np.uint8).max


def test_a_step_that_no_rule_names_is_silence_for_everybody() -> None:
    policy: Policy = replace(policies.load("strict-opt-in"), rules=())
    space = factspace.facts((policy,), Step.VIEW, Purpose.IMAGINE)
    said = arrays.decide(policy, Step.VIEW, Purpose.IMAGINE, space)
    assert {VERDICTS[code] for code in said} == {"policy-silent"}
    assert said.dtype == np.uint8, "a byte for each of a million people"


def test_chosen_vectors_keep_their_facts() -> None:
    space = factspace.facts((policies.load("instagram-2025"),), Step.INSERT, Purpose.FEED_INSERT)
    chosen = space.expired & ~space.preview
    kept = space.where(chosen)
    places = np.flatnonzero(chosen)
    assert len(kept) == len(places)
    assert [kept.one(n) for n in (0, 7, -1)] == [space.one(int(places[n])) for n in (0, 7, -1)]
