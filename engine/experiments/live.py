# SPDX-License-Identifier: Apache-2.0
"""Runs on the feed: out of the database of this engine, or out of a bundle somebody took home.

Both are told by one function of the ledger's entries, so a report of the one is that of the other,
bit for bit.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from typing_extensions import override

from consent import bundle, entries
from consent.errors import Broken, Misused
from consent.ledger import Ledger
from consent.words import Reason
from engine.experiments.records import Records, unknown
from feed import daybook
from feed.experiments import logged
from feed.experiments.record import Record

_SHA: Final = re.compile(r"[0-9a-f]{64}")


class LiveRecords(Records):
    """Runs on the feed of this installation, as they stand."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @override
    def ids(self) -> Sequence[str]:
        """List every experiment that was started on this feed."""
        with self._ledger.read() as connection:
            return sorted(daybook.versions(connection))

    @override
    def load(self, experiment: str) -> Record:
        """Read a run. Errors: Misused(unknown-key) where none of that id was started."""
        with self._ledger.read() as connection:
            return _one(daybook.runs(connection), experiment)

    @override
    def version(self, experiment: str) -> str:
        """Name a run by its newest entry. Errors: Misused(unknown-key)."""
        with self._ledger.read() as connection:
            known = daybook.versions(connection)
        if experiment not in known:
            raise unknown()
        return str(known[experiment])


class BundleRecords(Records):
    """Runs on the feed as an exported bundle tells them; it is not verified here."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @cached_property
    def _runs(self) -> Mapping[str, Record]:
        try:
            return logged.runs(self._entries(), self._content)
        except (OSError, ValueError, TypeError, KeyError, Misused) as error:
            detail = f"{self._directory.name} is no bundle that tells of experiments"
            raise Broken(Reason.UNAVAILABLE, detail) from error

    def _entries(self) -> Iterator[logged.Entry]:
        for seq, body, _ in bundle.logged(self._directory):
            entry = entries.decode(body)
            if entry["t"] in logged.TYPES:
                yield seq, entry

    def _content(self, sha256: str) -> bytes:
        """Read a file by its hash, and only what has that hash."""
        if not _SHA.fullmatch(sha256):
            raise ValueError("a file of a bundle is named by its hash")
        content = (self._directory / "aggregates" / f"{sha256}.json").read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"{sha256} is not what its name says")
        return content

    @override
    def ids(self) -> Sequence[str]:
        """List the experiments of the bundle. Errors: Broken(unavailable) where it is none."""
        return sorted(self._runs)

    @override
    def load(self, experiment: str) -> Record:
        """Read a run. Errors: Misused(unknown-key); Broken(unavailable)."""
        return _one(self._runs, experiment)

    @override
    def version(self, experiment: str) -> str:
        """Say that a bundle does not change. Errors: Misused(unknown-key)."""
        _one(self._runs, experiment)
        return "of a bundle"


def _one(runs: Mapping[str, Record], experiment: str) -> Record:
    if experiment not in runs:
        raise unknown()
    return runs[experiment]
