# SPDX-License-Identifier: Apache-2.0
"""After a restore, what people may have closed since is closed, until they open it again."""

from consent.words import ObjectId, Purpose, Subject
from feed.closing import _EVENT, close
from feed.preferences import NO_WISHES, Wishes
from feed.scenarios import Theme
from feed.tables import asset, feed_act
from tests.feed.chosen import choose
from tests.feed.conftest import Home, furnished, imagined
from tests.rooms import Rooms

LONGEST = 64
"""How long the name of an event may be that a client gives (`engine/api/interactions.py`)."""
NOTHING = Wishes(per_week=0, blocked=frozenset(Theme))


def closed(home: Home) -> None:
    with home.rooms.consent.ledger.write() as writing:
        close(writing)


def made(home: Home, who: Subject) -> ObjectId:
    """Make what a plan chose for somebody; it does not stand in their feed yet."""
    obj, _ = choose(home, who)
    home.rooms.stored(who, Purpose.FEED_INSERT, obj)
    return obj


def test_nobody_is_a_friend_until_both_say_so_again(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada, bob = home.rooms.person("Ada"), home.rooms.person("Bob")
    home.feed.friends.befriend(ada, bob)
    home.feed.friends.befriend(bob, ada)
    closed(home)
    home.feed.friends.befriend(ada, bob)
    assert home.feed.friends.of(ada) == home.feed.friends.of(bob) == ()
    home.feed.friends.befriend(bob, ada)
    assert home.feed.friends.of(ada) == (bob,)


def test_everybody_wants_nothing_until_they_say_what_they_want(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada, bob, eve = (home.rooms.person(name) for name in ("Ada", "Bob", "Eve"))
    wanted = home.feed.preferences
    wanted.put(ada, Wishes(per_week=2, blocked=frozenset({Theme.SKY})))
    wanted.put(bob, Wishes(per_week=1))
    for _ in range(2):
        closed(home)
        assert [wanted.of(one) for one in (ada, bob, eve)] == [NOTHING] * 3
    assert wanted.unwanted(eve) == set(home.feed.catalogue.by_id)
    wanted.put(ada, NO_WISHES)
    assert (wanted.of(ada), wanted.of(bob)) == (NO_WISHES, NOTHING)


def test_what_stood_in_a_feed_stays_out_of_it_and_in_the_album(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada = home.rooms.inserted_person("Ada")
    mine = home.insert(ada)
    assert imagined(home.page(ada)) == [mine]
    for _ in range(2):
        closed(home)
        assert imagined(home.page(ada)) == []
    home.feed.preferences.put(ada, NO_WISHES)
    assert imagined(home.page(ada)) == []
    assert home.rooms.count(asset, ada) == home.rooms.count(feed_act, ada) == 1
    home.later(days=1)
    assert imagined(home.page(ada)) == []
    another = home.insert(ada, "noir")
    assert imagined(home.page(ada)) == [another], "it is no hide: what comes now is shown"


def test_what_was_made_for_a_feed_and_did_not_stand_in_it_is_not_placed(
    rooms_on_both: Rooms,
) -> None:
    home = furnished(rooms_on_both)
    ada, bob = home.rooms.inserted_person("Ada"), home.rooms.inserted_person("Bob")
    mine = made(home, ada)
    assert [one.object for one in home.feed.inserts.unplaced()] == [mine]
    closed(home)
    assert home.feed.inserts.unplaced() == home.feed.inserts.unplaced([mine]) == ()
    his = made(home, bob)
    assert [one.object for one in home.feed.inserts.unplaced()] == [his], (
        "what comes now is placed"
    )


def test_what_was_hidden_before_stays_as_its_person_said_it(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada = home.rooms.inserted_person("Ada")
    mine = home.insert(ada)
    home.say(ada, "hide", mine)
    closed(home)
    assert home.rooms.count(feed_act, ada) == 1
    home.say(ada, "undo", mine)
    home.feed.preferences.put(ada, NO_WISHES)
    home.later(hours=1)
    assert imagined(home.page(ada)) == [mine]


def test_no_event_of_a_client_has_the_name_of_ours(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada = home.rooms.inserted_person("Ada")
    mine = home.insert(ada)
    home.say(ada, "like", mine, event=f"{_EVENT}{mine}"[:LONGEST])
    closed(home)
    assert home.rooms.count(feed_act, ada) == 2
