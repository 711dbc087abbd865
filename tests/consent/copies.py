# SPDX-License-Identifier: Apache-2.0
"""An older copy of a database, and how it is brought up to date in tests."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from consent import bundle, carrying, database, verify
from consent.resuming import Resumed, Resuming
from consent.scopes import EVERYBODY, within
from consent.tables import basis, log_head
from consent.words import Purpose, Subject
from tests.conftest import Opener
from tests.rooms import Rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying:
    """A living system on SQLite, and an empty database of either kind for a copy of it."""

    live: Rooms
    url: str
    owner: str  #: the same database, as who owns its tables connects to it
    folder: Path
    opener: Opener

    def carry(self) -> None:
        """Copy the rows as they are now."""
        target = database.connect(self.owner)
        carrying.carry(self.live.consent.ledger.engine, target)
        target.dispose()

    def resume(self, *, taken: bool = True) -> Resumed:
        """Bring the copy up to date from what an auditor took home, or from nothing."""
        if taken:
            bundle.export(self.live.consent, self.folder / "taken")
        keys, chance = self.live.consent.keys, self.live.chance
        engine = database.connect(self.owner)
        with within(EVERYBODY), engine.begin() as connection:
            size = connection.execute(select(log_head.c.size)).scalar_one()
            since = bundle.since(self.folder / "taken", size) if taken else ()
            done = Resuming(connection, keys, chance).resume(since, self.live.clock.now())
        engine.dispose()
        return done

    def after(self) -> Rooms:
        """Open the system on the copy."""
        return self.opener(self.url, at=self.live.clock.now(), blobs=self.live.consent.blobs)

    def check(self, rooms: Rooms) -> None:
        """Export everything and let the offline verifier look for anything that is not true."""
        rooms.consent.erasures.finish()
        bundle.export(rooms.consent, self.folder / "checked")
        assert verify.verify(self.folder / "checked")["findings"] == []


def held(rooms: Rooms, person: Subject) -> set[Purpose]:
    """Say what a person's yes holds for."""
    with rooms.consent.ledger.read() as connection:
        mine = select(basis.c.purpose).where(basis.c.subject == person)
        return set(map(Purpose, connection.execute(mine).scalars()))
