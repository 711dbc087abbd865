# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.words import Micros
from engine import choosing, selection, wanting
from engine.plans import Plan, Plans
from engine.rooms import Rooms
from feed.preferences import Unwanted, Wishes
from feed.scenarios import Theme
from tests.engine.town import NINE, SCENARIOS, Town


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


def test_a_blocked_idea_is_neither_chosen_nor_drawn_on_request(small_town: Town) -> None:
    rooms, (ada, bo) = small_town.rooms, (small_town.people["Ada"], small_town.people["Bo"])
    all_but_the_sea = frozenset(Theme) - set(rooms.feed.catalogue.of("pirate").themes)
    only = {one for one in SCENARIOS if not all_but_the_sea & set(_themes(rooms, one))}
    assert 0 < len(only) < len(SCENARIOS)
    for person in (ada, bo):
        rooms.feed.preferences.put(person, Wishes(blocked=all_but_the_sea))
    assert wanting.one(rooms, bo).scenario in only
    with pytest.raises(Unwanted, match="This is blocked for you"):
        wanting.one(rooms, bo, "jazz")
    (candidate,) = selection.candidates(rooms, selection.due(rooms, plan(small_town)).permits)
    assert only.isdisjoint(candidate.without)
    assert only | candidate.without >= SCENARIOS
    rooms.feed.preferences.put(bo, Wishes(blocked=frozenset(Theme)))
    with pytest.raises(Unwanted, match="Every theme"):
        choosing.unless_blocked(rooms, bo, None)


def plan(town: Town) -> Plan:
    """Open the plan of now."""
    return Plans(town.rooms.consent.ledger, town.rooms.consent.policy.id).open(Micros(NINE))


def _themes(rooms: Rooms, scenario: str) -> tuple[Theme, ...]:
    return rooms.feed.catalogue.of(scenario).themes
