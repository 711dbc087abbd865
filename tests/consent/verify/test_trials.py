# SPDX-License-Identifier: Apache-2.0
"""What is tried on people has a plan that anybody can read, and does nothing else."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from consent import entries
from consent.verify import trials
from consent.verify.grammar import read_entry
from consent.verify.work import Work

PLAN = {"kind": "experiment-plan", "id": "deeper", "arms": [{"id": "now"}, {"id": "later"}]}


def file(work: Work, content: dict[str, Any]) -> str:
    """Put a file where a bundle keeps statistics."""
    raw = entries.canonical(content)
    sha256 = hashlib.sha256(raw).hexdigest()
    folder = Path(work.folder._root) / "aggregates"
    folder.mkdir(exist_ok=True)
    (folder / f"{sha256}.json").write_bytes(raw)
    return sha256


def day(work: Work, plan: str, number: int, **more: Any) -> dict[str, Any]:
    sums = {"kind": "experiment-day", "experiment": "deeper", "day": number, "plan": plan, **more}
    return {"experiment": "deeper", "day": number, "object": file(work, sums)}


def told(work: Work) -> list[str]:
    return [found["detail"] for found in work.findings.found]


def begun(work: Work) -> tuple[trials.Trials, str]:
    checking, plan = trials.Trials(work.folder, work.findings), file(work, PLAN)
    checking.start(1, {"experiment": "deeper", "object": plan})
    return checking, plan


def test_a_start_a_stop_a_restart_and_their_days_are_no_finding(work: Work) -> None:
    checking, plan = begun(work)
    one = {"experiment": "deeper", "object": plan}
    checking.day(2, day(work, plan, 1))
    checking.day(3, day(work, plan, 3))
    checking.stop(4, one | {"arm": "later"})
    checking.start(5, one | {"arm": "later", "day": 3})
    checking.stop(6, one)
    assert told(work) == []


@pytest.mark.parametrize("plan", [PLAN | {"id": "other"}, PLAN | {"kind": "tag-map"}, None])
def test_a_start_without_its_plan_is_found(work: Work, plan: dict[str, Any] | None) -> None:
    checking = trials.Trials(work.folder, work.findings)
    named = "0" * 64 if plan is None else file(work, plan)
    checking.start(1, {"experiment": "deeper", "object": named})
    assert told(work) == ["the plan of what is tried is not among the files"]
    checking.stop(2, {"experiment": "deeper", "object": named})
    assert len(told(work)) == 2


def test_a_plan_that_was_changed_since_is_found(work: Work) -> None:
    checking, plan = begun(work)
    checking.start(2, {"experiment": "deeper", "object": file(work, PLAN | {"days": 90})})
    (folder,) = [Path(work.folder._root) / "aggregates" / f"{plan}.json"]
    folder.write_bytes(folder.read_bytes().replace(b"later", b"never"))
    checking.start(3, {"experiment": "deeper", "object": plan})
    assert told(work) == [
        "what is tried was started before with another plan",
        "the plan of what is tried is not among the files",
    ]


def test_what_was_never_started_is_neither_stopped_nor_counted(work: Work) -> None:
    checking, plan = begun(work)
    checking.stop(2, {"experiment": "other", "object": plan})
    checking.stop(3, {"experiment": "deeper", "object": plan, "arm": "nobody"})
    checking.day(4, {"experiment": "other", "day": 1, "object": file(work, {"day": 1})})
    assert told(work) == [
        "what is stopped was not started with this plan",
        "the plan has no such arm",
        "the sums of a day are not those of what its entry names",
    ]


def test_sums_of_another_plan_or_of_a_day_told_before_are_found(work: Work) -> None:
    checking, plan = begun(work)
    checking.day(2, day(work, plan, 2))
    checking.day(3, day(work, plan, 2, arms={}))
    checking.day(4, day(work, "0" * 64, 3))
    assert told(work) == ["the sums are of another plan, or of a day told before"] * 2


@pytest.mark.parametrize(
    "entry",
    [
        {"t": "experiment.start", "experiment": "deeper", "object": "00"},
        {"t": "experiment.start", "experiment": "deeper", "by": "Ines"},
        {"t": "experiment.stop", "experiment": "deeper", "object": "00", "day": 1, "why": "split"},
        {"t": "experiment.stop", "day": 1, "object": "00", "why": "split", "value": "0.0"},
    ],
    ids=["nobody", "no plan", "no value", "of nothing"],
)
def test_an_entry_that_does_not_say_enough_is_malformed(entry: dict[str, Any]) -> None:
    said = read_entry(entries.canonical({"v": 1, "at": 5, **entry}))
    assert isinstance(said, str)
    assert "lacks" in said
