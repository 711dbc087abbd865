# SPDX-License-Identifier: Apache-2.0
"""All shards as one installation: who asks about somebody is handed the rooms that hold them.

Rules:
1. rooms are opened for one term of one shard. Before each use the directory is asked whether that
   is still theirs: one small read
2. who needs a shard while it moves waits; what failed because it has just moved is done again
   where it is now. So an act given to `act` is one that may be done twice, as a plan may: what it
   had written is recalled
3. nothing is looked up by person: names and ids say themselves which shard they belong to
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final, Protocol, TypeVar

from sqlalchemy import Engine

from consent import database
from consent.accounts import Account
from consent.chance import Chance, SystemChance
from consent.clocks import Clock, SystemClock
from consent.errors import Closed, Misused
from consent.keys import KeyStore
from consent.scopes import EVERYBODY, Scope
from consent.words import Micros, Subject, parse_id
from engine import migrations, shards, wiring
from engine.cells import layout
from engine.cells.directory import Directory, Place, State
from engine.cells.layout import Layout
from engine.rooms import Rooms
from engine.settings import Settings

T = TypeVar("T")
PATIENCE: Final = 60.0
"""How long who needs a shard waits for it to arrive, in seconds."""
_LOOK: Final = 0.05
_NAMES: Final = "cells names"


class Builder(Protocol):
    """Put the rooms of one shard together."""

    def __call__(
        self,
        chosen: Settings,
        connected: Engine,
        clock: Clock | None = None,
        *,
        chance: Chance | None = None,
    ) -> Rooms:
        """Build them on a database that is open already."""
        ...


class Cells:
    """Open shards where they lie, as often as they move."""

    def __init__(
        self,
        plan: Layout,
        *,
        clock: Clock | None = None,
        build: Builder = wiring.build,
        patience: float = PATIENCE,
        scope: Scope = EVERYBODY,
    ) -> None:
        self.layout = plan
        self.directory = Directory(database.connect(plan.front.database))
        self.keys: KeyStore = wiring.keys(plan.front, SystemChance())
        self._names = self.keys.derived(_NAMES)
        self._clock = clock
        self._build = build
        self.patience = patience
        self._scope = scope
        self._open: dict[int, tuple[int, Rooms]] = {}
        self._chances: dict[int, Chance] = {}
        self._opening = tuple(threading.Lock() for _ in range(plan.shards))

    def close(self) -> None:
        """Let every database go."""
        for number in list(self._open):
            self._let_go(number)
        self.directory.engine.dispose()

    # --- who is where

    def now(self) -> Micros:
        """Return the time by the clock of the front."""
        return (self._clock or SystemClock()).now()

    def shard_of(self, who: Subject | str) -> int:
        """Say which shard an id or a name belongs to."""
        if isinstance(who, str):
            return shards.of_name(self._names, who, self.layout.shards)
        return shards.of_subject(who, self.layout.shards)

    def of(self, who: Subject | str, patience: float | None = None) -> Rooms:
        """Return the rooms that hold a person, once their shard is open. Errors: as `rooms`."""
        return self.rooms(self.shard_of(who), patience)

    def find(self, id_or_name: str, patience: float | None = None) -> Account:
        """Find a person by id or name.

        Errors: Misused(unknown-subject), the caller's fault; as `rooms`.
        """
        number = parse_id(id_or_name)
        if number is not None:
            with suppress(Misused):  # somebody may be called like an id
                return self.of(Subject(number), patience).consent.accounts.find(id_or_name)
        return self.of(id_or_name, patience).consent.accounts.find(id_or_name)

    def each(self) -> Iterator[Rooms]:
        """Go through the rooms of all shards, each once it is open."""
        return (self.rooms(number) for number in range(self.layout.shards))

    # --- opening

    def rooms(self, number: int, patience: float | None = None) -> Rooms:
        """Return the rooms of a shard in its present term, once it is open.

        Errors: Closed where it is still moving, or somebody else is still opening it, after so
        many seconds; whatever comes of a database that is away.
        """
        until = time.monotonic() + (self.patience if patience is None else patience)
        while (place := self.directory.place(number)).state is not State.OPEN:
            if time.monotonic() >= until:
                raise Closed
            time.sleep(_LOOK)
        return self._held(place) or self._first(place, until)

    def _held(self, place: Place) -> Rooms | None:
        term, rooms = self._open.get(place.number, (0, None))
        return rooms if term >= place.term else None  # a later one was opened since it was asked

    def _first(self, place: Place, until: float) -> Rooms:
        """Open a shard's rooms while nobody else does: who needs another shard need not wait."""
        alone = self._opening[place.number]
        if not alone.acquire(timeout=max(0.0, until - time.monotonic())):
            raise Closed
        try:
            rooms = self._held(place)
            if rooms is None:
                self._let_go(place.number)
                rooms = self._opened(place)
                self._open[place.number] = (place.term, rooms)
            return rooms
        finally:
            alone.release()

    def act(self, number: int, does: Callable[[Rooms], T]) -> T:
        """Do one act in a shard; do it again where it was refused because the shard moved."""
        while True:
            rooms = self.rooms(number)
            try:
                return does(rooms)
            except Exception:
                if not self.has_left(number, rooms):
                    raise

    def has_left(self, number: int, rooms: Rooms) -> bool:
        """Say whether a shard has moved, or begun to, since rooms were opened."""
        place = self.directory.place(number)
        term, held = self._open.get(number, (0, None))
        return place.state is not State.OPEN or held is not rooms or term != place.term

    def _opened(self, place: Place) -> Rooms:
        chosen = self.layout.settings(place.number, place.cell, place.term)
        connected = database.connect(chosen.database, self._scope)
        chance = self._chances.get(place.number)
        try:
            migrations.check(connected)
            rooms = self._build(chosen, connected, self._clock, chance=chance)
        except BaseException:
            connected.dispose()
            raise
        if chosen.fixed_keys:  # a move is no new run: what is drawn goes on
            self._chances[place.number] = rooms.consent.chance
        return rooms

    def _let_go(self, number: int) -> None:
        _, rooms = self._open.pop(number, (0, None))
        if rooms is not None:
            rooms.consent.ledger.engine.dispose()


def open_cells(front: Settings, clock: Clock | None = None, scope: Scope = EVERYBODY) -> Cells:
    """Open an installation that is spread over cells; `scope` as for a single home.

    Errors: Misused(unknown-key) where there is none; Broken(unavailable) where the keys of its
    front are lost; Broken(schema-version) for a directory of another version.
    """
    opened = Cells(layout.read(front), clock=clock, scope=scope)
    migrations.check(opened.directory.engine)
    return opened
