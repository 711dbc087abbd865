# SPDX-License-Identifier: Apache-2.0
"""Every slot rule holds on every page that can be dreamt up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import policies
from consent.policy import SlotRules
from consent.words import DAY, HOUR, Micros
from feed.slots import Blend, Hold, Neighbour, Organic, Past, Ready, Shown, blend

STRICT = policies.load("strict-opt-in").slots
NOW = Micros(400 * DAY)


def posts(count: int) -> tuple[Organic, ...]:
    return tuple(Organic(id=n, neighbour=Neighbour.ORDINARY) for n in range(count))


def waiting(count: int) -> tuple[Ready, ...]:
    return tuple(Ready(id=1000 + n, scenario=f"idea-{n}") for n in range(count))


def shown(days_ago: float, number: int = 1, scenario: str = "old") -> Shown:
    return Shown(id=number, scenario=scenario, at=Micros(NOW - round(days_ago * DAY)))


def places(page: Blend) -> list[int]:
    return [n for n, item in enumerate(page.items) if isinstance(item, Ready)]


feeds = st.lists(st.sampled_from(Neighbour), max_size=30).map(
    lambda classes: tuple(Organic(id=n, neighbour=c) for n, c in enumerate(classes))
)
readies = st.lists(st.sampled_from("abcdef"), max_size=5).map(
    lambda names: tuple(Ready(id=1000 + n, scenario=name) for n, name in enumerate(names))
)
pasts = st.builds(
    Past,
    shown=st.lists(
        st.builds(
            Shown,
            id=st.integers(1000, 1012),
            scenario=st.sampled_from("abcdef"),
            at=st.integers(NOW - 40 * DAY, NOW).map(Micros),
        ),
        max_size=4,
        unique_by=lambda one: one.id,
    ).map(tuple),
    quiet_until=st.sampled_from([Micros(0), NOW, Micros(NOW + 1)]),
    newcomer=st.booleans(),
    posts_before=st.integers(0, 40),
    posts_since=st.none() | st.integers(0, 12),
    inserts_before=st.integers(0, 3),
)
rulebooks = st.builds(
    replace,
    st.just(STRICT),
    first=st.integers(1, 8),
    gap=st.integers(0, 8),
    per_page=st.integers(0, 3),
    per_day=st.integers(0, 3),
    per_week=st.integers(0, 4),
    per_session=st.integers(0, 4),
    cooldown_hours=st.integers(0, 72),
    least_organic=st.integers(0, 8),
    scenario_days=st.integers(0, 30),
    newcomer_per_week=st.integers(0, 4),
    allow_sensitive_neighbour=st.booleans(),
)


@given(feeds, readies, rulebooks, pasts)
def test_posts_keep_their_order_and_none_is_lost(
    organic: tuple[Organic, ...], ready: tuple[Ready, ...], rules: SlotRules, past: Past
) -> None:
    page = blend(organic, ready, rules, past, NOW)
    assert tuple(item for item in page.items if isinstance(item, Organic)) == organic
    assert {r.id for r in page.placed} | {i for i, _ in page.held} == {r.id for r in ready}
    assert len(page.placed) + len(page.held) == len(ready)


@given(feeds, readies, rulebooks, pasts)
def test_first_slot_gap_and_page_cap_hold(
    organic: tuple[Organic, ...], ready: tuple[Ready, ...], rules: SlotRules, past: Past
) -> None:
    page = blend(organic, ready, rules, past, NOW)
    assert len(page.placed) <= rules.per_page
    assert not page.placed or past.inserts_before + len(page.placed) <= rules.per_session
    since = past.posts_since
    seen = past.posts_before
    for item in page.items:
        if isinstance(item, Ready):
            assert seen + 1 >= rules.first
            assert since is None or since >= rules.gap
            since = 0
        else:
            seen += 1
            since = None if since is None else since + 1


@given(feeds, readies, rulebooks, pasts)
def test_an_insert_is_never_first_never_last_and_never_beside_what_it_must_not(
    organic: tuple[Organic, ...], ready: tuple[Ready, ...], rules: SlotRules, past: Past
) -> None:
    items = blend(organic, ready, rules, past, NOW).items
    for place, item in enumerate(items):
        if isinstance(item, Ready):
            assert 0 < place < len(items) - 1
            before, after = items[place - 1], items[place + 1]
            assert isinstance(before, Organic)
            assert isinstance(after, Organic)
            if not rules.allow_sensitive_neighbour:
                assert before.neighbour is after.neighbour is Neighbour.ORDINARY


@given(feeds, readies, rulebooks, pasts)
def test_caps_of_day_and_week_hold_and_no_scenario_comes_again(
    organic: tuple[Organic, ...], ready: tuple[Ready, ...], rules: SlotRules, past: Past
) -> None:
    known = {one.id for one in past.shown}
    new = [r for r in blend(organic, ready, rules, past, NOW).placed if r.id not in known]
    if not new:
        return
    assert sum(NOW - s.at < DAY for s in past.shown) + len(new) <= rules.per_day
    week = min(rules.per_week, rules.newcomer_per_week) if past.newcomer else rules.per_week
    assert sum(NOW - s.at < 7 * DAY for s in past.shown) + len(new) <= week
    lately = {s.scenario for s in past.shown if NOW - s.at < rules.scenario_days * DAY}
    assert not lately & {r.scenario for r in new}
    if rules.cooldown_hours:
        assert len(new) == 1
        assert all(NOW - s.at >= rules.cooldown_hours * HOUR for s in past.shown)


@given(feeds, readies, rulebooks, pasts)
def test_reading_the_same_page_again_gives_the_same_page(
    organic: tuple[Organic, ...], ready: tuple[Ready, ...], rules: SlotRules, past: Past
) -> None:
    page = blend(organic, ready, rules, past, NOW)
    known = {one.id for one in past.shown}
    new = tuple(
        Shown(id=r.id, scenario=r.scenario, at=NOW) for r in page.placed if r.id not in known
    )
    again = blend(organic, ready, rules, replace(past, shown=past.shown + new), NOW)
    assert again.items == page.items


@given(feeds, readies, rulebooks, pasts)
def test_removing_an_insert_never_moves_a_post(
    organic: tuple[Organic, ...], ready: tuple[Ready, ...], rules: SlotRules, past: Past
) -> None:
    for gone in ready:
        left = tuple(r for r in ready if r is not gone)
        page = blend(organic, left, rules, past, NOW)
        assert tuple(i for i in page.items if isinstance(i, Organic)) == organic
        assert gone not in page.items


@given(feeds, readies, rulebooks, pasts)
def test_nothing_is_placed_while_it_is_quiet(
    organic: tuple[Organic, ...], ready: tuple[Ready, ...], rules: SlotRules, past: Past
) -> None:
    quiet = replace(past, quiet_until=Micros(NOW + 1))
    page = blend(organic, ready, rules, quiet, NOW)
    assert not page.placed
    assert {why for _, why in page.held} <= {Hold.QUIET}


def test_strict_opt_in_puts_one_insert_at_the_fourth_place() -> None:
    page = blend(posts(20), waiting(3), STRICT, Past(), NOW)
    assert places(page) == [3]
    assert page.held == ((1001, Hold.DAY), (1002, Hold.DAY))


def test_the_newest_insert_wins_the_slot() -> None:
    page = blend(posts(20), waiting(2)[::-1], STRICT, Past(), NOW)
    assert [r.id for r in page.placed] == [1001]


def test_a_second_page_counts_on_from_the_first() -> None:
    rules = replace(STRICT, per_day=3)
    near = Past(posts_before=10, posts_since=2)
    assert places(blend(posts(20), waiting(1), rules, near, NOW)) == [4]
    far = Past(posts_before=10, posts_since=9)
    assert places(blend(posts(20), waiting(1), rules, far, NOW)) == [1]


def test_two_on_a_page_keep_their_distance() -> None:
    rules = replace(STRICT, per_page=2, per_day=2, per_session=2, cooldown_hours=0)
    assert places(blend(posts(20), waiting(2), rules, Past(), NOW)) == [3, 10]


def test_a_feed_of_four_posts_has_no_insert() -> None:
    assert blend(posts(4), waiting(1), STRICT, Past(), NOW).held == ((1000, Hold.THIN),)
    assert blend(posts(5), waiting(1), STRICT, Past(), NOW).placed


@pytest.mark.parametrize("neighbour", [n for n in Neighbour if n is not Neighbour.ORDINARY])
def test_it_moves_on_from_a_neighbour_it_must_not_have(neighbour: Neighbour) -> None:
    organic = list(posts(12))
    organic[3] = Organic(id=3, neighbour=neighbour)
    assert places(blend(organic, waiting(1), STRICT, Past(), NOW)) == [5]
    everywhere = [Organic(id=n, neighbour=neighbour) for n in range(12)]
    assert blend(everywhere, waiting(1), STRICT, Past(), NOW).held == ((1000, Hold.NO_SLOT),)
    open_minded = replace(STRICT, allow_sensitive_neighbour=True)
    assert blend(everywhere, waiting(1), open_minded, Past(), NOW).placed


def test_one_a_day_and_three_a_week() -> None:
    day = Past(shown=(shown(0.9),))
    assert blend(posts(9), waiting(1), STRICT, day, NOW).held == ((1000, Hold.DAY),)
    week = Past(shown=tuple(shown(n, n) for n in (1, 3, 6)))
    assert blend(posts(9), waiting(1), STRICT, week, NOW).held == ((1000, Hold.WEEK),)
    earlier = Past(shown=tuple(shown(n, n) for n in (1, 3, 7)))
    assert blend(posts(9), waiting(1), STRICT, earlier, NOW).placed


def test_a_newcomer_has_a_lower_week() -> None:
    past = Past(shown=(shown(2),), newcomer=True)
    assert blend(posts(9), waiting(1), STRICT, past, NOW).held == ((1000, Hold.WEEK),)
    assert blend(posts(9), waiting(1), STRICT, replace(past, newcomer=False), NOW).placed


def test_the_same_scenario_not_twice_in_thirty_days() -> None:
    lately = Past(shown=(shown(29.9, scenario="idea-0"),))
    assert blend(posts(9), waiting(1), STRICT, lately, NOW).held == ((1000, Hold.SCENARIO),)
    long_ago = Past(shown=(shown(30, scenario="idea-0"),))
    assert blend(posts(9), waiting(1), STRICT, long_ago, NOW).placed


def test_what_was_listed_before_may_be_listed_again() -> None:
    past = Past(shown=(shown(0.2, 1000, "idea-0"),))
    assert blend(posts(9), waiting(1), STRICT, past, NOW).placed


def test_a_quiet_time_ends_to_the_microsecond() -> None:
    ends = Past(quiet_until=Micros(NOW + HOUR))
    page = blend(posts(9), waiting(1), STRICT, ends, Micros(NOW + HOUR - 1))
    assert page.held == ((1000, Hold.QUIET),)
    assert blend(posts(9), waiting(1), STRICT, ends, Micros(NOW + HOUR)).placed


def test_no_slots_but_no_page_either() -> None:
    rules = replace(STRICT, per_page=1, per_day=5, per_session=2, cooldown_hours=0)
    page = blend(posts(30), waiting(2), rules, Past(), NOW)
    assert page.held == ((1001, Hold.PAGE),)


def test_a_reading_holds_its_share_over_all_its_pages() -> None:
    rules = replace(STRICT, per_page=3, per_day=9, per_week=9, per_session=2, cooldown_hours=0)
    page = blend(posts(60), waiting(3), rules, Past(), NOW)
    assert (places(page), page.held) == ([3, 10], ((1002, Hold.SESSION),))
    later = blend(posts(60), waiting(1), rules, Past(inserts_before=2), NOW)
    assert later.held == ((1000, Hold.SESSION),)
    assert blend(posts(60), waiting(3), rules, Past(inserts_before=1), NOW).placed == waiting(1)


def test_a_new_one_waits_for_its_cooldown_and_an_old_one_does_not() -> None:
    rules = replace(STRICT, per_day=9, cooldown_hours=8)
    lately = Past(shown=(shown(8 / 24 - 1e-9),))
    assert blend(posts(9), waiting(1), rules, lately, NOW).held == ((1000, Hold.COOLDOWN),)
    assert blend(posts(9), waiting(1), rules, Past(shown=(shown(8 / 24),)), NOW).placed
    listed = Past(shown=(shown(0.1, 1000, "idea-0"),))
    assert blend(posts(9), waiting(1), rules, listed, NOW).placed


def test_a_week_of_none_holds_back_also_what_was_listed_before() -> None:
    rules = replace(STRICT, per_week=0)
    listed = Past(shown=(shown(0.1, 1000, "idea-0"),))
    assert blend(posts(9), waiting(1), rules, listed, NOW).held == ((1000, Hold.WEEK),)
