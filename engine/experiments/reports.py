# SPDX-License-Identifier: Apache-2.0
"""Reports of the runs that one installation has, each worked out once for as long as it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from consent.errors import Broken
from engine.experiments import report
from engine.experiments.records import Records
from engine.experiments.report import Report
from feed.experiments.analysis import analyse


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run in a list; `report` None where it cannot be read."""

    id: str
    report: Report | None


class Reports:
    """Look at runs; what was worked out is kept until there is more of the run."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = Lock()
        self._kept: dict[str, tuple[str, Report]] = {}

    def all(self) -> Iterator[Entry]:
        """List every run; a spoilt one too, so that it is not missed."""
        for name in self._records.ids():
            try:
                yield Entry(id=name, report=self.of(name))
            except Broken:
                yield Entry(id=name, report=None)

    def of(self, experiment: str) -> Report:
        """Report one run. Errors: Misused(unknown-key); Broken for a record that is spoilt."""
        with self._lock:
            version = self._records.version(experiment)
            known = self._kept.get(experiment)
            if known is None or known[0] != version:
                record = self._records.load(experiment)
                known = version, report.build(record, analyse(record))
                self._kept[experiment] = known
            return known[1]
