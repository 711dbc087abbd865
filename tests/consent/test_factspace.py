# SPDX-License-Identifier: Apache-2.0
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import factspace, policies
from consent.arrays import FactArrays
from consent.policy import Facts, Policy
from consent.words import Kind, Purpose, Step
from tests.consent.decisions import verdict
from tests.consent.facts import widths
from tests.consent.test_policy import FACTS

SHIPPED = tuple(policies.load(name) for name in policies.names())
CAPPED = (Step.INSERT, Purpose.FEED_INSERT)


def test_every_fact_of_an_opening_is_an_axis() -> None:
    named = {f.name for f in fields(FactArrays)} - {"regions"}
    assert named == {f.name for f in fields(Facts)}


@pytest.mark.parametrize("policy", SHIPPED, ids=policies.names())
def test_no_vector_is_listed_twice(policy: Policy) -> None:
    space = factspace.facts((policy,), *CAPPED)
    assert len({repr(space.one(n)) for n in range(len(space))}) == len(space)


@pytest.mark.parametrize("policy", SHIPPED, ids=policies.names())
def test_somebody_who_has_used_nothing_yet_is_always_listed(policy: Policy) -> None:
    space = factspace.facts((policy,), *CAPPED)
    assert (space.used_day.min(), space.used_week.min()) == (0, 0)
    assert widths(space) == set()


@settings(max_examples=300)
@given(st.sampled_from(SHIPPED), st.sampled_from(Step), st.sampled_from(Purpose), FACTS)
def test_whatever_a_policy_decides_it_decides_alike_for_a_listed_vector(
    policy: Policy, step: Step, purpose: Purpose, facts: Facts
) -> None:
    space = factspace.facts((policy,), step, purpose)
    alike = replace(
        facts,
        used_day=below(space.used_day, facts.used_day),
        used_week=below(space.used_week, facts.used_week),
        region=facts.region if facts.region in space.regions else None,
    )
    assert verdict(policy, step, purpose, alike) == verdict(policy, step, purpose, facts)


def below(listed: np.ndarray, count: int) -> int:
    return int(listed[listed <= count].max())


def test_counts_are_listed_around_every_cap_of_both_policies() -> None:
    strict, rollout = (policies.load(name) for name in ("strict-opt-in", "instagram-2025"))
    space = factspace.facts((strict, rollout), *CAPPED)
    assert set(space.used_day.tolist()) == {0, 1, 2, 3}
    assert {2, 3, 13, 14} <= set(space.used_week.tolist())
    assert set(factspace.facts((strict,), Step.VIEW, Purpose.FEED_INSERT).used_day) == {0}


def test_a_vector_that_nobody_can_have_is_no_counterexample() -> None:
    space = factspace.facts((policies.load("strict-opt-in"),), *CAPPED)
    kept = space.where(factspace.possible(space))
    met = [kept.one(n) for n in range(len(kept))]
    assert not [one for one in met if one.kind and one.withdrawn]
    assert not [one for one in met if one.used_day > one.used_week]
    assert not [one for one in met if one.kind is None and (one.expired or one.used_week)]
    assert {one.kind for one in met} == {None, *Kind}
    assert {one.withdrawn for one in met if one.kind is None} == {True, False}


def test_the_plainest_vector_is_somebody_who_said_yes_and_nothing_else() -> None:
    space = factspace.facts(SHIPPED, *CAPPED)
    oddity = factspace.oddity(space)
    assert oddity.argmin() == 0
    assert space.one(0) == Facts(kind=Kind.EXPLICIT, preview=True, confirmed=True)
    assert oddity.max() == len(fields(Facts)) - 1, "all of them, unpaused"


@settings(max_examples=300)
@given(st.sampled_from(SHIPPED), st.sampled_from(Step), st.sampled_from(Purpose), FACTS)
def test_a_pause_is_decided_alike_whatever_comes_after_it(
    policy: Policy, step: Step, purpose: Purpose, facts: Facts
) -> None:
    paused = replace(facts, paused=True)
    if step is Step.VIEW:
        alike = replace(facts, paused=False)
    else:
        plain = {"preview": True, "confirmed": True, "used_day": 0, "used_week": 0}
        alike = replace(paused, age_band=None, region=None, **plain)
        space = factspace.facts((policy,), step, purpose)
        assert alike in [space.one(n) for n in np.flatnonzero(space.paused)]
    assert verdict(policy, step, purpose, alike) == verdict(policy, step, purpose, paused)
