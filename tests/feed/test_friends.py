# SPDX-License-Identifier: Apache-2.0
"""Friends: both name each other, and nobody learns more than that."""

from consent.words import Subject
from feed.friends import Friends
from feed.tables import friendship
from tests.rooms import Rooms


def test_a_friendship_counts_where_both_name_each_other(rooms_on_both: Rooms) -> None:
    friends = Friends(rooms_on_both.consent.ledger)
    ada, bob = rooms_on_both.person("Ada"), rooms_on_both.person("Bob")
    friends.befriend(ada, bob)
    assert (friends.of(ada), friends.of(bob)) == ((), ())
    for _ in range(2):
        friends.befriend(bob, ada)
    assert (friends.of(ada), friends.of(bob)) == ((bob,), (ada,))
    friends.unfriend(bob, ada)
    assert (friends.of(ada), friends.of(bob)) == ((), ())
    assert rooms_on_both.count(friendship) == 1


def test_strangers_and_oneself_are_passed_over(rooms: Rooms) -> None:
    friends, ada = Friends(rooms.consent.ledger), rooms.person("Ada")
    for nobody in (Subject(404), ada):
        friends.befriend(ada, nobody)
        friends.unfriend(ada, nobody)
    assert rooms.count(friendship) == 0


def test_who_is_erased_is_nobodys_friend_on_either_side(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    friends = Friends(rooms.consent.ledger)
    ada, bob = rooms.person("Ada"), rooms.person("Bob")
    friends.befriend(ada, bob)
    friends.befriend(bob, ada)
    rooms.consent.erasures.erase(bob)
    assert rooms.count(friendship) == 0
    friends.befriend(ada, bob)
    assert rooms.count(friendship) == 0


def test_naming_somebody_is_no_entry_of_the_ledger(rooms: Rooms) -> None:
    friends = Friends(rooms.consent.ledger)
    ada, bob = rooms.person("Ada"), rooms.person("Bob")
    before = rooms.consent.ledger.head()[0]
    friends.befriend(ada, bob)
    assert rooms.consent.ledger.head()[0] == before
