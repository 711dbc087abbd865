# SPDX-License-Identifier: Apache-2.0
"""Which servings of a notice were of words that are not in force any more.

What was served when is written once and never changed, so it may be read before the deciding
transaction; what was served since is looked up in it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from sqlalchemy import Connection, func, select

from consent import columns
from consent.arrays import Flags, Numbers
from consent.tables import entry, notice_served
from consent.words import Purpose

_CHUNK: Final = 5_000


class Outdated:
    """Tell servings of one purpose whose words have changed since."""

    def __init__(self, purpose: Purpose, current: frozenset[str]) -> None:
        self._mine = (
            notice_served.c.purpose == purpose,
            notice_served.c.sha256.not_in(sorted(current)),
        )
        self._upto = 0
        self._known: Numbers = np.empty(0, np.int64)

    def learn(self, connection: Connection) -> None:
        """Read what came since it was last read; for whoever will ask about many people."""
        last = connection.execute(select(func.max(entry.c.seq))).scalar() or 0
        new = notice_served.c.seq.between(self._upto, last)
        rows = select(notice_served.c.seq).where(*self._mine, new)
        found = columns.read(connection, rows, numbers=("seq",))["seq"]
        self._known = np.union1d(self._known, found)
        self._upto = last + 1

    def among(self, connection: Connection, served: Numbers) -> Flags:
        """Say which of these servings are outdated; -1 is none, of an implied basis."""
        later = served[served >= self._upto].tolist()
        known = np.concatenate([self._known, *self._ask(connection, later)])
        outdated: Flags = np.isin(served, known)
        return outdated

    def _ask(self, connection: Connection, served: Sequence[int]) -> list[Numbers]:
        chunks = (served[start : start + _CHUNK] for start in range(0, len(served), _CHUNK))
        asked = (
            select(notice_served.c.seq).where(*self._mine, notice_served.c.seq.in_(some))
            for some in chunks
        )
        return [columns.read(connection, rows, numbers=("seq",))["seq"] for rows in asked]
