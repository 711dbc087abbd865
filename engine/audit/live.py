# SPDX-License-Identifier: Apache-2.0
"""Audit the log of this very engine: export it into a folder that is gone afterwards, verify that.

What was found is kept until the log grows. It is meant for logs up to `LIMIT` entries; whoever
audits more, or does not trust this engine, exports a bundle and verifies it elsewhere.
"""

import json
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from consent import bundle, policies
from consent.errors import Broken
from consent.policy import Policy
from consent.replay import loading, run
from consent.replay.loading import Loaded
from consent.replay.recorded import Recorded
from consent.replay.run import Mode
from consent.room import ConsentRoom
from consent.scopes import EVERYBODY, within
from consent.words import Reason
from engine.audit import report
from engine.audit.report import Report

LIMIT: Final = 100_000
"""Entries; exporting and verifying so many takes about ten seconds and a hundred megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The log as it was when somebody last looked, verified, and the report about it."""

    note: str
    size: int
    witnesses: int  #: how many must have cosigned
    loaded: Loaded
    report: Report | None  #: None where something is wrong with the log

    @property
    def recorded(self) -> Recorded:
        """Return the history. Errors: Broken(unavailable) where it does not verify."""
        if self.loaded.recorded is None:
            raise Broken(Reason.UNAVAILABLE, "the log does not verify; nothing is replayed")
        return self.loaded.recorded


class Live:
    """Look at the log of one engine; one look at a time."""

    def __init__(self, room: ConsentRoom) -> None:
        self._room = room
        self._lock = Lock()
        self._seen: Seen | None = None
        self._replay = lru_cache(2 * len(policies.names()))(self._replayed)

    def look(self) -> Seen:
        """Verify the log, unless nothing was added since. Errors: Broken where it is too long."""
        with self._lock:
            size, _ = self._room.ledger.head()
            if size > LIMIT:
                detail = f"logs beyond {LIMIT:,} entries are audited from a bundle"
                raise Broken(Reason.UNAVAILABLE, f"{detail}: onlyou audit export")
            if self._seen is None or self._seen.size != size:
                self._seen = self._verified()
                self._replay.cache_clear()
            return self._seen

    def replay(self, policy: Policy, mode: Mode) -> dict[str, Any]:
        """Replay the verified log. Errors: Broken where it does not verify."""
        return self._replay(self.look().size, policy.id, mode)

    def _replayed(self, _: int, policy: str, mode: Mode) -> dict[str, Any]:
        return run.replay(self.look().recorded, policies.load(policy), mode)

    @within(EVERYBODY)  # what a bundle holds: entries, records and tags
    def _verified(self) -> Seen:
        with tempfile.TemporaryDirectory(prefix="onlyou-audit-") as folder:
            directory = Path(folder) / "bundle"
            manifest = bundle.export(self._room, directory)
            loaded = loading.load(directory)
            made = None
            if loaded.recorded is not None:
                every = [policies.load(name) for name in policies.names()]
                made = report.build(directory, loaded.report, loaded.recorded, every)
            note = (directory / "checkpoint").read_text("utf-8")
            asked = json.loads((directory / "keys" / "witnesses.json").read_bytes())
        return Seen(
            note=note,
            size=manifest["size"],
            witnesses=asked["threshold"],
            loaded=loaded,
            report=made,
        )
