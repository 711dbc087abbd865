# SPDX-License-Identifier: Apache-2.0
"""The whole engine in one home with a hand-turned clock: small, quick, to be broken often.

Real: schema, ledger, gate, vault, keys, sealed bytes, plans, orders, jobs, the feed. Stubbed
(`benchmarks.stub`): what draws and what looks at pictures. Ada and Bo want inserts and ask for
portraits, Cy asks only, Dee has an account and nothing else.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from benchmarks import sitters, stub
from consent import database, faults, policies
from consent.chance import FixedChance, identifier
from consent.clocks import VirtualClock
from consent.effects import Spent
from consent.gate import Ask, Permit, View
from consent.policy import Policy
from consent.tables import asset, metadata
from consent.words import DAY, HOUR, Micros, ObjectId, Purpose, Step, Subject
from engine import cycle, ordering, settings, wiring
from engine.ordering import Order
from engine.rooms import Rooms
from feed.model import Model
from feed.ranking import Candidate, Decision, Round, choose
from feed.scenarios import Catalogue
from generation.portraits import Wish

NINE: Final = Micros(1_767_603_600_000_000)
NAMES: Final = ("Ada", "Bo", "Cy", "Dee")
WANTS: Final[Mapping[str, tuple[Purpose, ...]]] = {
    "Ada": (Purpose.LIKENESS, Purpose.FEED_INSERT, Purpose.IMAGINE),
    "Bo": (Purpose.LIKENESS, Purpose.FEED_INSERT, Purpose.IMAGINE),
    "Cy": (Purpose.LIKENESS, Purpose.IMAGINE),
    "Dee": (),
}
STRICT: Final = policies.load("strict-opt-in")
STRICTER: Final = policies.parse(
    STRICT.text.replace("permit_seconds = 600", "permit_seconds = 120").replace(
        "per_day = 10", "per_day = 2"
    )
)
"""What an operator puts into force, and what they change it to: permits that end sooner."""
SEALED: Final = 64
"""Bytes of a picture's file: what is sealed, not what it shows, is what is looked at here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Village:
    """One open home, as one process has it."""

    rooms: Rooms
    clock: VirtualClock

    @property
    def home(self) -> Path:
        return self.rooms.settings.home

    def find(self, name: str) -> Subject:
        return self.rooms.consent.accounts.find(name).subject

    def close(self) -> None:
        self.rooms.consent.ledger.engine.dispose()

    # --- what people do

    def grant(self, person: Subject, purpose: Purpose) -> None:
        """Read the notice and say yes; to inserts, also on the card that asks before the first."""
        consent = self.rooms.consent
        served = consent.notices.serve(person, purpose)
        consent.grants.grant(person, purpose, served.served_id)
        if purpose is Purpose.FEED_INSERT:
            consent.grants.answer_preview(person, accepted=True)

    def selfie(self, person: Subject) -> None:
        """Give a selfie, which nobody measures."""
        consent = self.rooms.consent
        obj = ObjectId(identifier(consent.chance))
        permit: Permit[Any] = consent.gate.ask(
            Ask(step=Step.ENROL, subject=person, purpose=Purpose.LIKENESS, object=obj)
        )
        sealed = consent.vault.seal(permit, sitters._grey())
        with consent.ledger.write() as writing:
            row = sealed.columns() | {"expires_at": writing.now + 365 * DAY}
            (done,) = consent.vault.keep_selfies(writing, [permit], [row])
        assert isinstance(done, Spent)

    def imagine(self, person: Subject) -> ObjectId:
        """Ask for one portrait; it is drawn when somebody works. Returns the job."""
        wish = Wish(scenario="astronaut", seed=7)
        order = Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=(wish,))
        return ordering.place(self.rooms, person, order)

    def look(self, person: Subject, obj: ObjectId, purpose: Purpose) -> bytes:
        """Open a portrait as its owner does: in the feed where it was made for that."""
        ask: Ask[View] = Ask(
            step=Step.VIEW, subject=person, purpose=purpose, object=obj, request=obj
        )
        place = "feed_view" if purpose is Purpose.FEED_INSERT else "asset_view"
        consent = self.rooms.consent
        return consent.vault.view(consent.gate, ask, metadata.tables[place])

    def read_feed(self, person: Subject) -> None:
        """Read a page of the feed, and open every portrait there is."""
        self.rooms.feed.pages.of(person)
        for obj, purpose in self.portraits(person):
            self.look(person, obj, purpose)

    def portraits(self, person: Subject) -> Sequence[tuple[ObjectId, Purpose]]:
        """List what a person could look at: what stands in the feed, and what they asked for."""
        inserted = metadata.tables["feed_insert"]
        placed = select(inserted.c.object).where(inserted.c.subject == person)
        mine = select(asset.c.object, asset.c.purpose).where(asset.c.subject == person)
        with self.rooms.consent.ledger.read() as connection:
            there = set(connection.execute(placed).scalars())
            rows = connection.execute(mine.order_by(asset.c.effect_seq)).all()
        found = [(ObjectId(obj), Purpose(purpose)) for obj, purpose in rows]
        return [one for one in found if one[1] is not Purpose.FEED_INSERT or one[0] in there]

    def next_day(self, days: int = 1) -> None:
        self.clock.advance(24 * days * HOUR / 1_000_000)


def always_something(
    model: Model, catalogue: Catalogue, people: Sequence[Candidate], terms: Round
) -> tuple[Decision, ...]:
    """Choose as the ranking does, but never "no insert"."""
    return choose(model, catalogue, [replace(one, asked=True) for one in people], terms)


def make(folder: Path) -> None:
    """Make the home that everything here begins from: the morning of a third day."""
    clock = VirtualClock(NINE)
    with _drawing(1, 0):
        rooms = stub.install(folder, stub.Stub(size=SEALED), clock=clock)
    village = Village(rooms=rooms, clock=clock)
    for name in NAMES:
        person = rooms.consent.accounts.add(name).subject
        for purpose in WANTS[name]:
            village.grant(person, purpose)
        if WANTS[name]:
            village.selfie(person)
    clock.advance(2 * HOUR / 1_000_000)
    cycle.run(rooms, rooms.consent.ledger.now())
    for name in ("Ada", "Bo"):
        village.read_feed(village.find(name))
    village.imagine(village.find("Ada"))
    village.next_day(2)
    village.close()


def open_at(
    folder: Path, clock: VirtualClock, *, seed: int = 7, policy: Policy | None = None
) -> Village:
    """Open a home as a process of its own does; what it draws follows from seed and home.

    `policy` is one that the operator put into force since the home was made, published here.
    """
    chosen = settings.read(folder)
    connected = database.connect(chosen.database)
    start = 1_000 * wiring._head(connected)[0] + len(list(folder.rglob("*")))
    with _drawing(seed, start), _under(policy):
        rooms = wiring.build(chosen, connected, clock)
    if policy is not None:
        with faults.injecting(lambda _: None):  # an operator's act, before anybody is let in
            rooms.consent.publish()
    return Village(rooms=stub.over(rooms, stub.how_of(folder)), clock=clock)


@contextmanager
def _drawing(seed: int, start: int) -> Iterator[None]:
    """Let rooms that are built here draw keys and ids from a seed: what was run can be run again.

    Not by the setting for that: two lives of a home would draw the same where nothing was written.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "_chance", lambda *_: FixedChance(seed, start))
        yield


@contextmanager
def _under(policy: Policy | None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if policy is not None:
            patch.setattr(wiring.policies, "load", lambda _: policy)
        yield


def morning() -> VirtualClock:
    """Return a clock at the time at which the made home was left."""
    return VirtualClock(Micros(NINE + 2 * HOUR + 2 * DAY))


def copy(template: Path, folder: Path) -> Path:
    """Copy a home; nobody may be writing in it."""
    return Path(shutil.copytree(template, folder))
