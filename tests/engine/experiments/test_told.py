# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import orjson
import pytest

from consent.words import rfc3339
from engine.experiments.report import build
from engine.experiments.suppression import small
from engine.experiments.told import head, told
from feed.experiments.analysis import analyse
from feed.experiments.record import Record, Stop
from feed.experiments.records import plan_sha256
from tests.engine.experiments import runs

PROMISED = {
    "arms": {"id", "subjects", "exposed", "withdrawn"},
    "metrics": {"name", "arm", "against", "estimate", "low", "high", "method"},
    "guardrails": {"name", "arm", "e_value", "threshold", "stopped_at"},
}


def tell(record: Record) -> dict[str, Any]:
    return told(build(record, analyse(record)))


def test_everything_that_was_promised_is_there() -> None:
    record = runs.guarded()
    found = tell(record)
    assert {"id", "policy", "state", "srm", "censored"} <= found.keys()
    for name, fields in PROMISED.items():
        assert found[name]
        assert all(fields <= one.keys() for one in found[name])
    assert set(found["srm"]) == {"p", "verdict"}
    assert found["plan_sha256"] == plan_sha256(record.experiment)
    assert (found["id"], found["state"]) == ("gap", "done")


def test_a_guardrail_that_stopped_an_arm_says_when() -> None:
    record = runs.guarded()
    (stop,) = record.stops
    at = {(one["name"], one["arm"]): one["stopped_at"] for one in tell(record)["guardrails"]}
    assert at[stop.why, "closer"] == rfc3339(stop.at)
    assert at["withdrew", "wider"] is None


def test_figures_are_those_of_the_analysis_bit_for_bit() -> None:
    record = runs.record()
    found, given = analyse(record), tell(record)
    told_of = {(one["name"], one["arm"]): one for one in given["metrics"]}
    for one in found.effects:
        if one.metric != "reported":
            same = told_of[one.metric, one.arm]
            for name in ("estimate", "low", "high", "p", "method"):
                assert same[name] == getattr(one, name)
            assert len(same["series"]) <= len(one.series)


def test_what_few_did_is_null_everywhere() -> None:
    found = tell(runs.record(people=60))
    assert found["suppressed_below"] == 10
    assert any(one["withdrawn"] is None for one in found["arms"])
    hidden = [one for one in found["metrics"] if one["estimate"] is None]
    assert hidden
    assert all(one["low"] is None and one["series"] == () for one in hidden)
    counts = [arm[name] for arm in found["arms"] for name in ("exposed", "withdrawn", "left")]
    assert all(count is None or not small(count) for count in counts)


def test_an_invalid_split_tells_no_effect() -> None:
    found = tell(runs.uneven())
    assert (found["state"], found["srm"]["verdict"]) == ("invalid", "invalid")
    assert (found["metrics"], found["guardrails"]) == ([], [])
    assert runs.uneven().sensitivity
    assert found["sensitivity"] == []


def test_a_stop_tells_no_figure_that_its_guardrail_withholds() -> None:
    run = runs.record(people=60)
    stop = Stop(arm="closer", day=5, at=runs.START, why="withdrew", value=41.25)
    (told_of,) = tell(replace(run, stops=(stop,)))["stops"]
    assert told_of["value"] is None


@pytest.mark.parametrize("make", [runs.record, runs.guarded, runs.uneven])
def test_it_is_json_and_equal_runs_are_equal_bytes(make: Any) -> None:
    once, again = orjson.dumps(tell(make())), orjson.dumps(tell(replace(make())))
    assert once == again
    assert b"NaN" not in once


def test_a_list_says_where_each_stands() -> None:
    made = build(runs.guarded(), analyse(runs.guarded()))
    assert head(made)["verdict"] == made.verdict.title
    assert {"id", "state", "day", "days", "where"} <= head(made).keys()
