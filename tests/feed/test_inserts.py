# SPDX-License-Identifier: Apache-2.0
"""An insert takes its own permit, expires by itself and is read by its owner alone."""

from dataclasses import replace
from typing import Any

import pytest

from consent.effects import Spent
from consent.errors import Misused
from consent.gate import Denial, Permit
from consent.words import HOUR, ObjectId, Purpose, Reason, Step
from feed import inserts
from feed.tables import feed_insert
from tests.feed.conftest import Home, furnished
from tests.rooms import Rooms


def test_placing_spends_an_insert_permit_once(home: Home) -> None:
    ada = home.rooms.inserted_person()
    obj = home.rooms.portrait(ada, Purpose.FEED_INSERT)
    permit = home.rooms.ask(Step.INSERT, ada, Purpose.FEED_INSERT, obj, request=obj)
    (done,) = home.feed.inserts.place([permit], ["aurora"])
    assert isinstance(done, Spent)
    assert home.written("effect")[-1]["step"] == "insert"
    with pytest.raises(Misused) as caught:
        home.feed.inserts.place([permit], ["aurora"])
    assert caught.value.reason is Reason.PERMIT_USED
    assert home.rooms.count(feed_insert) == 1


def test_what_another_process_has_placed_meanwhile_is_passed_over(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    objects = [home.rooms.portrait(one, Purpose.FEED_INSERT) for one in (ada, bob)]

    def asked() -> list[Permit[Any]]:
        return [
            home.rooms.ask(Step.INSERT, one, Purpose.FEED_INSERT, obj, request=obj)
            for one, obj in zip((ada, bob), objects, strict=True)
        ]

    late, early = asked(), asked()
    (first,) = home.feed.inserts.place(early[:1], ["aurora"])
    passed, placed = home.feed.inserts.place(late, ["aurora", "aurora"])
    assert isinstance(first, Spent)
    assert isinstance(placed, Spent)
    assert isinstance(passed, Denial)
    assert passed.reason is Reason.PERMIT_USED
    assert home.rooms.count(feed_insert) == 2
    assert home.feed.inserts.unplaced(objects) == ()


def test_its_entry_repeats_the_commitment_to_its_marks(home: Home) -> None:
    ada = home.rooms.inserted_person()
    obj = home.rooms.portrait(ada, Purpose.FEED_INSERT)
    permit = home.rooms.ask(Step.INSERT, ada, Purpose.FEED_INSERT, obj, request=obj)
    home.feed.inserts.place([permit], ["aurora"], ["commitment"])
    assert home.written("effect")[-1]["marks"] == "commitment"


def test_a_withdrawal_in_between_wins_and_the_others_go_on(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    asked = []
    for person in (ada, bob):
        obj = home.rooms.portrait(person, Purpose.FEED_INSERT)
        asked.append(home.rooms.ask(Step.INSERT, person, Purpose.FEED_INSERT, obj, request=obj))
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    first, second = home.feed.inserts.place(asked, ["aurora", "jazz"])
    assert isinstance(first, Denial)
    assert first.reason is Reason.WITHDRAWN
    assert isinstance(second, Spent)


def test_placing_nothing_writes_nothing(home: Home) -> None:
    before = len(home.written())
    assert home.feed.inserts.place([], []) == ()
    assert len(home.written()) == before


def test_ready_inserts_are_the_viewers_own_newest_first_until_they_expire(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    first = home.insert(ada)
    home.insert(bob)
    home.later(days=1.1)
    second = home.insert(ada, "jazz")
    hours = home.rooms.consent.policy.portraits.insert_hours
    with home.rooms.consent.ledger.read() as connection:
        now = home.rooms.clock.now()
        found = inserts.ready(connection, ada, placed_by=now, now=now)
        assert [one.object for one in found] == [second, first]
        assert found[0].expires_at == now + hours * HOUR
        assert inserts.ready(connection, ada, placed_by=now, now=found[1].expires_at) == found[:1]
        earlier = inserts.ready(connection, ada, placed_by=found[1].placed_at, now=now)
        assert [one.object for one in earlier] == [first]
        assert inserts.placed(connection, ada) == {first, second}


def test_scenarios_had_lately_are_those_given_or_shown(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    mine = home.insert(ada)
    home.page(ada)

    def had(days: int) -> object:
        with home.rooms.consent.ledger.read() as connection:
            now = home.rooms.clock.now()
            return inserts.had_lately(connection, [ada, bob], days=days, now=now)

    assert had(30) == {ada: {"aurora"}, bob: frozenset()}
    home.rooms.consent.withdrawals.destroy(ada, mine)
    assert had(30) == {ada: {"aurora"}, bob: frozenset()}
    home.later(days=2)
    assert had(1) == {ada: frozenset(), bob: frozenset()}


def test_what_is_stored_for_the_feed_and_not_in_it_waits(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.insert(ada)
    assert home.feed.inserts.unplaced() == ()


def test_any_number_may_be_asked_about_at_once(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada = home.rooms.inserted_person()
    stored = home.rooms.portrait(ada, Purpose.FEED_INSERT)
    permit = home.rooms.ask(Step.INSERT, ada, Purpose.FEED_INSERT, stored, request=stored)
    many = [ObjectId(one) for one in range(70_000)]
    again = home.rooms.ask(Step.INSERT, ada, Purpose.FEED_INSERT, stored, request=stored)
    home.feed.inserts.place([permit], ["aurora"])
    assert home.feed.inserts.unplaced([*many, stored]) == ()
    others = [replace(permit, object=one) for one in many]
    with home.rooms.consent.ledger.read() as connection:
        assert inserts._standing(connection, [*others, permit]) == frozenset()
        assert inserts._standing(connection, [*others, again]) == {stored}
