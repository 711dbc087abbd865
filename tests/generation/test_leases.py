# SPDX-License-Identifier: Apache-2.0
"""Many workers, one outcome: who holds a request, for how long, and who writes nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, update

from consent.errors import Closed
from consent.scopes import EVERYBODY, NOBODY, within
from consent.tables import log_head
from consent.words import SECOND, ObjectId, Purpose, Step
from generation import leases, orders
from generation.holders import unnamed
from generation.leases import SECONDS, Leases
from generation.portraits import Wish
from generation.tables import lease
from tests.conftest import Opener
from tests.rooms import Rooms

Row = tuple[str, int, int]


def ordered(rooms: Rooms, count: int) -> list[ObjectId]:
    """Let as many people as requests wait for a portrait."""
    made = []
    for number in range(count):
        person = rooms.person(f"P{number}", Purpose.LIKENESS, Purpose.IMAGINE)
        obj = rooms.object()
        permit = rooms.ask(Step.SELECT, person, Purpose.IMAGINE, obj, request=obj)
        with rooms.consent.ledger.write() as writing:
            orders.place(writing, [permit], [Wish(scenario="plain", seed=7)], [None])
        rooms.clock.advance(1)
        made.append(obj)
    return made


def worker(rooms: Rooms) -> Leases:
    return Leases(rooms.consent.ledger, unnamed())


def row(rooms: Rooms, obj: ObjectId) -> Row | None:
    columns = (lease.c.holder, lease.c.term, lease.c.until)
    with rooms.consent.ledger.read() as connection:
        found = connection.execute(select(*columns).where(lease.c.object == obj)).one_or_none()
    return None if found is None else tuple(found)  # type: ignore[return-value]


def lost(rooms: Rooms, one: Leases, terms: leases.Terms) -> frozenset[ObjectId]:
    with rooms.consent.ledger.write() as writing:
        return one.fence(writing, terms)


def test_those_that_waited_longest_are_claimed_and_by_one_alone(rooms_on_both: Rooms) -> None:
    asked = ordered(rooms_on_both, 4)
    first, second = worker(rooms_on_both), worker(rooms_on_both)
    assert first.claim(2) == dict.fromkeys(asked[:2], 1)
    assert second.claim(9) == dict.fromkeys(asked[2:], 1)
    assert first.claim(9) == {}
    taken = second.take(asked)
    assert (taken.terms, taken.elsewhere) == (dict.fromkeys(asked[2:], 1), set(asked[:2]))


def test_what_is_over_is_taken_over_under_the_next_term_and_the_old_one_is_fenced_off(
    rooms_on_both: Rooms,
) -> None:
    (asked,) = ordered(rooms_on_both, 1)
    first, second = worker(rooms_on_both), worker(rooms_on_both)
    held = first.claim(1)
    rooms_on_both.clock.advance(SECONDS - 1)
    assert second.claim(1) == {}
    rooms_on_both.clock.advance(2)
    assert lost(rooms_on_both, first, held) == set(), "late, and nobody has taken it over"
    assert second.claim(1) == {asked: 2}
    assert lost(rooms_on_both, first, held) == {asked}
    assert first.renew([asked]) == 0
    first.release([asked])
    assert lost(rooms_on_both, second, {asked: 2}) == set()
    rooms_on_both.clock.advance(SECONDS + 1)
    assert first.take([asked]).terms == {asked: 3}
    assert lost(rooms_on_both, first, held) == {asked}, "the same worker, in an earlier term"


def test_what_is_renewed_stays_and_what_is_released_is_free(rooms_on_both: Rooms) -> None:
    first, second = worker(rooms_on_both), worker(rooms_on_both)
    asked = ordered(rooms_on_both, 2)
    assert first.claim(2) == dict.fromkeys(asked, 1)
    rooms_on_both.clock.advance(SECONDS - 1)
    assert first.renew(asked) == 2
    rooms_on_both.clock.advance(SECONDS - 1)
    assert second.claim(2) == {}
    first.release(asked[:1])
    first.release(asked[1:], later=60)
    assert second.claim(2) == {asked[0]: 2}
    assert second.take(asked).terms == {asked[0]: 2, asked[1]: 2}, "whoever names it has it"
    second.release(asked[1:], later=60)
    rooms_on_both.clock.advance(61)
    assert first.claim(2).keys() == set(asked)


def test_who_has_gone_with_their_yes_is_no_longer_anybodys(rooms: Rooms) -> None:
    (asked,) = ordered(rooms, 1)
    one = worker(rooms)
    held = one.claim(1)
    rooms.consent.withdrawals.withdraw(rooms.consent.accounts.find("P0").subject, Purpose.IMAGINE)
    assert row(rooms, asked) is None
    assert lost(rooms, one, held) == set(), "the gate says why, not the lease"


def test_what_became_something_waits_for_nobody(rooms: Rooms) -> None:
    (asked,) = ordered(rooms, 1)
    one = worker(rooms)
    held = one.claim(1)
    with rooms.consent.ledger.write() as writing:
        leases.ended(writing, [asked])
        leases.ended(writing, [])
    assert lost(rooms, one, held) == {asked}
    assert worker(rooms).take([asked]) == leases.NOTHING
    assert worker(rooms).take([]) == leases.NOTHING


def test_any_number_may_end_at_once(rooms_on_both: Rooms) -> None:
    (asked,) = ordered(rooms_on_both, 1)
    with rooms_on_both.consent.ledger.write() as writing:
        leases.ended(writing, [*(ObjectId(one) for one in range(300_000)), asked])
    assert row(rooms_on_both, asked) is None


@pytest.mark.postgres
def test_a_claim_waits_for_nobody_and_takes_what_others_have_not_locked(
    open_rooms: Callable[..., Rooms], postgres_url: str
) -> None:
    """Two transactions at once: the second passes over what the first has under its hands."""
    rooms = open_rooms(postgres_url)
    asked = ordered(rooms, 3)
    first, second = worker(rooms), worker(rooms)
    with holding(first) as terms:
        assert terms == {asked[0]: 1}
        assert second.claim(3).keys() == set(asked[1:])
        assert second.take(asked[:1]).elsewhere == set(asked[:1])


@pytest.mark.postgres
def test_no_more_are_claimed_than_asked_for_however_the_server_plans_it(
    open_rooms: Callable[..., Rooms], postgres_url: str
) -> None:
    """As an inner loop, what says which are free would be asked once for every row."""
    rooms = open_rooms(postgres_url)
    ordered(rooms, 6)
    with worker(rooms)._beside() as (connection, now):
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
        assert len(worker(rooms)._claim(connection, now, 2)) == 2


@contextmanager
def holding(one: Leases) -> Iterator[leases.Terms]:
    """Claim one in a transaction that stays open."""
    with one._beside() as (connection, now):
        yield one._claim(connection, now, 1)


def test_many_workers_at_once_divide_what_waits(rooms_on_both: Rooms) -> None:
    asked = ordered(rooms_on_both, 12)
    found: list[ObjectId] = []
    start = threading.Barrier(4)

    def work() -> None:
        one = worker(rooms_on_both)
        start.wait()
        while some := one.claim(2):
            found.extend(some)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(asked)


def test_a_lease_is_renewed_for_as_long_as_the_work_takes(rooms: Rooms) -> None:
    (asked,) = ordered(rooms, 1)
    one = Leases(rooms.consent.ledger, unnamed(), seconds=0.06)
    held = one.claim(1)
    renewed = threading.Event()
    real = one.renew

    def renew(ids: tuple[ObjectId, ...]) -> int:
        rooms.clock.advance(0.03)
        if renewed.is_set():
            raise OSError("the database is away")
        done = real(ids)
        renewed.set()
        return done

    one.renew = renew  # type: ignore[method-assign, assignment]
    with one.keeping(lambda: tuple(held)):
        assert renewed.wait(10)
    before = row(rooms, asked)
    assert before is not None
    assert before[2] >= rooms.clock.now() - SECOND


@pytest.mark.postgres
def test_what_answers_requests_renews_what_it_makes_for_others(
    open_rooms: Opener, postgres_url: str
) -> None:
    rooms = open_rooms(postgres_url)
    (asked,) = ordered(rooms, 1)
    rooms.consent.ledger.engine.update_execution_options(onlyou_scope=NOBODY)
    one = Leases(rooms.consent.ledger, unnamed(), seconds=0.06)
    counted: list[int] = []
    come = threading.Event()
    real = one.renew

    def renew(ids: tuple[ObjectId, ...]) -> int:
        counted.append(real(ids))
        come.set()
        return counted[-1]

    one.renew = renew  # type: ignore[method-assign, assignment]
    with within(EVERYBODY):
        held = one.claim(1)
        assert tuple(held) == (asked,)
        with one.keeping(lambda: tuple(held)):
            assert come.wait(10)
    assert counted[0] == 1


def test_what_is_put_off_is_left_by_all_but_who_names_it(rooms: Rooms) -> None:
    asked = ordered(rooms, 2)
    first, second = worker(rooms), worker(rooms)
    first.take(asked[:1])
    second.put_off(asked, 600)
    assert second.claim(9) == {}, "held by the first, and put off"
    assert first.take(asked).terms == dict.fromkeys(asked, 1)
    rooms.clock.advance(601)
    assert second.claim(9).keys() == set(asked)


@pytest.mark.postgres
def test_of_a_log_that_has_moved_nothing_is_taken(
    open_rooms: Callable[..., Rooms], postgres_url: str
) -> None:
    rooms = open_rooms(postgres_url)
    ordered(rooms, 1)
    with rooms.consent.ledger.engine.begin() as connection:
        connection.execute(update(log_head).values(open=0))
    with pytest.raises(Closed):
        worker(rooms).claim(1)


@pytest.mark.postgres
def test_nobody_waits_for_who_is_writing_an_outcome(
    open_rooms: Callable[..., Rooms], postgres_url: str
) -> None:
    """Renewing in one order what is landed in another would end in a circle."""
    rooms = open_rooms(postgres_url)
    asked = ordered(rooms, 2)
    one = worker(rooms)
    held = one.claim(2)
    with rooms.consent.ledger.write() as writing:
        assert one.fence(writing, held) == set()
        assert one.renew(asked) == 0
        one.release(asked)
        one.put_off(asked, 60)
    assert one.renew(asked) == 2, "they are as they were"
