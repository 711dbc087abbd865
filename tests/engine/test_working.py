# SPDX-License-Identifier: Apache-2.0
"""A worker's turn: what it claims it makes, places and lets go of, whatever breaks."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from benchmarks import stub
from consent.clocks import VirtualClock
from consent.words import DAY, Reason, Subject
from engine import working
from engine.rooms import Rooms
from feed.tables import feed_insert
from generation.leases import LATER
from generation.portraits import Request
from generation.tables import lease, refusal
from tests.engine import stubbed
from tests.rooms import NOON

Home = tuple[Rooms, tuple[Subject, ...], VirtualClock]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    clock = VirtualClock(NOON)
    rooms, people = stubbed.home(tmp_path / "home", 3, clock=clock)
    return rooms, people, clock


def count(rooms: Rooms, table: Any) -> int:
    with rooms.consent.ledger.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_turn_makes_what_waits_and_leaves_nothing_held(home: Home) -> None:
    rooms, people, _ = home
    stubbed.ordered(rooms, people)
    assert working.take_turn(rooms, most=2) == {"made": 2}
    assert working.take_turn(rooms) == {"made": 1}
    assert working.take_turn(rooms) == {}
    assert (stubbed.assets(rooms), count(rooms, lease)) == (3, 0)


def test_what_a_plan_ordered_is_placed_by_whoever_made_it(home: Home) -> None:
    rooms, _, _ = home
    plan = stubbed.plan_of(rooms)
    done = working.take_turn(rooms)
    assert done["inserted"] == done["made"] == len(plan)
    assert count(rooms, feed_insert) == len(plan)


def test_who_is_denied_is_refused_and_who_paused_waits(home: Home) -> None:
    rooms, people, clock = home
    stubbed.ordered(rooms, people[:2])
    rooms.consent.pauses.pause(people[0], None)
    clock.advance(rooms.consent.policy.consent.term_days * DAY / 1_000_000 + 1)
    assert working.take_turn(rooms) == {"dropped": 1}
    with rooms.consent.ledger.read() as connection:
        said = connection.execute(select(refusal.c.subject, refusal.c.reason)).all()
    assert said == [(people[1], Reason.EXPIRED)]
    size, _ = rooms.consent.ledger.head()
    assert working.take_turn(rooms) == {}
    assert rooms.consent.ledger.head()[0] == size, "nothing is asked for who has paused"
    assert count(rooms, lease) == 1


def test_who_cannot_be_drawn_now_keeps_nobody_behind_them_waiting(home: Home) -> None:
    rooms, people, clock = home
    stubbed.ordered(rooms, people[:1])
    clock.advance(1)
    stubbed.ordered(rooms, people[1:])
    rooms.consent.pauses.pause(people[0], None)
    assert working.take_turn(rooms, most=1) == {"made": 1}
    assert working.take_turn(rooms, most=1) == {"made": 1}
    assert working.take_turn(rooms, most=1) == {}


Making = Callable[..., Any]


def breaking(rooms: Rooms, monkeypatch: pytest.MonkeyPatch, whose: Sequence[Subject]) -> None:
    """Let the making of some people's portraits break."""
    real: Making = rooms.studio.making

    def making(requests: Sequence[Request], *more: Any, **named: Any) -> Any:
        if any(one.subject in whose for one in requests):
            raise ValueError("of a kind that nobody foresaw")
        return real(requests, *more, **named)

    monkeypatch.setattr(rooms.studio, "making", making)


def test_what_breaks_by_itself_keeps_nobody_waiting_and_is_tried_again_later(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, people, clock = home
    stubbed.ordered(rooms, people)
    with monkeypatch.context() as patch:
        breaking(rooms, patch, people[:1])
        assert working.take_turn(rooms) == {"made": 2}
        clock.advance(LATER + 1)
        assert working.take_turn(rooms) == {}
        clock.advance(working.BROKEN)
        assert working.take_turn(rooms) == {}, "alone, it breaks alone"
    assert working.take_turn(rooms) == {}
    clock.advance(working.BROKEN + 1)
    assert working.take_turn(rooms) == {"made": 1}


def test_what_breaks_for_everybody_is_said_and_lets_go(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, people, _ = home
    stubbed.ordered(rooms, people)
    with monkeypatch.context() as patch:
        breaking(rooms, patch, people)
        with pytest.raises(ValueError, match="foresaw"):
            working.take_turn(rooms)
    assert working.take_turn(rooms) == {"made": 3}


def test_what_breaks_again_by_itself_keeps_no_worker_turning_nor_any_plan_waiting(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, people, clock = home
    stubbed.ordered(rooms, people[:2])
    with monkeypatch.context() as patch:
        breaking(rooms, patch, people[:2])
        for _ in range(2):  # the first time it may have been the weather
            with pytest.raises(ValueError, match="foresaw"):
                working.take_turn(rooms)
        assert working.take_turn(rooms) == {}, "they wait; whoever plans goes on"
        stubbed.ordered(rooms, people[2:])
        assert working.take_turn(rooms) == {"made": 1}
    clock.advance(working.BROKEN + 1)
    assert working.take_turn(rooms) == {"made": 2}


def test_two_workers_share_what_waits(home: Home) -> None:
    rooms, people, _ = home
    stubbed.ordered(rooms, people)
    other = stub.over(rooms, stub.Stub())
    claim = other.studio.claim(1)
    assert working.take_turn(rooms) == {"made": 2}
    made = tuple(other.studio.making(claim.requests, held=claim.terms))
    assert [working.outcome(one) for one in made] == ["made"]
