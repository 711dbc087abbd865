# SPDX-License-Identifier: Apache-2.0
import time
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from consent import arrays, differences, factspace, policies
from consent.differences import Difference
from consent.policy import Policy
from consent.words import Kind, Purpose, Step
from tests.consent.decisions import verdict

STRICT, ROLLOUT = (policies.load(name) for name in ("strict-opt-in", "instagram-2025"))
SHIPPED = tuple(policies.load(name) for name in policies.names())
PAIRS = [(a, b) for a, b in product(SHIPPED, SHIPPED) if a.id < b.id]


def named(found: tuple[Difference, ...], step: Step, purpose: Purpose) -> list[Difference]:
    return [one for one in found if (one.step, one.purpose) == (step, purpose)]


def test_somebody_who_only_used_the_edit_tool_would_get_inserts() -> None:
    found = named(differences.decisions(STRICT, ROLLOUT), Step.INSERT, Purpose.FEED_INSERT)
    (implied,) = [one for one in found if one.flips and one.facts.kind is Kind.IMPLIED]
    assert (implied.a, implied.b) == ("policy-forbids", "allow")
    assert implied.meaning == (
        "Somebody who only used the edit tool gets inserts in the feed under instagram-2025, "
        "not under strict-opt-in (policy-forbids)."
    )


def test_who_only_set_up_a_selfie_is_used_for_advertising() -> None:
    found = named(
        differences.decisions(STRICT, policies.load("snapchat-2024")), Step.INSERT, Purpose.ADS
    )
    assert (
        "Somebody whose yes to likeness brought ads along gets inserts for advertising "
        "under snapchat-2024, not under strict-opt-in (policy-forbids)."
    ) in {one.meaning for one in found}


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=[f"{a.id} {b.id}" for a, b in PAIRS])
def test_every_counterexample_is_one(a: Policy, b: Policy) -> None:
    for one in differences.decisions(a, b):
        assert verdict(a, one.step, one.purpose, one.facts) == one.a
        assert verdict(b, one.step, one.purpose, one.facts) == one.b
        assert one.a != one.b
        assert one.vectors > 0
        told = [
            f"under {p.id} ({said})" for p, said in ((a, one.a), (b, one.b)) if said != "allow"
        ]
        assert all(words in one.meaning for words in told)
        assert "(allow)" not in one.meaning


OTHERS = ("instagram-2025", "snapchat-2024", "tiktok-avatars-2023", "lensa-2022")


@pytest.mark.parametrize("name", OTHERS)
def test_a_comparison_finds_what_brute_force_finds_and_no_less(name: str) -> None:
    """Decide every vector of every step and purpose one by one, without NumPy."""
    other, brute = policies.load(name), Counter[tuple[object, ...]]()
    for step, purpose in product(Step, Purpose):
        space = factspace.facts((STRICT, other), step, purpose)
        space = space.where(factspace.possible(space) & ~space.paused)
        for facts in map(space.one, range(len(space))):
            said = tuple(verdict(policy, step, purpose, facts) for policy in (STRICT, other))
            if said[0] != said[1]:
                brute[step, purpose, *said, facts.kind is Kind.IMPLIED] += 1
    assert brute == {
        (one.step, one.purpose, one.a, one.b, one.facts.kind is Kind.IMPLIED): one.vectors
        for one in differences.decisions(STRICT, other)
    }


@pytest.mark.parametrize("name", OTHERS)
def test_no_two_policies_differ_for_the_paused_alone(name: str) -> None:
    other = policies.load(name)
    shown = {(one.step, one.purpose) for one in differences.decisions(STRICT, other)}
    for step, purpose in product(Step, Purpose):
        space = factspace.facts((STRICT, other), step, purpose)
        space = space.where(factspace.possible(space) & space.paused)
        said = [arrays.decide(policy, step, purpose, space) for policy in (STRICT, other)]
        assert (said[0] == said[1]).all() or (step, purpose) in shown


@pytest.mark.parametrize("policy", SHIPPED, ids=policies.names())
def test_a_policy_does_not_differ_from_itself(policy: Policy) -> None:
    assert differences.decisions(policy, policy) == ()
    assert differences.values(policy, policy) == ()


def test_a_difference_at_one_vector_of_one_cell_is_found() -> None:
    caps = dict(STRICT.caps)
    purpose = Purpose.IMAGINE
    changed = replace(
        STRICT, caps=caps | {purpose: replace(caps[purpose], per_week=caps[purpose].per_week + 1)}
    )
    found = differences.decisions(STRICT, changed)
    assert {(one.step, one.purpose, one.a, one.b) for one in found} == {
        (Step.SELECT, purpose, "cap", "allow")
    }
    assert {one.facts.used_week for one in found} == {caps[purpose].per_week}


def test_a_comparison_turned_round_finds_the_same_with_sides_exchanged() -> None:
    there = differences.decisions(STRICT, ROLLOUT)
    back = differences.decisions(ROLLOUT, STRICT)
    assert {(one.step, one.purpose, one.a, one.b, one.vectors) for one in there} == {
        (one.step, one.purpose, one.b, one.a, one.vectors) for one in back
    }


def test_what_flips_comes_before_what_is_denied_for_another_reason() -> None:
    flips = [one.flips for one in differences.decisions(STRICT, ROLLOUT)]
    assert flips == sorted(flips, reverse=True)
    assert True in flips
    assert False in flips


def test_an_overlay_differs_in_the_one_value_it_changes() -> None:
    base, plus = (policies.load(f"tiktok-avatars-2023{tier}") for tier in ("", "+plus"))
    assert differences.decisions(base, plus) == ()
    (one,) = differences.values(base, plus)
    assert one.path == "selfies.delete_after_generation"
    assert (one.a, one.b) == (False, True)


def test_values_that_no_decision_shows_are_compared_too() -> None:
    found = {
        one.path: one for one in differences.values(STRICT, policies.load("tiktok-avatars-2023"))
    }
    assert "5 minutes under tiktok-avatars-2023" in found["selfies.retention_seconds"].meaning
    assert found["selfies.minimum"].b == 3
    assert not {path for path in found if path.startswith(("id", "text", "caps", "rules"))}


def test_a_comparison_takes_less_than_a_second() -> None:
    began = time.perf_counter()
    differences.decisions(STRICT, ROLLOUT)
    differences.values(STRICT, ROLLOUT)
    assert time.perf_counter() - began < 1
