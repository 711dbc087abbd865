# SPDX-License-Identifier: Apache-2.0
"""What anybody is told is made once for all who ask, and no flood of them holds anybody up."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from consent.clocks import VirtualClock
from consent.words import SECOND, Micros
from engine.scrapes import KEPT, LATE, Scrapes
from tests.engine.homes import Home

MANY = 100
"""More than the threads that a server has for all its requests."""


class Slow:
    """Makes a text a time, and each only when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let = threading.Semaphore(0)
        self.made = 0
        self.failing = False

    def __call__(self) -> bytes:
        self.begun.release()
        assert self.let.acquire(timeout=30)
        if self.failing:
            raise OSError("the database is gone")
        self.made += 1
        return b"text %d" % self.made


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.let.release(MANY)


def held(slow: Slow, clock: VirtualClock) -> Scrapes:
    return Scrapes(slow, elapsed=clock.now)


def ask(scrapes: Scrapes) -> bytes:
    return asyncio.run(scrapes.text())


def test_a_text_is_told_for_some_seconds_and_then_made_anew(slow: Slow) -> None:
    slow.let.release(2)
    scrapes = held(slow, clock := VirtualClock(Micros(0)))
    assert ask(scrapes) == b"text 1"
    clock.advance((KEPT - 1) / SECOND)
    assert ask(scrapes) == b"text 1"
    clock.advance(1 / SECOND)
    assert ask(scrapes) == b"text 2"
    assert slow.made == 2


def test_whoever_asks_while_one_is_made_is_told_the_last_and_the_first_wait_together(
    slow: Slow,
) -> None:
    scrapes = held(slow, clock := VirtualClock(Micros(0)))
    with ThreadPoolExecutor(3) as people:
        first = [people.submit(ask, scrapes) for _ in range(3)]
        assert slow.begun.acquire(timeout=30)
        slow.let.release()
        assert {one.result(30) for one in first} == {b"text 1"}
        clock.advance(KEPT / SECOND)
        second = people.submit(ask, scrapes)
        assert slow.begun.acquire(timeout=30)
        assert ask(scrapes) == b"text 1"
        slow.let.release()
        assert second.result(30) == b"text 2"
    assert slow.made == 2


def test_what_hangs_is_no_news_that_all_is_well(slow: Slow) -> None:
    slow.let.release()
    scrapes = held(slow, clock := VirtualClock(Micros(0)))
    assert ask(scrapes) == b"text 1"
    clock.advance(KEPT / SECOND)
    with ThreadPoolExecutor(2) as people:
        hangs = people.submit(ask, scrapes)
        assert slow.begun.acquire(timeout=30)
        assert slow.begun.acquire(timeout=30)
        clock.advance((LATE - 1) / SECOND)
        assert ask(scrapes) == b"text 1"
        clock.advance(1 / SECOND)
        late = people.submit(ask, scrapes)
        with pytest.raises(TimeoutError):
            late.result(0.2)
        slow.let.release()
        assert hangs.result(30) == late.result(30) == b"text 2"


def test_what_failed_is_not_kept_and_who_gives_up_takes_nothing_from_the_others(
    slow: Slow,
) -> None:
    scrapes = held(slow, VirtualClock(Micros(0)))
    slow.failing = True
    slow.let.release()
    with pytest.raises(OSError, match="gone"):
        ask(scrapes)
    slow.failing = False

    async def together() -> bytes:
        impatient, patient = (asyncio.create_task(scrapes.text()) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        slow.let.release()
        return await patient

    assert asyncio.run(together()) == b"text 1"


def test_no_flood_of_looks_keeps_anybody_from_withdrawing(home: Home, slow: Slow) -> None:
    anna, client = home.as_("Anna"), home.client
    client.app.state.scrapes = Scrapes(slow)  # type: ignore[attr-defined]
    with ThreadPoolExecutor(MANY) as crowd:
        looking = [crowd.submit(client.get, "/metrics") for _ in range(MANY)]
        assert slow.begun.acquire(timeout=30)
        left = ThreadPoolExecutor(1).submit(withdraw, client, anna)
        assert left.result(20) == 200
        assert not any(one.done() for one in looking)
        slow.let.release()
        assert {one.result(30).content for one in looking} == {b"text 1"}


def withdraw(client: TestClient, anna: dict[str, str]) -> int:
    return client.delete("/v1/consents/feed_insert", headers=anna).status_code
