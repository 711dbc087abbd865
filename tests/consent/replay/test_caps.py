# SPDX-License-Identifier: Apache-2.0
"""Caps counted anew, each case worked out by hand."""

from dataclasses import replace

import pytest

from consent.policy import Policy
from consent.replay.run import Mode, replay
from consent.words import Purpose, Step
from tests.consent.replay.histories import AGREED, NOON, Ask, blocked, columns, days, shipped, told


def asks(*times: float) -> list[Ask]:
    """Ask for portraits on these days, each knowing how many others were used before it."""
    return [
        Ask(
            at=NOON + days(time),
            object=f"portrait {number}",
            facts=replace(
                AGREED,
                used_day=sum(time - earlier < 1 for earlier in times[:number]),
                used_week=sum(time - earlier < 7 for earlier in times[:number]),
            ),
        )
        for number, time in enumerate(times)
    ]


def capped(per_day: int, per_week: int) -> Policy:
    """Take the default policy with other caps for inserts."""
    policy = shipped("strict-opt-in")
    caps = replace(policy.caps[Purpose.FEED_INSERT], per_day=per_day, per_week=per_week)
    return replace(policy, caps={**policy.caps, Purpose.FEED_INSERT: caps})


def table(history: list[Ask], target: Policy, mode: Mode, by: str = "instagram-2025") -> list[int]:
    """Replay asks decided by a policy (3 a day, 14 a week) and return the four counts."""
    return list(replay(columns(told(history, by)), target, mode)["table"].values())


def test_what_a_cap_takes_at_its_first_step_is_not_there_to_be_placed() -> None:
    """One a day: the second is not asked for, so its place in the feed is free for the third."""
    first, second, third = (
        replace(ask, request=ask.object, facts=replace(ask.facts, used_day=number))
        for number, ask in enumerate(asks(0, 0.1, 0.2))
    )
    placed = [
        replace(ask, step=Step.INSERT, at=ask.at + days(0.01)) for ask in (first, second, third)
    ]
    history = sorted([first, second, third, *placed], key=lambda ask: ask.at)
    found = replay(columns(told(history, "instagram-2025")), capped(1, 9), "closed-loop")
    lost = {(one["step"], one["asked"], one["reason"], one["count"]) for one in found["flips"]}
    assert lost == {("select", True, "cap", 2), ("insert", False, "cap", 2)}


def test_what_is_denied_leaves_room_for_the_next() -> None:
    history = asks(0, 0.5, 1.2)  # one a day: the second is denied, so the third is the first again
    assert table(history, capped(1, 9), "pointwise") == [1, 2, 0, 0]
    assert table(history, capped(1, 9), "closed-loop") == [2, 1, 0, 0]


def test_a_denial_for_any_other_reason_leaves_room_too() -> None:
    first, second = asks(0, 0.5)
    history = [replace(first, facts=replace(AGREED, preview=False)), second]
    assert table(history, capped(1, 9), "pointwise") == [0, 2, 0, 0]
    assert table(history, capped(1, 9), "closed-loop") == [1, 1, 0, 0]


def test_what_is_allowed_besides_takes_the_room_of_the_next() -> None:
    first, second, third = asks(0, 0.4, 0.8)
    third = replace(third, facts=second.facts)  # one a day: the second was denied and used nothing
    history = [first, second, third]
    assert table(history, capped(2, 9), "pointwise", "strict-opt-in") == [1, 0, 2, 0]
    assert table(history, capped(2, 9), "closed-loop", "strict-opt-in") == [1, 0, 1, 1]


@pytest.mark.parametrize(("gap", "allowed"), [(6.999, 0), (7.0, 1)])
def test_a_week_ends_when_it_is_over(gap: float, allowed: int) -> None:
    first, second = asks(0, gap)
    first = replace(first, facts=replace(AGREED, used_day=1, used_week=1))
    second = replace(second, facts=replace(AGREED, used_week=1))
    found = table([first, second], capped(2, 2), "closed-loop", "strict-opt-in")
    assert found == [allowed, 1 - allowed, 1, 0]


@pytest.mark.parametrize(("gap", "allowed"), [(0.999, 0), (1.0, 1)])
def test_a_day_ends_when_it_is_over(gap: float, allowed: int) -> None:
    first, second = asks(0, gap)
    first = replace(first, facts=replace(AGREED, used_day=1, used_week=1))
    second = replace(second, facts=replace(AGREED, used_day=1, used_week=1))
    found = table([first, second], capped(2, 9), "closed-loop", "strict-opt-in")
    assert found == [0, 0, 1 + allowed, 1 - allowed]


def test_a_thing_does_not_use_up_its_own_cap() -> None:
    facts = replace(AGREED, used_day=1, used_week=1)
    first, second = (replace(one, object="same", facts=facts) for one in asks(0, 0.5))
    found = table([first, second], capped(2, 9), "closed-loop", "strict-opt-in")
    assert found == [0, 0, 2, 0]


def test_a_permit_that_was_never_spent_changes_no_count() -> None:
    first, second = asks(0, 0.5)
    unspent = replace(first, spent=False, facts=replace(AGREED, preview=False))
    assert table([unspent, second], capped(1, 9), "closed-loop") == [0, 2, 0, 0]


def test_the_same_thing_asked_for_again_is_one_use() -> None:
    first, second, third = asks(0, 0.5, 0.6)
    again = replace(second, object=first.object, facts=AGREED)
    third = replace(third, facts=replace(AGREED, used_day=1, used_week=1))
    none = [replace(one, facts=replace(one.facts, preview=False)) for one in (first, again)]
    assert table([first, again, third], capped(2, 9), "closed-loop") == [3, 0, 0, 0]
    assert table([*none, third], capped(1, 9), "closed-loop") == [1, 2, 0, 0]


def test_decisions_of_blocks_are_each_for_a_thing_of_their_own() -> None:
    facts = replace(AGREED, used_day=1, used_week=1)
    history = blocked(told([replace(one, facts=facts) for one in asks(0, 0.1, 0.2)]))
    found = replay(columns(history), capped(3, 9), "closed-loop")["table"]
    assert list(found.values()) == [0, 0, 2, 1]


def test_nobody_uses_up_anothers_cap() -> None:
    mine, theirs = asks(0, 0.5)
    history = [replace(mine, facts=replace(AGREED, preview=False)), replace(theirs, tag="bob")]
    assert table(history, capped(1, 9), "closed-loop") == [0, 2, 0, 0]


def test_a_step_that_nothing_caps_is_left_alone() -> None:
    views = [replace(ask, step=Step.VIEW) for ask in asks(0, 0.1, 0.2)]
    assert table(views, capped(1, 1), "closed-loop") == [3, 0, 0, 0]
