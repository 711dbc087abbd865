# SPDX-License-Identifier: Apache-2.0
"""A whole engine in which something is tried: real rooms, people who let us, short words."""

from dataclasses import dataclass
from pathlib import Path

from consent import database
from consent.clocks import VirtualClock
from engine import wiring
from engine.rooms import Rooms
from engine.settings import Settings
from feed import population
from tests import rooms as small
from tests.feed.conftest import Home
from tests.feed.trying import Trial, people_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An engine, and the trial in its feed."""

    rooms: Rooms
    trial: Trial


def engine(url: str, folder: Path, count: int) -> Tried:
    """Build an engine on an empty database, with two days of posts and people who let us."""
    clock = VirtualClock(small.NOON)
    chosen = Settings(home=folder, database_url=url, fixed_keys=True)
    rooms = wiring.build(chosen, database.connect(url), clock)
    rooms.consent.publish()
    today = clock.now() // small.DAY
    days = (population.day(day, seed=7) for day in (today - 2, today - 1))
    rooms.feed.posts.publish([post for day in days for post in day])
    acting = small.Rooms(
        home=folder, clock=clock, chance=rooms.consent.chance, consent=rooms.consent
    )
    home = Home(rooms=acting, feed=rooms.feed)
    return Tried(rooms=rooms, trial=Trial(home=home, people=people_in(acting, count)))
