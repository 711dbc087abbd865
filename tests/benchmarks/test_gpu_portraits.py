# SPDX-License-Identifier: Apache-2.0
"""The GPU benchmark: its whole path at a tiny size, its networks' sizes, and no false figure."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import gpu_portraits, sdxl_shapes
from benchmarks.gpu_workloads import FEW_1024, LINEAR, MILLIONS, PARTS, SMOKE, TFLOP, TWENTY, cases
from tests.engine.cli.conftest import Onlyou, onlyou

pytestmark = pytest.mark.xdist_group("torch")
__all__ = ["onlyou"]


@pytest.mark.whole
def test_the_smoke_run_takes_the_whole_path_and_says_that_it_is_one(onlyou: Onlyou) -> None:
    said = onlyou("bench", "gpu_portraits", "--smoke", "--json")
    found = said.json
    assert said.status == 0
    assert (found["name"], found["size"], found["skipped"]) == ("gpu_portraits", "smoke", None)
    assert found["hardware"]["gpu"] is None
    assert all(set(one) >= set(gpu_portraits.FIELDS) for one in found["results"])
    figures = [one for one in found["results"] if one["unit"] == "img/s"]
    assert all(one["what"].startswith("tiny networks on a processor: ") for one in figures)
    assert all(one["ratio"] > 0 and one["mfu"] is one["peak_gb"] is None for one in figures)
    assert len(figures) > len(SMOKE)
    verdicts = [one["what"] for one in found["results"] if one["what"].startswith("isolation")]
    assert len(verdicts) == len(SMOKE)
    assert all(one.endswith(": pass") for one in verdicts)


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.usefixtures("no_card")
def test_without_a_card_it_says_so_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    monkeypatch.setattr(sys, "argv", ["gpu_portraits.py", "--out", str(out)])
    assert gpu_portraits.main() == 0
    assert capsys.readouterr().out == f"{gpu_portraits.SKIPPED}\n"
    assert not out.exists()


@pytest.mark.usefixtures("no_card")
def test_the_command_line_says_why_there_are_no_figures(onlyou: Onlyou) -> None:
    said = onlyou("bench", "gpu_portraits")
    assert (said.status, gpu_portraits.SKIPPED in said.out) == (0, True)


def test_the_networks_are_sdxls_own() -> None:
    found = [sdxl_shapes.millions(one) for one in sdxl_shapes.bare()]
    assert found == pytest.approx(list(MILLIONS.values()), rel=0.005)


def test_the_operations_are_as_many_as_the_table_says() -> None:
    assert sdxl_shapes.counted(512) == pytest.approx(TFLOP[512], rel=0.003)


@pytest.mark.slow
def test_at_full_size_too_and_linear_layers_have_the_stated_share() -> None:
    assert sdxl_shapes.counted(1024) == pytest.approx(TFLOP[1024], rel=0.001)
    unet = sdxl_shapes.counted_by_kind(1024)[0]
    linear = unet["aten.mm"] + unet["aten.addmm"]
    assert linear / sum(unet.values()) == pytest.approx(LINEAR, rel=0.001)


def test_a_way_that_fails_is_named_and_costs_the_others_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(gpu_portraits.WAYS, "eager", {"compile": "nonsense"})
    bench = gpu_portraits.Bench(device="cpu", tiny=True, ends=float("inf"))
    found = bench.all([case for case in SMOKE if case.way == "eager"][:1])
    assert [one["what"].rpartition(", ")[2] for one in found] == ["one a call", "ValueError"]
    assert "choose one of" in capsys.readouterr().err


def test_guidance_doubles_the_passes_and_every_part_has_work() -> None:
    assert (FEW_1024.passes, TWENTY.passes) == (4, 40)
    assert all(list(cases(part)) for part in PARTS)


def report(*parts: str, **more: Any) -> dict[str, Any]:
    plain = {"git": "a", "hardware": {"gpu": "card"}, "versions": {"torch": "1"}}
    return {**plain, "results": [{"part": part, "what": part} for part in parts], **more}


def test_parts_of_one_card_and_version_come_together_and_others_replace_them() -> None:
    together = gpu_portraits.merged(report("1024", "512"), report("512", "twenty"))
    assert [one["part"] for one in together["results"]] == ["1024", "512", "twenty"]
    other = report("512", hardware={"gpu": "another"})
    assert gpu_portraits.merged(report("1024"), other) == other
    assert gpu_portraits.merged(None, other) == other
