# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from benchmarks import cycle
from benchmarks.meters import Meter


def test_a_plan_asks_as_much_of_its_database_for_twelve_people_as_for_six(tmp_path: Path) -> None:
    few, many = (_metered(tmp_path / f"{count}", count) for count in (6, 12))
    assert few.commits == many.commits
    assert abs(few.statements - many.statements) <= RENEWALS


RENEWALS = 4
"""Statements of leases that are renewed by the clock on the wall."""


def _metered(home: Path, count: int) -> Meter:
    with cycle.house(home, count, batch=16) as rooms:
        made, meter = cycle.planned(rooms)
    assert made > count / 2
    return meter
