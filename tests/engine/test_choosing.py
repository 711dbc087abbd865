# SPDX-License-Identifier: Apache-2.0
from engine import choosing
from tests.engine.town import SCENARIOS, Town


def test_a_portrait_has_the_same_seed_whenever_it_is_made_again(small_town: Town) -> None:
    first = choosing.wish(small_town.rooms, 17, "jazz", "day 1")
    assert first == choosing.wish(small_town.rooms, 17, "jazz", "day 1")
    assert first.seed != choosing.wish(small_town.rooms, 18, "jazz", "day 1").seed
    assert first.seed != choosing.wish(small_town.rooms, 17, "jazz", "day 2").seed
    assert 0 <= first.seed < 1 << 63


def test_terms_hold_what_a_replay_needs(small_town: Town) -> None:
    terms = choosing.terms(small_town.rooms)
    assert terms.renders == SCENARIOS
    assert terms.policy.sha256 == small_town.rooms.consent.policy.sha256
    assert terms.seed == small_town.rooms.settings.seed


def test_somebody_who_asks_always_gets_an_idea(small_town: Town) -> None:
    permit, _ = small_town.selected("Bo")
    assert choosing.asked(small_town.rooms, permit, None).scenario in SCENARIOS
    assert choosing.asked(small_town.rooms, permit, "jazz").scenario == "jazz"


def test_every_choice_leaves_its_reasons(small_town: Town) -> None:
    small_town.plan()
    ada = small_town.people["Ada"]
    (item,) = [
        found
        for found in small_town.rooms.feed.pages.of(ada).items
        if found.json()["kind"] == "imagined"
    ]
    assert small_town.rooms.feed.decisions.reasons(ada, item.object)  # type: ignore[union-attr]


def test_choosing_for_nobody_orders_nothing(small_town: Town) -> None:
    assert choosing.order(small_town.rooms, []) == ([], 0)
