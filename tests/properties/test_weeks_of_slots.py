# SPDX-License-Identifier: Apache-2.0
"""Weeks of many people's readings: no window ever holds more than its cap, no two are too near."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from consent import policies
from consent.policy import SlotRules
from consent.words import DAY, HOUR, Micros
from feed.preferences import Wishes, lowered
from feed.slots import Neighbour, Organic, Past, Ready, Shown, blend

STRICT = policies.load("strict-opt-in").slots
LOOSER = replace(STRICT, per_page=2, per_session=2, per_day=3, per_week=5)
RULES = (STRICT, LOOSER, replace(LOOSER, cooldown_hours=0))
"""The default, and rules under which each cap bites by itself."""
DAYS = 30
PAGE = 12
IDEAS = 34
NEIGHBOURS = (Neighbour.ORDINARY, Neighbour.SENSITIVE, Neighbour.AD, Neighbour.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Listed:
    """A new insert: when, in which reading, and how many posts after the one before in it."""

    at: Micros
    reading: int
    apart: int | None


def posts(dice: np.random.Generator) -> tuple[Organic, ...]:
    kinds = dice.choice(len(NEIGHBOURS), PAGE, p=(0.85, 0.05, 0.05, 0.05))
    return tuple(Organic(id=n, neighbour=NEIGHBOURS[kind]) for n, kind in enumerate(kinds))


def life(dice: np.random.Generator, rules: SlotRules) -> Iterator[Listed]:
    """Read for thirty days, at any hour, a few pages at a time, with inserts always waiting."""
    shown: tuple[Shown, ...] = ()
    moments = np.sort(dice.integers(0, DAYS * DAY, dice.integers(0, 3 * DAYS)))
    for reading, moment in enumerate(moments.tolist()):
        now = Micros(400 * DAY + moment)
        place = Past(newcomer=False)
        for page in range(int(dice.integers(1, 4))):
            ideas = dice.choice(IDEAS, 3, replace=False).tolist()
            number = 10_000 * (reading + 1) + 10 * page
            fresh = [Ready(id=number + n, scenario=f"{i}") for n, i in enumerate(ideas)]
            old = [Ready(id=one.id, scenario=one.scenario) for one in shown[-2:]]
            done = blend(posts(dice), [*fresh, *old], rules, replace(place, shown=shown), now)
            apart, count = place.posts_since, place.inserts_before
            for item in done.items:
                if isinstance(item, Organic):
                    apart = None if apart is None else apart + 1
                    continue
                count += 1
                if all(item.id != one.id for one in shown):
                    shown += (Shown(id=item.id, scenario=item.scenario, at=now),)
                    yield Listed(now, reading, apart)
                apart = 0
            before = place.posts_before + PAGE
            place = Past(posts_before=before, posts_since=apart, inserts_before=count)


def windows(moments: list[Micros], width: int) -> int:
    """Count the fullest window of a width, wherever it begins."""
    return max((sum(at <= other < at + width for other in moments) for at in moments), default=0)


def lived(seed: int, people: int) -> int:
    """Live many lives under budgets drawn by lot; return how many inserts there were."""
    dice = np.random.default_rng(seed)
    total = 0
    for _ in range(people):
        budget = (None, 0, 1, 2, 3)[int(dice.integers(5))]
        rules = lowered(RULES[int(dice.integers(len(RULES)))], Wishes(per_week=budget))
        listed = list(life(dice, rules))
        at = [one.at for one in listed]
        assert windows(at, DAY) <= rules.per_day
        assert windows(at, 7 * DAY) <= rules.per_week
        assert all(b - a >= rules.cooldown_hours * HOUR for a, b in pairwise(at))
        assert all(one.apart is None or one.apart >= rules.gap for one in listed)
        readings = [one.reading for one in listed]
        assert all(readings.count(one) <= rules.per_session for one in readings)
        total += len(listed)
    return total


def test_a_hundred_people_read_for_thirty_days_and_no_window_is_too_full() -> None:
    assert lived(7, 100) > 300


@pytest.mark.slow
def test_ten_thousand_people_read_for_thirty_days_and_no_window_is_too_full() -> None:
    assert lived(8, 10_000) > 30_000
