# SPDX-License-Identifier: Apache-2.0
"""What follows from a denial: the life of one portrait, step by step."""

from dataclasses import replace

import pytest

from consent.policy import Facts, Policy, Rule
from consent.replay.run import replay
from consent.words import Kind, Purpose, Step
from tests.consent.replay.histories import Ask, columns, shipped, told

LIFE = (
    *(Step.SELECT, Step.READ, Step.GENERATE, Step.MODERATE, Step.STORE, Step.INSERT),
    *(Step.VIEW, Step.VIEW),
)


def life(name: str = "one", facts: Facts | None = None) -> list[Ask]:
    """Make one portrait for the feed from a selfie, place it, look at it twice."""
    given = {} if facts is None else {"facts": facts}
    enrol = Ask(step=Step.ENROL, purpose=Purpose.LIKENESS, object="selfie")
    steps = [
        Ask(step=step, object="selfie" if step is Step.READ else name, request=f"r {name}")
        for step in LIFE
    ]
    return [replace(ask, **given) for ask in (enrol, *steps)]


def without(policy: Policy, *steps: Step) -> Policy:
    """Take steps out of a policy's rules."""
    rules = tuple(replace(rule, steps=rule.steps - set(steps)) for rule in policy.rules)
    return replace(policy, rules=rules)


def gone(history: list[Ask], target: Policy) -> dict[str, str]:
    """Say of each step that is not asked for any more, for which reason."""
    found = replay(columns(told(history)), target, "closed-loop")
    return {one["step"]: one["reason"] for one in found["flips"] if not one["asked"]}


@pytest.mark.parametrize("place", range(len(LIFE) - 2))
def test_nothing_after_a_denied_step_is_asked_for(place: int) -> None:
    target = without(shipped("strict-opt-in"), LIFE[place])
    assert gone(life(), target) == dict.fromkeys(map(str, LIFE[place + 1 :]), "policy-silent")


def test_a_denied_enrol_means_that_the_selfie_is_never_read() -> None:
    target = without(shipped("strict-opt-in"), Step.ENROL)
    lost = gone(life(), target)
    assert lost == dict.fromkeys(map(str, LIFE[1:]), "policy-silent")
    assert "select" not in lost


def test_another_portrait_goes_its_own_way() -> None:
    implied = Facts(kind=Kind.IMPLIED, preview=True)
    history = [*life("one"), *life("two", implied)]
    found = replay(
        columns(told(history, "instagram-2025")), shipped("strict-opt-in"), "closed-loop"
    )
    assert found["effects_gone"]["inserts"] == 1
    assert found["not_asked"] == len(LIFE) - 1
    assert found["effects_gone"]["views"] == 2


def test_a_second_attempt_that_is_allowed_goes_on() -> None:
    first, *rest = life()[1:]
    refused = replace(first, facts=Facts(kind=Kind.EXPLICIT, preview=False))
    found = replay(
        columns(told([refused, first, *rest], "instagram-2025")),
        shipped("strict-opt-in"),
        "closed-loop",
    )
    assert found["not_asked"] == 0
    assert found["table"]["allow_deny"] == 1


def test_a_later_attempt_does_not_undo_what_was_lost_before_it() -> None:
    first, second, *rest = life()[1:]
    refused = replace(first, facts=Facts(kind=Kind.EXPLICIT, preview=False))
    found = replay(
        columns(told([refused, second, first, *rest], "instagram-2025")),
        shipped("strict-opt-in"),
        "closed-loop",
    )
    lost = [(one["step"], one["count"]) for one in found["flips"] if not one["asked"]]
    assert ("read", 1) in lost


def test_a_decision_that_names_only_the_portrait_belongs_to_its_request() -> None:
    history = [replace(ask, request=None) if ask.step is Step.VIEW else ask for ask in life()]
    target = without(shipped("strict-opt-in"), Step.SELECT)
    assert gone(history, target)["view"] == "policy-silent"


def test_a_looser_policy_goes_on_with_nothing_that_was_not_observed() -> None:
    asked = Ask(step=Step.SELECT, facts=Facts(kind=Kind.IMPLIED))
    found = replay(columns(told([asked])), shipped("instagram-2025"), "closed-loop")
    assert found["table"]["deny_allow"] == 1
    assert found["decisions"] == 1


def test_a_rule_is_what_is_taken_out() -> None:
    rules = without(shipped("strict-opt-in"), Step.SELECT).rules
    assert not any(isinstance(rule, Rule) and Step.SELECT in rule.steps for rule in rules)
