# SPDX-License-Identifier: Apache-2.0
"""Reports of the runs that one installation has, each worked out once for as long as it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from consent.errors import Broken
from consent.words import Reason
from engine.experiments import report
from engine.experiments.records import Records
from engine.experiments.report import Report
from feed.experiments.analysis import analyse
from feed.experiments.record import Record


def made(record: Record) -> Report:
    """Judge a run and lay it out. Errors: Broken(unavailable) for sums that come to nothing.

    A record that can be read may still be no run: an arm without sums, a metric that is none.
    """
    try:
        return report.build(record, analyse(record))
    except (ArithmeticError, LookupError, ValueError) as error:
        spoilt = f"the sums of {record.experiment.id!r} come to nothing"
        raise Broken(Reason.UNAVAILABLE, spoilt) from error


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
                known = version, made(self._records.load(experiment))
                self._kept[experiment] = known
            return known[1]
