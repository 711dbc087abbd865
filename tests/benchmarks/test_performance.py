# SPDX-License-Identifier: Apache-2.0
"""The page of figures says what the result files say, and calls nothing measured that is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import performance
from benchmarks.gpu_workloads import PARTS, TFLOP, cases


def result(what: str, value: float, **more: Any) -> dict[str, Any]:
    plain = {"unit": "img/s", "floor": 2.5, "ratio": 4.0, "n": 5, "spread": 0.1}
    return {"what": what, "value": value, **plain, **more}


def gpu(*found: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "gpu_portraits",
        "at": "2026-11-22T00:00:00Z",
        "git": "abc1234",
        "hardware": {"cpu": "a processor", "cores": 16, "gpu": "a card"},
        "versions": {"torch": "2.13.0"},
        "size": "full",
        "results": list(found),
        "skipped": None,
    }


def test_the_page_and_the_result_files_agree() -> None:
    text = performance.PAGE.read_text("utf-8")
    assert performance.page(text, performance.results()) == text, "run: make performance"


def test_every_result_file_has_its_section_with_date_machine_and_command() -> None:
    text = performance.PAGE.read_text("utf-8")
    for name, one in performance.results().items():
        assert f"### {name}\n" in text
        assert one["at"][:10] in text
        assert f"`onlyou bench {one['name']}`" in text


def test_without_a_card_the_page_says_that_nothing_was_measured() -> None:
    said = performance.tables({})
    assert "Not measured: no GPU was to be had." in said
    assert said.count("| not measured |") == len(performance.GOALS)


def test_the_fastest_way_of_the_asked_kind_stands_beside_its_target() -> None:
    start = "1024 px, 4 steps, no guidance, full decoder, faceid"
    found = gpu(
        result(f"{start}, stock, one a call", 99.0),
        result(f"{start}, deep, 8 a pass", 8.5),
        result(f"{start}, cudnn, 8 a pass", 9.5),
        result(f"{start}, fp8, 8 a pass", 12.5),
    )
    goal = next(line for line in performance.tables({"gpu_portraits": found}).splitlines())
    said = [
        one for one in performance.tables({"gpu_portraits": found}).splitlines() if "21.1" in one
    ]
    assert goal == "### gpu_portraits"
    assert said[0].endswith("| 8.0 | 1.8x | 9.5 img/s, 4.0x, cudnn |")


def test_smoke_runs_are_no_figures(tmp_path: Path) -> None:
    for size in ("smoke", "full"):
        (tmp_path / f"{size}.json").write_text(json.dumps({"name": size, "size": size}))
    assert set(performance.results(tmp_path)) == {"full"}


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        performance.page("no marks", {})


def test_the_targets_are_those_that_were_set() -> None:
    every = [case for part in PARTS for case in cases(part)]
    set_for = {(c.work.px, c.work.steps, c.small): (c.target, c.times) for c in performance.GOALS}
    assert set_for[1024, 4, False] == (8.0, 1.8)
    assert set_for[1024, 4, True] == (12.0, 1.8)
    assert set_for[512, 4, False][1] == 4.0
    assert {c.target for c in performance.GOALS if c.work.steps == 20} == {1.25, 1.7}
    assert all(any(c.work == goal.work and c.target == goal.target for c in every)
               for goal in performance.GOALS)  # fmt: skip


def test_the_ceilings_follow_from_the_counted_operations() -> None:
    few, small, *_, twenty, narrow = performance.GOALS
    assert few.tflop == pytest.approx(4 * TFLOP[1024][0] + TFLOP[1024][1])
    assert small.tflop < few.tflop
    assert twenty.tflop == narrow.tflop == pytest.approx(280.9, abs=0.1)
