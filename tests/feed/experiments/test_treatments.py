# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

from consent import policies
from consent.policy import Policy
from consent.words import Purpose, Step
from feed.experiments.plan import Arm
from feed.experiments.treatments import Treatment, treatment

STRICT = policies.load("strict-opt-in")
INSTAGRAM = policies.load("instagram-2025")


def _of(under: Policy, **levers: Any) -> Treatment:
    return treatment(Arm(id="b", title="B", levers=levers), under)


def _asks(policy: Policy) -> list[bool]:
    rules = [policy.rule(step, Purpose.FEED_INSERT) for step in (Step.SELECT, Step.INSERT)]
    return [rule is not None and "preview" in rule.needs for rule in rules]


def test_an_arm_that_sets_nothing_is_the_policy_itself() -> None:
    assert _of(STRICT) == Treatment(policy=STRICT)


def test_slots_and_words_are_set_and_nothing_else() -> None:
    set_to = _of(STRICT, first=9, per_week=1, visible_to="Nobody but you")
    assert set_to.policy == replace(
        STRICT,
        slots=replace(STRICT.slots, first=9, per_week=1),
        labels=replace(STRICT.labels, visible_to="Nobody but you"),
    )


def test_a_card_is_asked_or_not_and_no_other_rule_changes() -> None:
    assert (_asks(STRICT), _asks(INSTAGRAM)) == ([True, True], [False, False])
    carded = _of(INSTAGRAM, preview=True).policy
    assert _asks(carded) == [True, True]
    assert _asks(_of(STRICT, preview=False).policy) == [False, False]
    assert _asks(_of(STRICT, preview=True).policy) == [True, True]
    changed = [
        pair for pair in zip(INSTAGRAM.rules, carded.rules, strict=True) if pair[0] != pair[1]
    ]
    assert [(before.steps, replace(after, needs=before.needs)) for before, after in changed] == [
        ({Step.SELECT, Step.INSERT}, before) for before, _ in changed
    ]


def test_what_a_policy_does_not_say_stands_beside_it() -> None:
    set_to = _of(STRICT, ranker="uniform", recipe="filter", notice="vague")
    assert (set_to.ranker, set_to.recipe, set_to.notice) == ("uniform", "filter", "vague")
    assert set_to.policy == STRICT


def test_another_policy_takes_the_place_of_the_whole() -> None:
    assert _of(STRICT, policy="instagram-2025").policy == INSTAGRAM
    both = _of(STRICT, policy="instagram-2025", gap=9).policy
    assert both == replace(INSTAGRAM, slots=replace(INSTAGRAM.slots, gap=9))
