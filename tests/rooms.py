# SPDX-License-Identifier: Apache-2.0
"""The whole system in a temporary home with a hand-turned clock, and short words to act in it.

Everything is real: schema, ledger, keys, sealed bytes. Only the pixels are short byte strings.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, func, select

from consent import companions, database, effects, entries, key_files, policies, room, tables
from consent.blobs import Blobs, ObstoreBlobs
from consent.chance import Chance, FixedChance, identifier
from consent.clocks import VirtualClock
from consent.companions import Companion
from consent.effects import Spent
from consent.gate import Ask, Denial, Permit
from consent.keys import UnsafeFileKeys
from consent.policy import Policy
from consent.room import ConsentRoom
from consent.words import DAY, Micros, ObjectId, Purpose, Reason, Seq, Step, Subject
from engine import tables as engine_tables
from feed import tables as feed_tables
from generation import tables as generation_tables

NOON = Micros(1_780_000_000_000_000)
ORIGIN = "onlyou.test/log"
ALL_TABLES = (tables, feed_tables, generation_tables, engine_tables)
"""Imported so that the shared metadata is whole wherever this module is."""

MADE = {
    Step.SELECT: tables.request,
    Step.GENERATE: tables.rendered,
    Step.MODERATE: tables.moderated,
    Step.STORE: tables.asset,
}
"""The tables of a portrait's life, in order."""


@cache
def _schema() -> bytes:
    """Make the schema of all rooms once a process, as the bytes of a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "onlyou.db"
        engine = database.connect(f"sqlite:///{file}")
        database.create(engine)
        engine.dispose()
        return file.read_bytes()


def empty(folder: Path) -> str:
    """Put an empty database with the schema of all rooms into a folder; return its URL."""
    file = folder / "onlyou.db"
    file.write_bytes(_schema())
    return f"sqlite:///{file}"


def founded(folder: Path, chance: Chance) -> UnsafeFileKeys:
    """Open the keys in a folder; one that has none is founded."""
    key_files.found(folder, chance)
    return UnsafeFileKeys(folder, chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """One home: the consent room on a database, and its clock."""

    home: Path
    clock: VirtualClock
    chance: Chance
    consent: ConsentRoom

    @staticmethod
    def open(
        url: str,
        home: Path,
        *,
        policy: str | Policy = "strict-opt-in",
        seed: int = 7,
        at: Micros = NOON,
        blobs: Blobs | None = None,
    ) -> "Rooms":
        """Open a home on a database that has the schema already; a second time, the same home."""
        engine = database.connect(url)
        chance = FixedChance(seed, start=_start(engine, home))
        clock = VirtualClock(at)
        consent = room.build(
            engine=engine,
            policy=policies.load(policy) if isinstance(policy, str) else policy,
            clock=clock,
            chance=chance,
            keys=founded(home / "keys", chance),
            blobs=blobs or ObstoreBlobs(str(home / "blobs")),
            origin=ORIGIN,
        )
        consent.publish()
        return Rooms(home=home, clock=clock, chance=chance, consent=consent)

    def close(self) -> None:
        """Let the database go."""
        self.consent.ledger.engine.dispose()

    # --- people

    def person(self, name: str, *purposes: Purpose) -> Subject:
        """Open an account and say yes to purposes, in this order."""
        subject = self.consent.accounts.add(name).subject
        for purpose in purposes:
            self.grant(subject, purpose)
        return subject

    def grant(self, subject: Subject, purpose: Purpose) -> Seq:
        """Read the notice and say yes; to inserts, also on the card that asks before the first."""
        served = self.consent.notices.serve(subject, purpose)
        seq = self.consent.grants.grant(subject, purpose, served.served_id)
        if purpose is Purpose.FEED_INSERT:
            self.consent.grants.answer_preview(subject, accepted=True)
        return seq

    def inserted_person(self, name: str = "Ada") -> Subject:
        """Open an account of somebody who wants inserts, with one selfie."""
        subject = self.person(name, Purpose.LIKENESS, Purpose.FEED_INSERT)
        self.selfie(subject)
        return subject

    # --- steps

    def object(self) -> ObjectId:
        """Draw an id for a selfie or a portrait."""
        return ObjectId(identifier(self.chance))

    def ask(
        self, step: Step, subject: Subject, purpose: Purpose, obj: ObjectId, **more: Any
    ) -> Permit[Any]:
        """Ask the gate for one permit."""
        return self.consent.gate.ask(
            Ask(step=step, subject=subject, purpose=purpose, object=obj, **more)
        )

    def spend(
        self, permit: Permit[Any], table: Table, columns: Mapping[str, Any] | None = None
    ) -> Spent | Denial:
        """Turn one permit into one row."""
        with self.consent.ledger.write() as writing:
            return effects.spend(writing, [permit], table, [columns or {}])[0]

    def selfie(
        self,
        subject: Subject,
        purpose: Purpose = Purpose.LIKENESS,
        content: bytes = b"selfie",
    ) -> ObjectId:
        """Enrol a selfie."""
        obj = self.object()
        permit = self.ask(Step.ENROL, subject, purpose, obj)
        sealed = self.consent.vault.seal(permit, content)
        with self.consent.ledger.write() as writing:
            row = sealed.columns() | {"expires_at": writing.now + 365 * DAY}
            (done,) = self.consent.vault.keep_selfies(writing, [permit], [row])
        assert isinstance(done, Spent)
        return obj

    def keep_beside(
        self, permit: Permit[Any], content: bytes, companion: Companion
    ) -> Denial | None:
        """Keep what was made of a selfie that was opened under this permit."""
        (sealed,) = self.consent.vault.seal_beside([(permit, content)], companion)
        if isinstance(sealed, Denial):
            return sealed
        with self.consent.ledger.write() as writing:
            return companions.keep(writing, [sealed])[0]

    def describe(
        self, subject: Subject, purpose: Purpose, content: bytes, encoder: str = "a recipe's"
    ) -> bytes | None:
        """Read a person's first selfie and keep a description beside it; return the one before."""
        companion = Companion(table=generation_tables.conditioning, encoder=encoder)
        mine = select(tables.selfie.c.object).where(tables.selfie.c.subject == subject)
        with self.consent.ledger.read() as connection:
            first = connection.execute(mine.order_by(tables.selfie.c.effect_seq)).scalars().first()
        assert first is not None
        permit = self.ask(Step.READ, subject, purpose, ObjectId(first))
        (opened,) = self.consent.vault.read_beside([permit], companion)
        assert not isinstance(opened, Denial)
        assert self.keep_beside(permit, content, companion) is None
        return opened.beside

    def requested(self, subject: Subject, purpose: Purpose) -> ObjectId:
        """Take the first step of a portrait's life."""
        obj = self.object()
        self.spend(self.ask(Step.SELECT, subject, purpose, obj, request=obj), tables.request)
        return obj

    def stored(
        self, subject: Subject, purpose: Purpose, obj: ObjectId, content: bytes = b"portrait"
    ) -> Spent | Denial:
        """Take a requested portrait through rendering, moderation and sealing."""
        for step, columns in ((Step.GENERATE, {}), (Step.MODERATE, {"verdict": "pass"})):
            permit = self.ask(step, subject, purpose, obj, request=obj)
            self.spend(permit, MADE[step], columns)
        permit = self.ask(Step.STORE, subject, purpose, obj, request=obj)
        sealed = self.consent.vault.seal(permit, content)
        columns = sealed.columns() | {"expires_at": self.clock.now() + 30 * DAY}
        return self.spend(permit, tables.asset, columns)

    def portrait(
        self, subject: Subject, purpose: Purpose, content: bytes = b"portrait"
    ) -> ObjectId:
        """Make a portrait, from its request to its sealed bytes."""
        obj = self.requested(subject, purpose)
        assert isinstance(self.stored(subject, purpose, obj, content), Spent)
        return obj

    def held_back(
        self,
        subject: Subject,
        purpose: Purpose,
        content: bytes = b"held back",
        reason: Reason = Reason.NSFW,
    ) -> ObjectId:
        """Draw a picture that a gate holds back for a week."""
        obj = self.requested(subject, purpose)
        self.spend(self.ask(Step.GENERATE, subject, purpose, obj, request=obj), tables.rendered)
        permit = self.ask(Step.MODERATE, subject, purpose, obj, request=obj)
        sealed = self.consent.vault.quarantine.seal(permit, content)
        columns = sealed.columns() | {"expires_at": self.clock.now() + 7 * DAY, "reason": reason}
        with self.consent.ledger.write() as writing:
            (done,) = effects.spend(
                writing, [permit], tables.quarantined, [columns], reasons=[reason]
            )
        assert isinstance(done, Spent)
        return obj

    def insert(self, subject: Subject, obj: ObjectId) -> Spent | Denial:
        """Place a portrait into its person's feed."""
        permit = self.ask(Step.INSERT, subject, Purpose.FEED_INSERT, obj, request=obj)
        columns = {"scenario": "astronaut", "expires_at": self.clock.now() + 3 * DAY}
        return self.spend(permit, feed_tables.feed_insert, columns)

    def look(
        self,
        subject: Subject,
        obj: ObjectId,
        purpose: Purpose = Purpose.FEED_INSERT,
        table: Table = feed_tables.feed_view,
    ) -> bytes:
        """Open a portrait as its owner does: in the feed unless another place is named."""
        ask = Ask(step=Step.VIEW, subject=subject, purpose=purpose, object=obj, request=obj)
        return self.consent.vault.view(self.consent.gate, ask, table)

    # --- looking at what is written

    def count(self, table: Table, subject: Subject | None = None) -> int:
        """Count the rows of a table, or one person's."""
        counted = select(func.count()).select_from(table)
        if subject is not None:
            counted = counted.where(table.c.subject == subject)
        with self.consent.ledger.read() as connection:
            return connection.execute(counted).scalar_one()

    def entries(self, *types: str) -> list[dict[str, Any]]:
        """Read the ledger in order, of some types or whole; each with its `seq`."""
        found = select(tables.entry.c.seq, tables.entry.c.body).order_by(tables.entry.c.seq)
        if types:
            found = found.where(tables.entry.c.t.in_(types))
        with self.consent.ledger.read() as connection:
            rows = connection.execute(found).all()
        return [entries.decode(bytes(body)) | {"seq": seq} for seq, body in rows]

    def tag(self, subject: Subject) -> str:
        """Name a person as the ledger does."""
        return entries.tag(self.consent.keys.secret(subject), ORIGIN)


def _start(engine: Engine, home: Path) -> int:
    """Count up with every start, so that nothing is drawn twice on one home."""
    with database.reading(engine) as connection:
        size = connection.execute(select(tables.log_head.c.size)).scalar_one()
    return 1_000 * size + len(list(home.rglob("*")))
