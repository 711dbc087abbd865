# SPDX-License-Identifier: Apache-2.0
"""A chance of a look rests on counts alone, and means what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.words import DAY, HOUR, Micros
from feed.likelihood import UNKNOWN, Look, Prior, Tally, chance, prior, tally, usual_hour

NOW = Micros(20_700 * DAY)
PEOPLE = Prior(mean=0.5, weight=4.0)


def look(days_ago: float, *, seen: bool, at: float = 12.0) -> Look:
    """Make a portrait that stood for three days, looked at after `at` hours or never."""
    placed = Micros(NOW - int(days_ago * DAY))
    seen_at = Micros(placed + int(at * HOUR)) if seen else None
    return Look(placed_at=placed, expires_at=Micros(placed + 3 * DAY), seen_at=seen_at)


def test_a_chance_is_its_formula() -> None:
    assert chance(Tally(seen=3.0, all=4.0), PEOPLE) == pytest.approx(5 / 8)
    assert chance(Tally(seen=0.0, all=12.0), PEOPLE) == pytest.approx(2 / 16)


def test_whoever_does_not_let_us_count_is_as_likely_as_people_are() -> None:
    assert chance(None, Prior(mean=0.25, weight=9.0)) == 0.25
    assert chance(None, PEOPLE) == chance(Tally(), PEOPLE)


def test_what_lies_two_weeks_back_counts_half() -> None:
    assert tally([look(14, seen=True)], NOW).seen == pytest.approx(0.5)
    assert tally([look(28, seen=False)], NOW) == Tally(seen=0.0, all=0.25)


def test_whoever_stopped_coming_is_less_likely_than_they_were() -> None:
    came = [look(40 - n, seen=True) for n in range(10)]
    gone = [look(20 - n, seen=False) for n in range(10)]
    before = chance(tally(came, Micros(NOW - 25 * DAY)), PEOPLE)
    assert before > 0.7
    assert chance(tally([*came, *gone], NOW), PEOPLE) < 0.4


def test_a_look_after_the_end_is_none_in_time() -> None:
    assert tally([look(10, seen=True, at=73)], NOW).seen == 0.0


def test_what_can_still_be_looked_at_says_nothing_against_anybody() -> None:
    assert tally([look(1, seen=False)], NOW) == Tally()
    assert tally([look(1, seen=True)], NOW).all > 0.9


def test_what_people_do_is_learned_from_portraits_whose_time_is_over() -> None:
    """A young one is known only when it was looked at: counting it would flatter everybody."""
    over = [[look(5, seen=False), look(9, seen=True)]]
    assert prior([[*over[0], look(1, seen=True)]], NOW) == prior(over, NOW)


def test_before_anybody_was_counted_nothing_is_known() -> None:
    assert prior([], NOW) == prior([[]], NOW) == UNKNOWN


def test_where_people_are_alike_one_persons_own_portraits_weigh_little() -> None:
    alike = [[look(4 + n, seen=n % 2 == 0) for n in range(12)] for _ in range(30)]
    apart = [[look(4 + n, seen=who % 2 == 0) for n in range(12)] for who in range(30)]
    assert prior(alike, NOW).weight > 10 * prior(apart, NOW).weight
    assert prior(apart, NOW).mean == pytest.approx(0.5, abs=0.05)


@given(st.lists(st.tuples(st.floats(3, 60), st.booleans()), max_size=12))
def test_one_more_look_never_makes_a_look_less_likely(past: list[tuple[float, bool]]) -> None:
    mine = [look(days, seen=seen) for days, seen in past]
    least = chance(tally([*mine, look(4, seen=False)], NOW), PEOPLE)
    most = chance(tally([*mine, look(4, seen=True)], NOW), PEOPLE)
    assert 0.0 <= least <= chance(tally(mine, NOW), PEOPLE) <= most <= 1.0


def test_the_hour_of_a_habit_is_found_across_midnight() -> None:
    late = [look(n, seen=True, at=hour) for n, hour in ((2, 23.5), (3, 24.5), (4, 24.0))]
    hour = usual_hour(late)
    assert hour is not None
    assert min(hour, 24 - hour) == pytest.approx(0, abs=0.01)


def test_no_habit_is_made_of_two_looks_or_of_looks_at_any_hour() -> None:
    assert usual_hour([look(2, seen=True), look(3, seen=True)]) is None
    assert usual_hour([look(2, seen=True, at=hour) for hour in (1, 7, 13, 19)]) is None
    assert usual_hour([look(5, seen=False)] * 5) is None


def test_chances_mean_what_they_say() -> None:
    """Of those said to look with a chance near p about a share p does.

    Everybody has a habit of their own, one in five loses it half-way, and the last portrait is
    what is foretold.
    """
    rng = np.random.default_rng(7)
    told, looked = [], []
    habits = rng.beta(1.2, 1.0, 3_000)
    histories = [_history(habit, rng) for habit in habits.tolist()]
    people = prior([past for past, _ in histories], NOW)
    for past, following in histories:
        told.append(chance(tally(past, NOW), people))
        looked.append(following)
    bins = np.digitize(told, [0.2, 0.4, 0.6, 0.8])
    for one in range(5):
        mine = bins == one
        assert mine.sum() > 90
        assert np.mean(np.array(told)[mine]) == pytest.approx(
            np.mean(np.array(looked)[mine]), abs=0.08
        )


def _history(habit: float, rng: np.random.Generator) -> tuple[list[Look], bool]:
    many, lost = int(rng.integers(1, 12)), rng.random() < 0.2
    past = []
    for number in range(many, 0, -1):
        now = habit * 0.3 if lost and number <= many // 2 else habit
        past.append(look(3.0 * number, seen=bool(rng.random() < now)))
    return past, bool(rng.random() < (habit * 0.3 if lost else habit))
