# SPDX-License-Identifier: Apache-2.0
"""What became of requests, told to their person alone."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from consent.words import DAY, ObjectId, Purpose, Reason, Subject
from generation import fates
from generation import tables as own
from generation.fates import End, Fate
from generation.portraits import Refusal, Request
from tests.generation.house import House

IMAGINE = Purpose.IMAGINE


def became(house: House, subject: Subject, requests: Sequence[Request]) -> Mapping[ObjectId, Fate]:
    now = house.rooms.consent.ledger.now()
    with house.rooms.consent.ledger.read() as connection:
        return fates.fates(connection, subject, [one.id for one in requests], now)


def selfies(house: House, subject: Subject, purpose: Purpose = IMAGINE) -> int:
    now = house.rooms.consent.ledger.now()
    with house.rooms.consent.ledger.read() as connection:
        return fates.selfies(connection, subject, purpose, now)


def test_each_request_is_told_as_what_became_of_it_in_the_order_it_was_asked(
    house: House,
) -> None:
    ada = house.sitter(1)
    requests = [house.order(ada, each) for each in ("plain", "none", "plain", "plain")]
    made, refused, gone, waiting = requests
    house.studio.make([made, refused, gone])
    house.rooms.consent.withdrawals.destroy(ada, gone.id)
    found = became(house, ada, requests)
    ends = [found[one.id].end for one in requests]
    assert ends == [End.MADE, End.REFUSED, End.GONE, End.WAITING]
    assert [found[one.id].scenario for one in requests] == ["plain", "none", "plain", "plain"]
    assert found[refused.id].reason is not None
    assert found[made.id].reason is None
    assert found[made.id].place < found[refused.id].place < found[waiting.id].place


def test_to_anybody_else_a_request_is_as_good_as_vanished(house: House) -> None:
    ada, bo = house.sitter(1), house.rooms.person("Bo")
    request = house.order(ada)
    house.studio.make([request])
    assert became(house, bo, [request])[request.id] == Fate(id=request.id, end=End.VANISHED)
    house.rooms.consent.withdrawals.destroy(ada, request.id)
    assert became(house, bo, [request])[request.id].end is End.VANISHED


def test_what_its_yes_took_along_has_vanished(house: House) -> None:
    ada = house.sitter(1)
    requests = [house.order(ada, each) for each in ("plain", "none")]
    house.studio.make(requests[1:])
    house.rooms.consent.withdrawals.withdraw(ada, IMAGINE)
    assert {one.end for one in became(house, ada, requests).values()} == {End.VANISHED}


def test_only_what_is_open_is_refused_and_it_is_not_made_afterwards(house: House) -> None:
    ada = house.sitter(1)
    made, waiting = house.order(ada), house.order(ada)
    house.studio.make([made])
    stopped = {one.id: Reason.STOPPED for one in (made, waiting)}
    for ended in (1, 0):
        with house.rooms.consent.ledger.write() as writing:
            assert fates.refuse(writing, stopped) == ended
    found = became(house, ada, [made, waiting])
    assert (found[made.id].end, found[waiting.id].reason) == (End.MADE, Reason.STOPPED)
    (outcome,) = house.studio.make([waiting])
    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.STOPPED


def test_selfies_count_for_the_purposes_that_may_read_them_and_in_their_time(
    house: House,
) -> None:
    ada = house.sitter(1)
    house.enrol(ada, 1, "studio_portrait")
    assert (selfies(house, ada), selfies(house, ada, Purpose.AVATAR_PACK)) == (2, 0)
    house.rooms.grant(ada, Purpose.AVATAR_PACK)
    assert selfies(house, ada, Purpose.AVATAR_PACK) == 2
    kept = house.rooms.consent.policy.selfies.retention_seconds
    house.rooms.clock.advance(kept + DAY / 1_000_000)
    assert selfies(house, ada) == 0


def test_selfies_are_used_up_when_their_person_waits_for_nothing_more(house: House) -> None:
    ada, bo = house.sitter(1), house.sitter(3)
    first, second, others = house.order(ada), house.order(ada), house.order(bo)
    house.studio.make([first, others])

    def used() -> set[Subject]:
        with house.rooms.consent.ledger.read() as connection:
            found = fates.used(connection, select(own.request.c.object))
        return {person for person, _ in found}

    assert used() == {bo}
    house.studio.make([second])
    assert used() == {ada, bo}
