# SPDX-License-Identifier: Apache-2.0
"""A replica that lags: a copy of the database as it was, with the keys and bytes of now.

Whatever it still holds, no key opens of what was withdrawn since and acknowledged: what was signed
is more than it has. Source: the "new enemy" of Zanzibar.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from consent import database
from consent.chance import SystemChance
from consent.errors import Broken
from consent.keys import Holding, KeyStore
from consent.subject_keys import SubjectKeys
from consent.tables import BASIS, basis
from consent.words import Epoch, Purpose, Subject
from engine import settings
from tests.simulated.history import History
from tests.simulated.people import INSISTS


@dataclass(slots=True, kw_only=True)
class Replica:
    """A copy, and the moment at which it was made."""

    file: Path
    taken: int
    opened: int = 0
    refused: int = 0

    @staticmethod
    def take(home: Path, history: History) -> "Replica":
        """Copy the database of a home as it is now."""
        file = home.parent / f"{home.name}-replica.sqlite3"
        url = settings.read(home).database.removeprefix("sqlite:///")
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(url)) as now, closing(sqlite3.connect(file)) as copy:
            now.backup(copy)
        return Replica(file=file, taken=history.tick())

    def look(self, store: KeyStore, history: History) -> None:
        """Try to open every key that it holds. Errors: AssertionError where one is too many."""
        engine = database.connect(f"sqlite:///{self.file}")
        keys = SubjectKeys(store, SystemChance())
        with database.reading(engine) as connection:
            for subject, purpose, epoch in connection.execute(_HELD).all():
                holding: Holding = (Subject(subject), Purpose(purpose), Epoch(epoch))
                try:
                    there = holding in keys.open(connection, [holding])
                except Broken:
                    self.refused += 1
                    continue
                self.opened += there
                over = there and self._over(holding, history)
                assert not over, f"I2: a copy that lags opened {purpose}, which was withdrawn"
        engine.dispose()

    def _over(self, holding: Holding, history: History) -> bool:
        """Say whether it was asked for after the copy, and acknowledged, that this ends."""
        subject, purpose, _ = holding
        ends = {purpose, Purpose.LIKENESS, None}
        return any(
            event.act in INSISTS and event.how == "ok" and event.asked > self.taken
            for event in history.events
            if event.person == subject and (event.act == "erase" or event.purpose in ends)
        )


_HELD = select(*(basis.c[name] for name in BASIS))
