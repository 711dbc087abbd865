# SPDX-License-Identifier: Apache-2.0
from consent.tables import asset, pause, selfie
from consent.words import ObjectId, Purpose, Step, Subject
from feed.tables import feed_share
from tests.consent import history
from tests.consent.copies import Copying
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT


def share(rooms: Rooms, person: Subject, obj: ObjectId) -> None:
    ask = {"request": rooms.object(), "confirmed": True}
    permit = rooms.ask(Step.SHARE, person, Purpose.SHARE, obj, **ask)
    rooms.spend(permit, feed_share, {"share": int(rooms.object()), "audience": "friends"})


def test_what_was_destroyed_since_is_destroyed_in_the_copy(copying: Copying) -> None:
    rooms = copying.live
    ada = rooms.inserted_person()
    rooms.grant(ada, Purpose.SHARE)
    shown, given = rooms.portrait(ada, FEED), rooms.selfie(ada)
    share(rooms, ada, shown)
    copying.carry()
    rooms.consent.withdrawals.destroy(ada, given)
    rooms.consent.withdrawals.end_share(ada, shown, Purpose.SHARE)
    assert copying.resume().destroyed == 2
    after = copying.after()
    assert (after.count(selfie, ada), after.count(feed_share, ada)) == (1, 0)
    assert after.count(asset, ada) == 1
    copying.check(after)


def test_what_was_used_since_counts_and_a_pause_holds(copying: Copying) -> None:
    rooms = copying.live
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    copying.carry()
    history.insert(rooms, ada)
    history.nightly(rooms, [bob])
    rooms.consent.pauses.pause(ada, None)
    copying.resume()
    after = copying.after()
    assert after.count(pause, ada) == 1
    after.consent.pauses.resume(ada)
    history.refused(after, ada, FEED)
    history.refused(after, bob, FEED)
    copying.check(after)


def test_a_pause_that_ended_since_holds_no_more(copying: Copying) -> None:
    rooms = copying.live
    ada = rooms.inserted_person()
    rooms.consent.pauses.pause(ada, None)
    copying.carry()
    rooms.clock.advance(1)
    rooms.consent.pauses.resume(ada)
    copying.resume()
    after = copying.after()
    history.insert(after, ada)
    copying.check(after)


def test_nothing_is_destroyed_of_whom_the_keys_forgot(copying: Copying) -> None:
    """Their things cannot be told by name any more: they go as a whole."""
    rooms = copying.live
    ada = rooms.inserted_person()
    given = rooms.selfie(ada)
    copying.carry()
    rooms.consent.withdrawals.destroy(ada, given)
    rooms.consent.keys.destroy_secret(ada)
    done = copying.resume()
    assert (done.destroyed, done.erased) == (0, 1)
    after = copying.after()
    assert after.count(selfie, ada) == 0
    copying.check(after)
