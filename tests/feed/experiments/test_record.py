# SPDX-License-Identifier: Apache-2.0
from dataclasses import FrozenInstanceError, fields

import pytest

from consent.words import Micros
from feed.experiments import files
from feed.experiments.record import Record, Stop


def test_a_run_that_has_just_begun_needs_no_more_than_its_plan_and_its_time() -> None:
    begun = Record(experiment=files.load("label"), started_at=Micros(5), days=())
    others = {f.name for f in fields(Record)} - {"experiment", "started_at", "days"}
    assert {name: getattr(begun, name) for name in others if getattr(begun, name)} == {}


def test_a_run_cannot_be_rewritten() -> None:
    stop = Stop(arm=None, day=2, at=Micros(6), why="by hand", value=0.0)
    with pytest.raises(FrozenInstanceError):
        stop.day = 3  # type: ignore[misc]
