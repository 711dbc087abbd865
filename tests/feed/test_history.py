# SPDX-License-Identifier: Apache-2.0
"""A history exists only for whoever lets us, and only of what they let us learn."""

from consent.words import Purpose, Subject
from feed.features import History
from feed.history import histories
from feed.tables import learned
from tests.feed.conftest import Home


def read(home: Home, *people: Subject) -> dict[Subject, History]:
    with home.rooms.consent.ledger.read() as connection:
        return dict(histories(connection, people))


def test_who_has_not_granted_personalisation_has_no_history(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    home.page(ada)
    home.say(ada, "like", mine)
    assert read(home, ada) == {}


def test_a_history_begins_with_the_grant(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    mine = home.insert(ada)
    home.say(ada, "like", mine)
    home.later(hours=2)
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    since = home.now()
    home.page(ada)
    home.say(ada, "hide", mine)
    known = read(home, ada, bob)
    assert set(known) == {ada}
    assert [act.kind for act in known[ada].acts] == ["hide"]
    assert known[ada].since == since
    assert known[ada].shown == (since,)


def test_withdrawing_personalisation_takes_every_lesson(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    mine = home.insert(ada)
    home.say(ada, "like", mine)
    assert home.rooms.count(learned, ada) == 1
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.PERSONALISATION)
    assert home.rooms.count(learned, ada) == 0
    assert read(home, ada) == {}
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    assert read(home, ada)[ada].acts == ()
