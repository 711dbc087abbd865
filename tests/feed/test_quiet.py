# SPDX-License-Identifier: Apache-2.0
"""Quiet lasts as long as the policy says, and longer each time."""

from dataclasses import replace

import pytest

from consent import policies
from consent.words import DAY, HOUR, Micros
from feed.quiet import Said, asks_again_at, newcomer, quiet_until
from feed.slots import NO_QUIET

STRICT = policies.load("strict-opt-in").slots


def said(kind: str, at: int) -> Said:
    return Said(kind=kind, at=Micros(at))


def test_nothing_said_is_no_quiet() -> None:
    assert quiet_until((), STRICT) == NO_QUIET
    assert quiet_until((said("like", 5), said("share_intent", 6)), STRICT) == NO_QUIET


@pytest.mark.parametrize("kind", ["hide", "report"])
def test_a_hide_or_a_report_is_quiet_for_some_hours(kind: str) -> None:
    assert quiet_until((said(kind, 7),), STRICT) == 7 + 24 * HOUR
    longer = replace(STRICT, hide_hours=48)
    assert quiet_until((said(kind, 7),), longer) == 7 + 48 * HOUR


def test_each_fewer_is_longer_by_the_factor() -> None:
    acts = tuple(said("fewer", n) for n in range(3))
    assert [quiet_until(acts[:n], STRICT) for n in (1, 2, 3)] == [
        30 * DAY,
        1 + 60 * DAY,
        2 + 120 * DAY,
    ]
    assert quiet_until(acts, replace(STRICT, fewer_factor=1)) == 2 + 30 * DAY
    assert quiet_until(acts[:1], replace(STRICT, fewer_days=7)) == 7 * DAY


def test_the_longest_quiet_holds() -> None:
    acts = (said("fewer", 0), said("hide", 10 * DAY))
    assert quiet_until(acts, STRICT) == 30 * DAY


def test_not_now_is_as_long_as_one_fewer() -> None:
    assert asks_again_at(Micros(5), STRICT) == 5 + 30 * DAY


def test_a_newcomer_is_one_until_they_like_something() -> None:
    assert newcomer(())
    assert newcomer((said("hide", 1), said("fewer", 2)))
    assert not newcomer((said("hide", 1), said("like", 2)))
