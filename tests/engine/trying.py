# SPDX-License-Identifier: Apache-2.0
"""A whole engine in which something is tried: real rooms, people who let us, short words."""

from dataclasses import dataclass
from pathlib import Path

from consent import database
from consent.clocks import VirtualClock
from engine import wiring
from engine.rooms import Rooms
from engine.settings import Settings
from tests import rooms as small
from tests.feed.conftest import Home
from tests.feed.trying import Trial, settled, village


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An engine, and the trial in its feed."""

    rooms: Rooms
    trial: Trial


COUNT = 14


def engine(folder: Path, count: int = COUNT, *, waiting: bool = True) -> Tried:
    """Open a whole engine on a copy of a village, where everybody's feed holds a portrait."""
    url = village(folder, count, waiting=waiting)
    clock = VirtualClock(small.NOON)
    chosen = Settings(home=folder, database_url=url, origin=small.ORIGIN, fixed_keys=True)
    rooms = wiring.build(chosen, database.connect(url), clock)
    acting = small.Rooms(
        home=folder, clock=clock, chance=rooms.consent.chance, consent=rooms.consent
    )
    return Tried(rooms=rooms, trial=settled(Home(rooms=acting, feed=rooms.feed)))
