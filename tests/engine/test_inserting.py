# SPDX-License-Identifier: Apache-2.0
"""Portraits that were made for the feed are placed once, by whoever comes."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from consent.clocks import VirtualClock
from consent.errors import Broken
from consent.gate import Insert, Permit
from consent.words import Purpose, Reason
from engine import inserting
from engine.rooms import Rooms
from feed.inserts import Inserts
from feed.tables import feed_insert
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


def test_a_plan_is_placed_in_parts_and_what_one_has_placed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, _ = stubbed.home(tmp_path / "home", 8, clock=VirtualClock(NOON))
    made = len(rooms.studio.make(stubbed.plan_of(rooms)))
    assert made > 4
    monkeypatch.setattr(inserting, "PART", 2)
    placed, sizes = Inserts.place, []

    def breaks(self: Inserts, permits: Sequence[Permit[Insert]], *rest: Any) -> Any:
        sizes.append(len(permits))
        if len(sizes) == 2:
            raise Broken(Reason.UNAVAILABLE, "the database went away")
        return placed(self, permits, *rest)

    monkeypatch.setattr(Inserts, "place", breaks)
    with pytest.raises(Broken):
        inserting.place(rooms)
    assert (sizes, _standing(rooms)) == ([2, 2], 2)
    assert inserting.place(rooms) == {"inserted": made - 2, "denied": 0}
    assert max(sizes) == 2
    assert _standing(rooms) == made
    steps = Counter(one["step"] for one in rooms.consent.ledger.bodies() if one["t"] == "effect")
    assert steps["insert"] == made


def _standing(rooms: Rooms) -> int:
    with rooms.consent.ledger.read() as connection:
        return connection.execute(select(func.count()).select_from(feed_insert)).scalar_one()
