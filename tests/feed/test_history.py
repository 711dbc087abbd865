# SPDX-License-Identifier: Apache-2.0
"""A history exists only for whoever lets us, and only of what they let us learn."""

from consent.words import Purpose, Subject
from feed import ranking
from feed.features import History
from feed.history import histories
from feed.ranking import Candidate, Round
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


def chosen(home: Home, who: Subject) -> ranking.Decision:
    """Choose for somebody as a plan would now, with what may be known of them."""
    person = Candidate(draw_key=11, history=read(home, who).get(who))
    catalogue = home.feed.catalogue
    terms = Round(
        seed=7,
        now=home.rooms.clock.now(),
        policy=home.rooms.consent.policy,
        renders=frozenset(catalogue.by_id),
    )
    return ranking.choose(home.feed.model, catalogue, [person], terms)[0]


def test_without_personalisation_the_choice_is_the_same_for_any_history(home: Home) -> None:
    """And with it, it is not: else this would prove nothing."""
    for let, name in ((False, "Ada"), (True, "Bob")):
        who = home.rooms.inserted_person(name)
        if let:
            home.rooms.grant(who, Purpose.PERSONALISATION)
        before = chosen(home, who)
        mine = home.insert(who)
        home.page(who)
        for kind in ("like", "hide", "fewer", "report"):
            home.say(who, kind, mine)
        after = chosen(home, who)
        assert (after == before) is not let
        assert after.personalised is let
