# SPDX-License-Identifier: Apache-2.0
"""Where a reader stands is read anew for every page, in one question."""

import pytest

from consent.errors import Misused
from consent.words import HOUR, Purpose, Reason, Subject
from feed import readers
from feed.readers import Reader
from tests.feed.conftest import Home, furnished
from tests.rooms import Rooms


def found(home: Home, viewer: Subject) -> Reader:
    with home.rooms.consent.ledger.read() as connection:
        return readers.find(connection, viewer)


def test_a_stranger_and_the_erased_are_not_known(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.rooms.consent.erasures.erase(ada)
    for nobody in (ada, Subject(404)):
        with pytest.raises(Misused) as refused:
            found(home, nobody)
        assert refused.value.reason is Reason.UNKNOWN_SUBJECT


def test_everything_a_page_needs_to_know_is_read(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada, pat = home.rooms.inserted_person(), home.rooms.person("Pat")
    before = found(home, ada)
    assert (before.held(before.head), before.accepted, before.inserts) == (True, True, False)
    home.insert(ada)
    assert found(home, ada).inserts
    nobody = found(home, pat)
    assert (nobody.epoch, nobody.answer, nobody.held(nobody.head)) == (None, None, False)


def test_a_withdrawal_and_a_pause_count_at_once_and_a_pause_ends_at_its_time(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    until = home.now() + HOUR
    home.rooms.consent.pauses.pause(ada, until)
    assert not found(home, ada).held(until - 1)
    assert found(home, ada).held(until)
    home.rooms.consent.pauses.pause(ada, None)
    assert not found(home, ada).held(until)
    home.rooms.consent.withdrawals.withdraw(bob, Purpose.FEED_INSERT)
    assert not found(home, bob).held(home.now())
