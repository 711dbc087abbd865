# SPDX-License-Identifier: Apache-2.0
"""Work in this process, as it is by default."""

from dataclasses import replace
from pathlib import Path

import pytest

from consent.clocks import VirtualClock
from consent.errors import Misused
from engine import workers
from engine.plans import Plans
from engine.workers.local import Local
from generation.portraits import Portrait
from tests.engine import stubbed
from tests.rooms import NOON


def test_one_process_orders_makes_and_takes_turns(tmp_path: Path) -> None:
    rooms, people = stubbed.home(tmp_path / "home", 3, clock=VirtualClock(NOON))
    ours = workers.of(rooms)
    assert ours == Local(rooms)
    plan = Plans(rooms.consent.ledger, rooms.consent.policy.id).open(NOON)
    ordered = ours.order(plan)
    assert ordered.counted["selected"] == len(people)
    first, *others = ordered.requests
    assert tuple(ours.making([first])) == (Portrait(request=first, recipe="stub"),)
    assert ours.take_turn()["made"] == len(others)
    other = replace(rooms, settings=replace(rooms.settings, workers="elves"))
    with pytest.raises(Misused, match="local, ray"):
        workers.of(other)
    alone = replace(rooms, settings=replace(rooms.settings, workers="ray"))
    with pytest.raises(Misused, match="SQLite has one writer"):
        workers.of(alone)
