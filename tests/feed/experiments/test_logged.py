# SPDX-License-Identifier: Apache-2.0
"""A run is told by entries and files alone."""

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from consent.errors import Misused
from feed.experiments import logged, records
from feed.experiments.logged import Day
from feed.experiments.record import Loss, Stage
from feed.experiments.tallies import ArmTally, Moments, Tally
from tests.feed.trying import plan

FILES: dict[str, bytes] = {}


def file(content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    FILES[name] = content
    return name


PLAN = file(records.write_plan(plan()))


def day(number: int, exposed: int = 20) -> Day:
    sums = ArmTally(
        assigned=30, exposed=exposed, withdrew=1, left=2, metrics={"shown": Moments(n=3, y=4)}
    )
    return Day(
        tally=Tally(experiment="deeper", plan=PLAN, day=number, arms={"now": sums, "later": sums}),
        people=99,
        funnel=(
            Stage(title="Use the service", people=99),
            Stage(title="Are in this one", people=60, lost=(Loss(why="held out", people=39),)),
        ),
    )


def start(**more: Any) -> Mapping[str, Any]:
    own = {"t": "experiment.start", "at": 5, "experiment": "deeper", "object": PLAN, "by": "Ines"}
    return {**own, **more}


def stop(arm: str | None, number: int) -> Mapping[str, Any]:
    body = {"t": "experiment.stop", "at": 9, "experiment": "deeper", "object": PLAN}
    why = {"day": number, "why": "withdrew", "value": repr(31.5)}
    return body | why | ({"arm": arm} if arm else {})


def ended(number: int) -> Mapping[str, Any]:
    name = file(logged.write_day(day(number)))
    return {"t": "aggregate", "at": 8, "experiment": "deeper", "object": name, "day": number}


def told(*entries: Mapping[str, Any]) -> Any:
    return logged.runs(enumerate(entries), FILES.__getitem__)


def test_a_day_is_read_as_it_was_written_and_is_a_tally_to_whoever_wants_no_more() -> None:
    written = logged.write_day(day(3))
    assert logged.read_day(written) == day(3)
    assert logged.write_day(logged.read_day(written)) == written


def test_a_run_is_its_plan_its_days_its_stops_and_its_newest_funnel() -> None:
    plan_filed = {"t": "aggregate", "at": 5, "experiment": "deeper", "object": PLAN}
    a_map = {"t": "aggregate", "at": 6, "object": "00", "map": "00", "n": 1}
    found = told(plan_filed, start(), a_map, ended(1), ended(2), stop("later", 2))
    (record,) = found.values()
    assert record.experiment == plan()
    assert record.started_at == 5
    assert [one.day for one in record.days] == [1, 2]
    assert (record.people, record.funnel) == (99, day(2).funnel)
    (one,) = record.stops
    assert (one.arm, one.day, one.why, one.value, one.seq) == ("later", 2, "withdrew", 31.5, 5)
    assert one.lifted_day is None


def test_a_later_start_lifts_the_stops_of_its_arm_and_one_without_an_arm_lifts_all() -> None:
    stops = (stop("later", 1), stop("now", 1))
    (one,) = told(start(), *stops, start(arm="later", day=4, by="Bo")).values()
    assert [(s.arm, s.lifted_day, s.lifted_by) for s in one.stops] == [
        ("later", 4, "Bo"),
        ("now", None, None),
    ]
    (whole,) = told(start(), *stops, start(day=4, by="Bo")).values()
    assert [s.lifted_day for s in whole.stops] == [4, 4]
    (again,) = told(start(), stop(None, 1), start(day=2, by="Bo"), stop(None, 3)).values()
    assert [(s.arm, s.lifted_day) for s in again.stops] == [(None, 2), (None, None)]


def test_nothing_is_told_of_what_never_started() -> None:
    assert told(ended(1), stop("later", 1)) == {}


def test_a_plan_that_is_none_is_refused() -> None:
    with pytest.raises(Misused):
        told(start(object=file(b"{}")))
