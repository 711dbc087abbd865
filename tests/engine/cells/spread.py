# SPDX-License-Identifier: Apache-2.0
"""An installation spread over cells, with pictures that cost nothing, and short words for it.

Databases that have the schema already are put where shards lie or will lie: bringing an empty file
to it takes a second, which is what migrations' own tests are for.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, make_url
from sqlalchemy.exc import OperationalError

from benchmarks import sitters, stub
from consent import database, faults, handover
from consent.chance import Chance
from consent.clocks import Clock, VirtualClock
from consent.words import ObjectId, Purpose, Subject
from engine import migrations, settings, wiring
from engine.cells import founding, layout
from engine.cells.directory import Place, State
from engine.cells.house import Cells
from engine.cells.moving import Moves
from engine.rooms import Rooms as Whole
from engine.settings import Settings
from tests import rooms as homes
from tests.rooms import NOON

SHARDS = 4
NAMES = ("Ada", "Bob", "Cyd", "Dan")


@cache
def _at_head() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "onlyou.db"
        engine = database.connect(f"sqlite:///{file}")
        migrations.upgrade(engine)
        engine.dispose()
        return file.read_bytes()


def stubbed(
    chosen: Settings,
    connected: Engine,
    clock: Clock | None = None,
    *,
    chance: Chance | None = None,
) -> Whole:
    """Build the rooms of a shard with pictures that cost nothing."""
    return stub.over(wiring.build(chosen, connected, clock, chance=chance), stub.Stub())


@dataclass(frozen=True, kw_only=True)
class Town:
    """An open installation."""

    cells: Cells
    clock: VirtualClock

    @property
    def home(self) -> Path:
        return self.cells.layout.front.home

    @property
    def moves(self) -> Moves:
        return Moves(layout=self.cells.layout, directory=self.cells.directory)

    def rooms(self, who: str | Subject) -> homes.Rooms:
        """Return the rooms that hold somebody, with short words to act in them."""
        return self.words(self.cells.of(who))

    def words(self, rooms: Whole) -> homes.Rooms:
        consent = rooms.consent
        return homes.Rooms(
            home=self.home, clock=self.clock, chance=consent.chance, consent=consent
        )

    def arrive(self, *names: str) -> list[Subject]:
        """Let people come who want inserts and give a selfie."""
        come = []
        for name in names:
            rooms = self.rooms(name)
            person = rooms.person(name, Purpose.LIKENESS, Purpose.FEED_INSERT)
            rooms.selfie(person, content=sitters._grey())
            come.append(person)
        return come

    def portrait(self, person: Subject, content: bytes = b"portrait") -> ObjectId:
        """Make a portrait that stands in its owner's feed."""
        rooms = self.rooms(person)
        obj = rooms.portrait(person, Purpose.FEED_INSERT, content)
        rooms.insert(person, obj)
        return obj

    # --- looking at it from outside

    def place(self, number: int) -> Place:
        return self.cells.directory.place(number)

    def standing(self, number: int, cell: str) -> handover.Standing | None:
        """Say how a shard's log stands in a cell."""
        engine = database.connect(self.cells.layout.settings(number, cell).database)
        try:
            return handover.standing(engine)
        finally:
            engine.dispose()

    def open_in(self, number: int) -> list[str]:
        """Name the cells in which a shard's log is open."""
        found = {cell: self.standing(number, cell) for cell in self.cells.layout.cells}
        return [cell for cell, one in found.items() if one and one.open and one.size]

    def furnish(self) -> None:
        """Put a database with the schema wherever a shard may lie and has none."""
        for number in range(self.cells.layout.shards):
            for cell in self.cells.layout.cells:
                _furnish(self.cells.layout.settings(number, cell))

    def close(self) -> None:
        self.cells.close()


def _furnish(chosen: Settings) -> None:
    if not chosen.database.startswith("sqlite"):
        return
    file = Path(chosen.database.removeprefix("sqlite:///"))
    if file.exists():
        engine = database.connect(chosen.database)
        there = inspect(engine).has_table("log_head")
        engine.dispose()
        if there:
            return
        for one in file.parent.glob(f"{file.name}*"):
            one.unlink()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(_at_head())


def found(home: Path, cells: Sequence[str] = ("a", "b"), shards: int = SHARDS) -> Town:
    """Make an installation with nobody in it."""
    front = settings.read(home, recipe="filter", fixed_keys=True, plan_hours=24)
    plan = layout.write(front, shards, list(cells))
    _furnish(front)
    for number in range(shards):
        for cell in cells:
            _furnish(plan.settings(number, cell))
    clock = VirtualClock(NOON)
    founding.found(plan, clock).engine.dispose()
    return reopened(home, clock)


def reopened(home: Path, clock: VirtualClock | None = None, patience: float = 20.0) -> Town:
    """Open an installation, as another process would."""
    clock = clock or VirtualClock(NOON)
    plan = layout.read(settings.read(home))
    return Town(cells=Cells(plan, clock=clock, build=stubbed, patience=patience), clock=clock)


@cache
def _lived_in() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="onlyou-cells-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "front"
    town = found(home)
    for person in town.arrive(*NAMES):
        town.portrait(person)
    town.close()
    return home


def copied(folder: Path) -> Town:
    """Open a copy of an installation in which four people have a portrait each."""
    shutil.copytree(_lived_in(), folder / "front")
    return reopened(folder / "front")


AWAY = OperationalError("SELECT 1", None, Exception("the server is away"))


def away(patch: pytest.MonkeyPatch, town: Town, number: int, failed: Exception = AWAY) -> None:
    """Let a shard's database fail whenever it is to be opened."""
    lost = make_url(town.cells.layout.settings(number, town.place(number).cell).database)
    check = migrations.check

    def checked(connected: Engine) -> None:
        if connected.url == lost:
            raise failed
        check(connected)

    patch.setattr(migrations, "check", checked)


class Cut(BaseException):
    """The end of a process, as far as one process can play it: nothing of ours catches it."""


def cut_at(point: str, act: Callable[[], object]) -> None:
    """Act until a point is passed, and no further."""

    def cut(name: str) -> None:
        if name == point:
            raise Cut

    with pytest.raises(Cut), faults.injecting(cut):
        act()


def other(place: Place) -> str:
    """Name the other of two cells."""
    return "a" if place.cell == "b" else "b"


def is_settled(place: Place) -> bool:
    """Say whether nothing is left to do."""
    return place.state is State.OPEN and place.beside is None
