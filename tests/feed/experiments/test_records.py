# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import entries
from consent.errors import Misused
from consent.words import Micros, Reason
from feed.experiments import files, records
from feed.experiments.record import (
    Bin,
    Loss,
    OffPolicy,
    Record,
    Reliability,
    Stage,
    Stop,
    Swing,
)
from feed.experiments.tallies import ArmTally, Moments, Tally

COHORT = files.load("cohort")
DAYS = tuple(
    Tally(
        experiment="cohort",
        plan=records.plan_sha256(COHORT),
        day=day,
        arms={
            arm.id: ArmTally(
                assigned=90 * day,
                exposed=70 * day,
                withdrew=day,
                left=0,
                metrics={"shown": Moments(n=70 * day, any=60, y=2**62, yy=9, d=70, dd=70)},
            )
            for arm in COHORT.arms
        },
    )
    for day in (1, 2)
)
WHOLE = Record(
    experiment=COHORT,
    started_at=Micros(1_700_000_000_000_000),
    days=DAYS,
    stops=(
        Stop(arm="instagram-2025", day=2, at=Micros(5), why="withdrew", value=36.94),
        Stop(arm=None, day=2, at=Micros(6), why="by hand", value=0.0, seq=9, by="Ada"),
    ),
    funnel=(Stage(title="In the service", people=9, lost=(Loss(why="said no", people=2),)),),
    reliability=(
        Reliability(
            head="engage",
            model_sha256="0" * 64,
            n=9,
            ece=0.1,
            brier=1 / 3,
            bins=(Bin(n=9, predicted=0.1, observed=math.pi),),
        ),
    ),
    sensitivity=(
        Swing(
            coefficient="trust",
            arm="instagram-2025",
            low_value=-1.5,
            high_value=1e-300,
            low_effect=0.1 + 0.2,
            high_effect=5.0,
        ),
    ),
    off_policy=(
        OffPolicy(
            target="best",
            estimator="ips",
            value=None,
            low=None,
            high=None,
            ess=1.5,
            largest_weight=9.0,
            unsupported=0.25,
        ),
    ),
    people=10_000,
    seed=7,
)


@pytest.mark.parametrize("name", files.names())
def test_a_plan_read_back_is_the_same_plan_with_the_same_name(name: str) -> None:
    plan = files.load(name)
    content = records.write_plan(plan)
    assert records.read_plan(content) == plan
    assert records.write_plan(records.read_plan(content)) == content
    assert records.plan_sha256(plan) == hashlib.sha256(content).hexdigest()


def test_a_plan_is_canonical_json_so_that_a_ledger_can_hold_it() -> None:
    content = records.write_plan(COHORT)
    assert entries.canonical(json.loads(content)) == content
    assert json.loads(content)["kind"] == "experiment-plan"


def test_anything_that_is_changed_in_a_plan_changes_its_name() -> None:
    first, *others = COHORT.guardrails
    looser = replace(COHORT, guardrails=(replace(first, level=0.050000001), *others))
    assert records.plan_sha256(looser) != records.plan_sha256(COHORT)
    assert records.plan_sha256(replace(COHORT, days=29)) != records.plan_sha256(COHORT)


def test_a_record_read_back_is_the_same_record_and_the_same_bytes() -> None:
    content = records.write(WHOLE)
    assert records.read(content) == WHOLE
    assert records.write(records.read(content)) == content


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_every_real_number_comes_back_bit_for_bit(value: float) -> None:
    stop = replace(WHOLE.stops[0], value=value)
    (back,) = records.read(records.write(replace(WHOLE, days=(), stops=(stop,)))).stops
    assert math.copysign(1, back.value) == math.copysign(1, value)
    assert back.value == value


def test_a_number_that_json_does_not_have_is_refused_when_written() -> None:
    with pytest.raises(ValueError, match="no JSON for inf"):
        records.write(replace(WHOLE, stops=(replace(WHOLE.stops[0], value=math.inf),)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"onlyou-experiment/1"', '"onlyou-experiment/2"', "its schema is"),
        ('"people": 10000', '"people": "many"', "record.people must be int"),
        ('"seed": 7', '"seed": 7, "sed": 8', "unknown key 'sed' in record"),
        ('"schema"', '"scheme"', "schema"),
        ("{", "[", "not an experiment's record"),
    ],
)
def test_what_is_no_record_is_refused(old: str, new: str, words: str) -> None:
    content = records.write(WHOLE).decode()
    assert old in content
    with pytest.raises(Misused, match="not an experiment's record") as refused:
        records.read(content.replace(old, new, 1).encode())
    assert words in refused.value.sentence
    assert refused.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"kind": "experiment-day"}', b"\xff"])
def test_what_is_no_plan_is_refused(content: bytes) -> None:
    with pytest.raises(Misused, match="not an experiment's plan"):
        records.read_plan(content)
