# SPDX-License-Identifier: Apache-2.0
"""A small town under the whole engine: real rooms in a temporary home, a recipe that is quick.

Ada wants inserts, Bo only asks for portraits, Cy has an account and nothing else.
"""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from consent import database
from consent.chance import identifier
from consent.clocks import VirtualClock
from consent.gate import Ask, Permit, Select
from consent.words import HOUR, Micros, ObjectId, Purpose, Step, Subject
from engine import cycle, settings, wiring
from engine.api import portraits
from engine.rooms import Rooms
from feed.model import Model
from feed.ranking import Candidate, Decision, Round, choose
from feed.scenarios import Catalogue
from generation.portraits import Wish
from generation.recipes import Row
from tests.generation import samples

NINE = Micros(1_767_603_600_000_000)
NAMES = ("Ada", "Bo", "Cy")
SCENARIOS = frozenset({"astronaut", "jazz", "knight", "oldmaster", "pirate", "diver", "aurora"})


class Quick:
    """Show the selfie's head as it is, for any scenario of the catalogue."""

    id = "quick"
    version = hashlib.sha256(b"quick 1").hexdigest()
    scenarios = SCENARIOS
    size = samples.SIZE

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        return tuple(samples.portrait_of(row.likenesses[0]) for row in rows)


@dataclass(frozen=True)
class Town:
    rooms: Rooms
    clock: VirtualClock
    people: dict[str, Subject]

    def says_yes(self, name: str, *purposes: Purpose) -> None:
        consent = self.rooms.consent
        for purpose in purposes:
            served = consent.notices.serve(self.people[name], purpose)
            consent.grants.grant(self.people[name], purpose, served.served_id)

    def gives_selfie(self, name: str, number: int) -> None:
        self.rooms.studio.enrol(self.people[name], [samples.file_of(number)], samples.TRUE)

    def plan(self) -> dict[str, int]:
        return dict(cycle.run(self.rooms, self.rooms.consent.ledger.now()))

    def selected(self, name: str) -> tuple[Permit[Select], Wish]:
        """Ask for one portrait on request, without making it."""
        obj = ObjectId(identifier(self.rooms.consent.chance))
        ask: Ask[Select] = Ask(
            step=Step.SELECT,
            subject=self.people[name],
            purpose=Purpose.IMAGINE,
            object=obj,
            request=obj,
        )
        return self.rooms.consent.gate.ask(ask), Wish(scenario="jazz", seed=7)

    def file(self, name: str) -> bytes:
        """Open a person's newest portrait as they do."""
        person = self.people[name]
        newest = portraits.listed(self.rooms, person)[0]
        return portraits.look(self.rooms, person, str(newest["id"])).file

    def next_day(self) -> None:
        self.clock.advance(24 * HOUR / 1_000_000)

    def inserts_of(self, name: str) -> int:
        bodies = self.bodies("effect", step="insert")
        tag = self.tag(name)
        return sum(body["tag"] == tag for body in bodies)

    def tag(self, name: str) -> str:
        served = self.rooms.consent.notices.serve(self.people[name], Purpose.TELEMETRY)
        return str(self.rooms.consent.entry(served.seq)["tag"])

    def bodies(self, t: str, **fields: object) -> list[dict[str, object]]:
        return [
            body
            for body in self.rooms.consent.ledger.bodies()
            if body["t"] == t and all(body.get(key) == value for key, value in fields.items())
        ]


def make(home: Path, policy: str) -> None:
    """Make the town that every test gets a copy of; `wiring.recipe` must answer `Quick`."""
    rooms = wiring.install(settings.read(home, policy=policy), VirtualClock(NINE))
    people = {name: rooms.consent.accounts.add(name).subject for name in NAMES}
    town = Town(rooms, VirtualClock(NINE), people)
    town.says_yes("Ada", Purpose.LIKENESS, Purpose.FEED_INSERT)
    town.says_yes("Bo", Purpose.LIKENESS, Purpose.IMAGINE)
    town.gives_selfie("Ada", 1)
    town.gives_selfie("Bo", 5)
    rooms.consent.grants.answer_preview(people["Ada"], accepted=True)
    rooms.consent.ledger.engine.dispose()


def open_copy(template: Path, home: Path) -> Town:
    """Open a copy of the made town."""
    shutil.copytree(template, home)
    return open_at(home, VirtualClock(NINE))


def reopen(town: Town) -> Town:
    """Open the same home again, as after a crash."""
    town.rooms.consent.ledger.engine.dispose()
    return open_at(town.rooms.settings.home, town.clock)


def open_at(home: Path, clock: VirtualClock) -> Town:
    """Open a town's home under a clock."""
    chosen = settings.read(home)
    rooms = wiring.build(chosen, database.connect(chosen.database), clock)
    people = {name: rooms.consent.accounts.find(name).subject for name in NAMES}
    return Town(rooms, clock, people)


def always_something(
    model: Model, catalogue: Catalogue, people: Sequence[Candidate], terms: Round
) -> tuple[Decision, ...]:
    """Choose as the ranking does, but never "no insert"."""
    return choose(model, catalogue, [replace(one, asked=True) for one in people], terms)
