# SPDX-License-Identifier: Apache-2.0
"""What came of inserts is known of those who let us learn, and once a day is over."""

from consent.words import Micros, Purpose, Subject
from feed.outcomes import Came, outcomes, willing
from tests.feed.chosen import listed
from tests.feed.conftest import Home


def read(home: Home, *people: Subject) -> Came:
    with home.rooms.consent.ledger.read() as connection:
        allowed = willing(connection, people, home.rooms.consent.notices.current)
        return outcomes(connection, allowed, Micros(home.now()))


def learner(home: Home, name: str = "Ada") -> Subject:
    subject = home.rooms.inserted_person(name)
    home.rooms.grant(subject, Purpose.PERSONALISATION)
    return subject


def test_who_does_not_let_us_learn_is_not_in_it(home: Home) -> None:
    bob = home.rooms.inserted_person("Bob")
    obj, _ = listed(home, bob)
    home.say(bob, "like", obj)
    home.later(days=2)
    assert read(home, bob) == {}


def test_who_was_told_less_than_is_told_now_is_not_learned_from(home: Home) -> None:
    ada = learner(home)
    with home.rooms.consent.ledger.read() as connection:
        for current, found in (
            (home.rooms.consent.notices.current, (ada,)),
            ({Purpose.PERSONALISATION: frozenset({"of tomorrow"})}, ()),
        ):
            assert willing(connection, [ada], current) == found


def test_an_insert_counts_when_its_day_is_over(home: Home) -> None:
    ada = learner(home)
    obj, _ = listed(home, ada)
    home.say(ada, "like", obj)
    home.later(hours=23)
    assert read(home, ada) == {}
    home.later(hours=2)
    assert read(home, ada)[ada, obj] == {"engage"}


def test_what_comes_after_a_day_does_not_count_and_nothing_is_nothing(home: Home) -> None:
    ada = learner(home)
    obj, _ = listed(home, ada)
    home.later(hours=30)
    home.say(ada, "hide", obj)
    assert read(home, ada)[ada, obj] == frozenset()


def test_hiding_and_asking_for_fewer_are_one_outcome(home: Home) -> None:
    ada = learner(home)
    obj, _ = listed(home, ada)
    home.say(ada, "hide", obj)
    home.later(days=2)
    assert read(home, ada)[ada, obj] == {"fewer"}


def test_withdrawing_takes_the_outcomes_along(home: Home) -> None:
    for purpose in (Purpose.PERSONALISATION, Purpose.FEED_INSERT):
        ada = learner(home, f"Ada {purpose}")
        obj, _ = listed(home, ada)
        home.say(ada, "like", obj)
        home.later(days=2)
        assert read(home, ada)
        home.rooms.consent.withdrawals.withdraw(ada, purpose)
        assert read(home, ada) == {}
