# SPDX-License-Identifier: Apache-2.0
"""Nothing new is made for whoever asked for quiet or has one waiting unseen."""

from consent.words import Subject
from feed import turns
from feed.preferences import NO_WISHES, Wishes
from tests.feed.conftest import Home


def not_due(home: Home, *people: Subject) -> frozenset[Subject]:
    rules = home.rooms.consent.policy.slots
    with home.rooms.consent.ledger.read() as connection:
        return turns.not_due(connection, people, rules, home.rooms.clock.now())


def test_whoever_has_had_nothing_is_due(home: Home) -> None:
    assert not_due(home, home.rooms.inserted_person()) == frozenset()


def test_whoever_has_one_unseen_waits_until_it_is_seen_or_over(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    home.insert(ada)
    home.insert(bob)
    home.page(bob)
    assert not_due(home, ada, bob) == {ada}
    home.later(hours=72)
    assert not_due(home, ada, bob) == frozenset()


def test_whoever_asked_for_quiet_is_not_due_before_it_is_over(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    home.page(ada)
    home.say(ada, "hide", mine)
    assert not_due(home, ada) == {ada}
    home.later(hours=24)
    assert not_due(home, ada) == frozenset()


def test_whoever_wants_none_or_has_their_fill_of_the_week_is_not_due(home: Home) -> None:
    ada, bob, cy = (home.rooms.inserted_person(name) for name in ("Ada", "Bob", "Cy"))
    home.insert(ada)
    home.page(ada)
    assert not_due(home, ada, bob, cy) == frozenset()
    home.feed.preferences.put(ada, Wishes(per_week=1))
    home.feed.preferences.put(bob, Wishes(per_week=0))
    home.feed.preferences.put(cy, Wishes(per_week=1))
    assert not_due(home, ada, bob, cy) == {ada, bob}
    home.later(days=7)
    assert not_due(home, ada, bob, cy) == {bob}
    home.feed.preferences.put(bob, NO_WISHES)
    assert not_due(home, bob) == frozenset()
