# SPDX-License-Identifier: Apache-2.0
"""Portraits that were made for the feed are placed once, by whoever comes."""

from pathlib import Path

from consent.clocks import VirtualClock
from consent.words import Purpose
from engine import inserting
from tests.engine import stubbed
from tests.rooms import NOON


def test_those_that_are_named_are_placed_and_then_all_that_is_left(tmp_path: Path) -> None:
    rooms, people = stubbed.home(tmp_path / "home", 4, clock=VirtualClock(NOON))
    requests = stubbed.plan_of(rooms)
    rooms.studio.make(requests)
    first, *others = (one.id for one in requests)
    assert inserting.place(rooms, [first]) == {"inserted": 1, "denied": 0}
    assert inserting.place(rooms, [first]) == {"inserted": 0, "denied": 0}
    rooms.consent.pauses.pause(requests[1].subject, None)
    placed = inserting.place(rooms)
    assert (placed["inserted"], placed["denied"]) == (len(others) - 1, 1)
    assert len(people) >= len(requests)
    assert all(one.purpose is Purpose.FEED_INSERT for one in requests)
