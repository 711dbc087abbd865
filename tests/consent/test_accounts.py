# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest

from consent.accounts import Accounts
from consent.errors import Misused
from consent.tables import permit, subject
from consent.words import Reason, Subject, public_id
from tests.rooms import Rooms


def test_a_person_is_found_by_name_and_by_id(rooms_on_both: Rooms) -> None:
    accounts = rooms_on_both.consent.accounts
    ada = accounts.add("  Ada   Lovelace ")
    assert ada.name == "Ada Lovelace"
    assert accounts.find("Ada Lovelace") == accounts.find(ada.id) == ada
    assert ada.id == public_id(ada.subject)


def test_people_are_listed_in_the_order_in_which_they_came(rooms: Rooms) -> None:
    for name in ("Cy", "Ada", "Bob"):
        rooms.person(name)
        rooms.clock.advance(1)
    assert [account.name for account in rooms.consent.accounts.list()] == ["Cy", "Ada", "Bob"]


def test_the_names_of_some_are_read_and_of_nobody_else(rooms: Rooms) -> None:
    accounts = rooms.consent.accounts
    ada, bo = accounts.add("Ada").subject, accounts.add("Bo").subject
    assert accounts.names([bo, Subject(7)]) == {bo: "Bo"}
    assert accounts.names([]) == {}
    assert accounts.names({ada, bo}) == {ada: "Ada", bo: "Bo"}


def test_an_account_is_no_consent_and_leaves_no_entry(rooms: Rooms) -> None:
    before = rooms.consent.ledger.head()[0]
    ada = rooms.person("Ada")
    assert rooms.consent.grants.show(ada) == {}
    assert rooms.consent.ledger.head()[0] == before
    assert rooms.count(permit) == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_bad_name_is_refused(rooms: Rooms, name: str) -> None:
    with pytest.raises(Misused, match="a name has 1 to 80 characters") as bad:
        rooms.consent.accounts.add(name)
    assert bad.value.reason is Reason.UNKNOWN_KEY


def test_a_name_is_taken_once_and_a_refusal_leaves_nothing(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    rooms.person("Ada")
    with pytest.raises(Misused) as taken:
        rooms.person("Ada")
    assert taken.value.reason is Reason.DUPLICATE
    assert rooms.count(subject) == 1
    assert (rooms.home / "keys" / "people.keys").stat().st_size == 40


@pytest.mark.parametrize("who", ["Nobody", "0000000000000", "x" * 13])
def test_a_stranger_is_not_found(rooms: Rooms, who: str) -> None:
    with pytest.raises(Misused) as stranger:
        rooms.consent.accounts.find(who)
    assert stranger.value.reason is Reason.UNKNOWN_SUBJECT


def test_somebody_named_like_an_id_is_still_found(rooms: Rooms) -> None:
    odd = rooms.consent.accounts.add("0123456789abc")
    assert rooms.consent.accounts.find("0123456789abc") == odd


def test_draws_are_keyed_by_the_place_in_line_alone(rooms: Rooms) -> None:
    people = [rooms.person(name) for name in ("Ada", "Bob")]
    keys = rooms.consent.accounts.draw_keys([*people, Subject(5)])
    assert set(keys) == set(people)
    assert len(set(keys.values())) == 2
    assert all(0 <= key < 1 << 64 for key in keys.values())
    golden = int.from_bytes(hashlib.sha256(b"onlyou draws 0").digest()[:8], "big")
    assert keys[people[0]] == golden


def test_where_there_are_several_logs_an_id_is_drawn_until_it_belongs_here(rooms: Rooms) -> None:
    room = rooms.consent
    mine = Accounts(room.ledger, room.keys, room.chance, holds=lambda person: person % 3 == 1)
    assert {mine.add(f"Ada {n}").subject % 3 for n in range(8)} == {1}
