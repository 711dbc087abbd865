# SPDX-License-Identifier: Apache-2.0
"""Places are shared out so that likely people go first and nobody waits for ever."""

import math
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.words import DAY, Micros
from engine.budget import Turn, places, split

_CHANCES = st.lists(st.integers(0, 1024), min_size=1, max_size=40)
_KEY = 0x9E3779B97F4A7C15


def turns(chances: list[int], since: int = 0) -> list[Turn]:
    """Make people who are due; one draw key each."""
    return [
        Turn(
            draw_key=(number + 1) * _KEY % (1 << 64),
            chance=chance / 1024,
            seconds=1.0,
            since=Micros(since),
        )
        for number, chance in enumerate(chances)
    ]


def test_a_budget_holds_so_many_portraits_and_one_at_least() -> None:
    assert places(10, 2.5) == 4
    assert places(10, 2.6) == 3
    assert places(1, 30.0) == 1


def test_where_all_fit_all_are_served_in_their_order_and_none_by_lot() -> None:
    done = split(turns([1, 2, 3]), 3, seed=7, slot=1)
    assert (done.served, done.drawn) == ((0, 1, 2), frozenset())


@given(chances=_CHANCES, count=st.integers(0, 50), slot=st.integers(0, 1 << 31))
def test_no_more_than_the_places_are_served_and_none_is_left_empty(
    chances: list[int], count: int, slot: int
) -> None:
    done = split(turns(chances), count, seed=7, slot=slot)
    assert len(done.served) == min(count, len(chances))
    assert list(done.served) == sorted(set(done.served))
    assert done.drawn <= set(done.served)


@given(chances=_CHANCES, count=st.integers(1, 50), slot=st.integers(0, 1 << 31))
def test_the_lot_knows_nothing_of_anybody(chances: list[int], count: int, slot: int) -> None:
    """Whom it draws is the same whatever their chances are and however long they wait."""
    before = split(turns(chances), count, seed=7, slot=slot)
    after = split(turns(chances[::-1], since=5), count, seed=7, slot=slot)
    assert before.drawn == after.drawn


def test_the_lot_draws_everybody_equally_often() -> None:
    drawn: Counter[int] = Counter()
    for slot in range(3_000):
        done = split(turns([1024] * 5 + [0] * 5), 8, seed=7, slot=slot)
        assert len(done.drawn) == 1
        drawn.update(done.drawn)
    assert all(240 < drawn[who] < 360 for who in range(10)), drawn


def test_most_places_go_to_the_likely() -> None:
    people = turns([0] * 50 + [1024] * 50)
    done = split(people, 40, seed=7, slot=3)
    assert sum(people[who].chance == 1.0 for who in done.served) >= 25


def test_likely_is_by_the_second_of_rendering() -> None:
    slow, quick = turns([1000, 900, 0, 0])[:2], turns([1000, 900, 0, 0])[2:]
    people = [replace(slow[0], seconds=4.0), slow[1], *quick]
    served = split(people, 2, seed=7, slot=0)
    assert 1 in served.served


@settings(max_examples=60)
@given(
    chances=_CHANCES,
    count=st.integers(1, 12),
    newcomers=st.integers(0, 6),
    seed=st.integers(0, 1 << 20),
)
def test_nobody_waits_longer_than_the_bound_whatever_is_known_of_them(
    chances: list[int], count: int, newcomers: int, seed: int
) -> None:
    """Nobody waits for more plans than those fill who waited as long when they began.

    The first person is the least likely of all, and ever new likely people come.
    """
    people = turns([0, *chances])
    due_by = [_bound(people, who, count) for who in range(len(people))]
    for plan in range(1, 2 * due_by[0] + 1):
        done = split(people, count, seed=seed, slot=plan)
        late = [who for who in range(len(people)) if who not in done.served]
        assert all(plan < due_by[who] for who in late)
        for who in done.served:
            people[who] = replace(people[who], since=Micros(plan * DAY))
        young = turns([1024] * (len(people) + newcomers), since=plan * DAY)[len(people) :]
        due_by += [0] * len(young)
        people += young
        for who in (*done.served, *range(len(people) - len(young), len(people))):
            due_by[who] = plan + _bound(people, who, count)


def _bound(people: list[Turn], who: int, count: int) -> int:
    """Count the plans by whose end somebody who waits from now on has been served."""
    before = sum(turn.since <= people[who].since for turn in people)
    return math.ceil(before / ((count + 3) // 4))
