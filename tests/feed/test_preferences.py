# SPDX-License-Identifier: Apache-2.0
"""A wish lowers the rules for one person, and never raises them."""

from dataclasses import replace

import pytest

from consent import policies
from consent.errors import Misused
from consent.words import Purpose, Reason
from feed import preferences
from feed.preferences import NO_WISHES, Unwanted, Wishes, lowered
from feed.scenarios import Theme, shipped
from tests.feed.conftest import Home, cards, imagined, posts

STRICT = policies.load("strict-opt-in").slots


def test_a_wish_lowers_the_week_and_never_raises_it() -> None:
    assert lowered(STRICT, NO_WISHES) is STRICT
    assert [lowered(STRICT, Wishes(per_week=n)).per_week for n in (0, 1, 3, 9)] == [0, 1, 3, 3]
    assert lowered(STRICT, Wishes(per_week=1)) == replace(STRICT, per_week=1)


def test_a_scenario_is_unwanted_when_one_of_its_themes_is_blocked() -> None:
    catalogue = shipped()
    blocked = Wishes(blocked=frozenset({Theme.WATER})).unwanted(catalogue)
    assert blocked == {one.id for one in catalogue.scenarios if Theme.WATER in one.themes}
    assert blocked
    assert Wishes(blocked=frozenset(Theme)).unwanted(catalogue) == set(catalogue.by_id)
    assert NO_WISHES.unwanted(catalogue) == frozenset()


def test_what_was_put_replaces_what_was_said_before(home: Home) -> None:
    ada, bob = home.rooms.person("Ada"), home.rooms.person("Bob")
    wanted = home.feed.preferences
    assert wanted.of(ada) is NO_WISHES
    wanted.put(ada, Wishes(per_week=1, blocked=frozenset({Theme.SKY, Theme.PAST})))
    wanted.put(ada, Wishes(per_week=0, blocked=frozenset({Theme.SKY})))
    said = Wishes(per_week=0, blocked=frozenset({Theme.SKY}))
    assert wanted.of(ada) == said
    assert wanted.of(bob) is NO_WISHES
    with home.rooms.consent.ledger.read() as connection:
        assert preferences.wishes(connection, [ada, bob]) == {ada: said}
    wanted.put(ada, Wishes(blocked=frozenset({Theme.SKY})))
    assert wanted.of(ada) == Wishes(blocked=frozenset({Theme.SKY}))
    wanted.put(ada, NO_WISHES)
    assert wanted.of(ada) is NO_WISHES
    with pytest.raises(Misused, match="at most 3") as refused:
        wanted.put(ada, Wishes(per_week=4))
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_a_blocked_idea_that_is_asked_for_is_refused_with_its_themes(home: Home) -> None:
    ada = home.rooms.person("Ada")
    diver = home.feed.catalogue.of("diver")
    home.feed.preferences.check(ada, diver)
    home.feed.preferences.put(ada, Wishes(blocked=frozenset(diver.themes) | {Theme.STAGE}))
    with pytest.raises(Unwanted) as refused:
        home.feed.preferences.check(ada, diver)
    assert ", ".join(sorted(diver.themes)) in refused.value.sentence
    assert "stage" not in refused.value.sentence


def test_a_page_keeps_to_the_wishes_of_its_viewer_alone(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    mine, theirs = home.insert(ada), home.insert(bob)
    before = posts(home.page(ada))
    themes = frozenset(home.feed.catalogue.of("aurora").themes)
    for wish in (Wishes(per_week=0), Wishes(blocked=themes)):
        home.feed.preferences.put(ada, wish)
        assert imagined(home.page(ada)) == []
        assert posts(home.page(ada))[: len(before)] == before
    assert imagined(home.page(bob)) == [theirs]
    home.feed.preferences.put(ada, NO_WISHES)
    assert imagined(home.page(ada)) == [mine]


def test_nobody_who_wants_none_is_asked_by_the_card(home: Home) -> None:
    rooms = home.rooms.consent
    ada = home.rooms.person("Ada", Purpose.LIKENESS)
    served = rooms.notices.serve(ada, Purpose.FEED_INSERT)
    rooms.grants.grant(ada, Purpose.FEED_INSERT, served.served_id)
    assert cards(home.page(ada))
    home.feed.preferences.put(ada, Wishes(per_week=0))
    assert not cards(home.page(ada))
