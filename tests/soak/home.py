# SPDX-License-Identifier: Apache-2.0
"""The home that the soak wears on: real databases and stores, pictures stubbed, time running fast.

Every process opens it by itself and has the same time: ten virtual seconds a second.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import sitters, stub
from consent.words import Micros, Purpose, Subject
from engine import choosing
from engine.rooms import Rooms
from tests.simulated import village
from tests.simulated.village import NINE, Village

SPEED: Final = 10
FILE: Final = "soak.json"


@dataclass(frozen=True, slots=True)
class Fast:
    """Tell the time that passes ten times as fast since the home was made."""

    began: int

    def now(self) -> Micros:
        """Return the time, the same in every process of this machine."""
        return Micros(NINE + (time.monotonic_ns() - self.began) * SPEED // 1_000)


def clock(home: Path) -> Fast:
    """Read when the home was made."""
    return Fast(json.loads((home / FILE).read_text("utf-8"))["began"])


def make(home: Path, people: int, **given: str) -> None:
    """Make a home of people who want inserts and ask for portraits."""
    home.mkdir(parents=True)
    (home / FILE).write_text(json.dumps({"began": time.monotonic_ns()}), "utf-8")
    rooms = stub.install(home, stub.Stub(seconds=0.02, size=2_000), clock=clock(home), **given)
    living = Village(rooms=rooms, clock=clock(home))  # type: ignore[arg-type]
    for person in sitters.settle(rooms, people):
        living.grant(person, Purpose.IMAGINE)
    living.close()


def opened(home: Path) -> Rooms:
    """Open it, in this or any other process; the ranking always finds an idea.

    Whoever opens it draws by itself, whatever the settings say: see `part.ray`.
    """
    choosing.ranking.choose = village.always_something
    os.environ.setdefault("ONLYOU_WORKERS", "local")
    return stub.opened(home, clock=clock(home))


def people(rooms: Rooms) -> list[Subject]:
    """List everybody who is there."""
    return [account.subject for account in rooms.consent.accounts.list()]
