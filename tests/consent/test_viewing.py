# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor

from consent import viewing
from consent.errors import Misused
from consent.gate import Ask, Denial
from consent.gate import View as Looking
from consent.tables import asset_view
from consent.viewing import Place, View, in_session
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from feed.tables import feed_view
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT


def placed(rooms: Rooms, name: str) -> tuple[Subject, ObjectId]:
    """Give somebody a portrait in their feed."""
    person = rooms.inserted_person(name)
    obj = rooms.portrait(person, FEED)
    rooms.insert(person, obj)
    return person, obj


def view(rooms: Rooms, person: Subject, obj: ObjectId, **more: object) -> View:
    ask: Ask[Looking] = Ask(step=Step.VIEW, subject=person, purpose=FEED, object=obj)
    place = {"gate": rooms.consent.gate, "place": Place(table=feed_view)} | more
    return View(ask=ask, **place)  # type: ignore[arg-type]


def test_a_viewing_session_lasts_as_long_as_its_permit(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.insert(ada, obj)
    ask: Ask[Looking] = Ask(step=Step.VIEW, subject=ada, purpose=Purpose.FEED_INSERT, object=obj)

    def seen() -> bool:
        now = rooms.consent.ledger.now()
        with rooms.consent.ledger.read() as connection:
            return ask in in_session(connection, [ask], Place(table=feed_view), now)

    assert not seen()
    rooms.look(ada, obj)
    assert seen()
    rooms.clock.advance(rooms.consent.policy.consent.view_seconds)
    assert not seen()


def test_many_views_are_one_set_and_a_repeat_in_it_is_no_second(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = placed(rooms, "Ada"), placed(rooms, "Bob")
    before = rooms.consent.ledger.head()[0]
    in_album = view(rooms, *bob, place=Place(table=asset_view))
    with rooms.consent.ledger.write() as writing:
        views = [view(rooms, *ada), view(rooms, *bob), view(rooms, *ada), in_album]
        assert viewing.begin(writing, views) == [None] * 4
    added = rooms.entries()[before:]
    assert [one["t"] for one in added] == [
        "decision",
        "decision",
        "effect",
        "effect",
        "decision",
        "effect",
    ]
    with rooms.consent.ledger.write() as writing:
        assert viewing.begin(writing, views) == [None] * 4
    assert rooms.consent.ledger.head()[0] == before + len(added)


def test_who_turned_it_off_is_denied_and_the_others_of_the_set_look(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = placed(rooms, "Ada"), placed(rooms, "Bob")
    rooms.consent.withdrawals.withdraw(ada[0], FEED)
    with rooms.consent.ledger.write() as writing:
        denial, looked = viewing.begin(writing, [view(rooms, *ada), view(rooms, *bob)])
    assert isinstance(denial, Denial)
    assert denial.reason is Reason.WITHDRAWN
    assert looked is None
    assert rooms.count(feed_view, ada[0]) == 0
    assert rooms.count(feed_view, bob[0]) == 1


def test_one_who_names_what_is_not_in_that_place_is_told_so_alone(rooms: Rooms) -> None:
    ada, bob = placed(rooms, "Ada"), placed(rooms, "Bob")
    nowhere = view(rooms, bob[0], rooms.object())
    with ThreadPoolExecutor(2) as threads:
        with rooms.consent.ledger.write():
            together = rooms.consent.ledger.together
            lost = threads.submit(together, viewing.begin, nowhere)
            found = threads.submit(together, viewing.begin, view(rooms, *ada))
        assert isinstance(lost.exception(60), Misused)
        assert found.result(60) is None
    assert rooms.count(feed_view) == 1
