# SPDX-License-Identifier: Apache-2.0
"""How often the gate said no, by step and reason: read from the log, which every process writes.

Rules:
1. it reads on where it stopped; what was counted is not read again
2. a server counts from when it was first asked, as counters do that begin anew with a process
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from consent import recorded
from consent.ledger import Ledger


@dataclass(slots=True)
class Denials:
    """Count what was denied. Without `since` it begins at the log's present end."""

    since: int | None = None
    _counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def read(self, ledger: Ledger) -> Mapping[tuple[str, str], int]:
        """Read on, and tell everything counted so far, by step and reason."""
        with self._lock:
            size, _ = ledger.head()
            start = size if self.since is None else self.since
            with ledger.read() as connection:
                self._counted += recorded.denied(connection, start, size)
            self.since = size
            return dict(self._counted)
