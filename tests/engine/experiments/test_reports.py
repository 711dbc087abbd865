# SPDX-License-Identifier: Apache-2.0
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from typing_extensions import override

from consent.errors import Broken, Misused
from consent.words import Reason
from engine.experiments.records import Records, of
from engine.experiments.reports import Reports
from feed.experiments.record import Record
from tests.engine.experiments import runs


@dataclass
class Shelf(Records):
    """Runs in memory; `spoilt` cannot be read."""

    runs: dict[str, Record] = field(default_factory=dict)
    now: str = "1"

    @override
    def ids(self) -> Sequence[str]:
        return [*self.runs, "spoilt"]

    @override
    def load(self, experiment: str) -> Record:
        if experiment == "spoilt":
            raise Broken(Reason.UNAVAILABLE, "no record")
        return of(self.runs, experiment)

    @override
    def version(self, experiment: str) -> str:
        return self.now


def test_a_run_is_worked_out_once_until_there_is_more_of_it() -> None:
    shelf = Shelf(runs={"gap": runs.record()})
    reports = Reports(shelf)
    first = reports.of("gap")
    assert reports.of("gap") is first
    shelf.runs["gap"], shelf.now = runs.guarded(), "2"
    assert reports.of("gap").record == runs.guarded()


def test_a_spoilt_run_is_listed_and_hides_no_other() -> None:
    listed = list(Reports(Shelf(runs={"gap": runs.record()})).all())
    assert [(one.id, one.report is None) for one in listed] == [("gap", False), ("spoilt", True)]


def test_a_run_whose_sums_come_to_nothing_hides_no_other() -> None:
    run = runs.record()
    lost = replace(run.days[0], arms={"closer": run.days[0].arms["closer"]})
    beyond = replace(run.experiment, metrics=("love",))
    odd = {
        "a": replace(run, days=(lost, *run.days[1:])),
        "b": replace(run, experiment=beyond),
    }
    listed = list(Reports(Shelf(runs={**odd, "gap": run})).all())
    assert [one.id for one in listed if one.report is None] == ["a", "b", "spoilt"]


def test_what_is_not_there_is_the_callers_fault() -> None:
    with pytest.raises(Misused):
        Reports(Shelf()).of("none")
