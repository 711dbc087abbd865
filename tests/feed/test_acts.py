# SPDX-License-Identifier: Apache-2.0
"""What an event is about is found in the person's own feed, and kept where it belongs."""

import pytest

from consent.errors import Misused
from consent.words import Purpose, public_id
from feed import acts
from feed.acts import Event, Keeping, Kind, On, Target
from feed.tables import feed_act, post_act
from tests.feed.conftest import Home, posts


def event(kind: Kind, item_id: str, event_id: str = "e") -> Event:
    return Event(event_id=event_id, item_id=item_id, kind=kind)


def test_an_item_is_an_own_insert_a_post_or_the_card(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    post = posts(home.page(ada))[0]
    with home.rooms.consent.ledger.read() as connection:
        found = [
            acts.target(connection, ada, event(Kind.HIDE, item))
            for item in (public_id(mine), public_id(post), "preview")
        ]
    assert found == [
        Target(on=On.INSERT, item=mine, scenario="aurora"),
        Target(on=On.POST, item=post),
        Target(on=On.CARD),
    ]


@pytest.mark.parametrize("item", ["", "preview2", "0000000000001", "x" * 64, "../etc"])
def test_anything_else_is_not_in_the_feed(home: Home, item: str) -> None:
    pat = home.rooms.person("Pat")
    with home.rooms.consent.ledger.read() as connection, pytest.raises(Misused, match="no such"):
        acts.target(connection, pat, event(Kind.HIDE, item))


def test_an_act_on_an_insert_after_the_withdrawal_leaves_nothing(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    about = Target(on=On.INSERT, item=mine, scenario="aurora")
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    with home.rooms.consent.ledger.write() as writing:
        Keeping(writing).keep(ada, event(Kind.LIKE, public_id(mine)), about, 1)
    assert home.rooms.count(feed_act) == 0


def test_undo_without_anything_to_take_back_is_no_error(home: Home) -> None:
    ada = home.rooms.inserted_person()
    with home.rooms.consent.ledger.write() as writing:
        for on in (On.INSERT, On.POST):
            Keeping(writing).keep(ada, event(Kind.UNDO, "x"), Target(on=on, item=1), 1)
    assert home.rooms.count(feed_act) == home.rooms.count(post_act) == 0


def test_an_event_is_known_once_it_is_noted(home: Home) -> None:
    ada = home.rooms.inserted_person()
    one = event(Kind.LIKE, "x")
    with home.rooms.consent.ledger.write() as writing:
        keeping = Keeping(writing)
        assert not acts.taken(writing.connection, ada, one)
        assert [keeping.note(ada, one), keeping.note(ada, one)] == [True, False]
        keeping.write()
        assert acts.taken(writing.connection, ada, one)
        assert not Keeping(writing).note(ada, one)
        assert not acts.taken(writing.connection, ada, event(Kind.LIKE, "x", "f"))


def test_acts_of_one_moment_are_kept_in_their_order(home: Home) -> None:
    ada, item = home.rooms.inserted_person(), posts(home.page(home.rooms.person("Pat")))[0]
    about = Target(on=On.POST, item=item)
    with home.rooms.consent.ledger.write() as writing:
        keeping = Keeping(writing)
        for kind, name in ((Kind.HIDE, "a"), (Kind.UNDO, "b"), (Kind.LIKE, "c")):
            assert keeping.note(ada, event(kind, "x", name))
            keeping.keep(ada, event(kind, "x", name), about, 1)
        keeping.write()
    assert home.rooms.count(post_act, ada) == 1, "hidden, taken back, liked"
