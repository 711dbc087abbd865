# SPDX-License-Identifier: Apache-2.0
"""Time full-size SDXL with an identity adapter on a GPU: `onlyou bench gpu_portraits`.

Random weights, so nothing is downloaded: a measurement of speed, never of pictures, and never an
"MLPerf result", though one workload has that benchmark's shape. Every figure stands beside the
stock diffusers loop, one person a call, of the same recipe in the same run (floor and ratio), and
beside the card's own bf16 matrix rate (mfu). Without CUDA it says so and measures nothing;
`--smoke` runs the same path on tiny networks on the processor.

On a machine that has only torch, diffusers, transformers and opencv, from the repository's folder:
    python benchmarks/gpu_portraits.py --part 1024 --minutes 9
Parts: 1024, 512, twenty, faces; one after the other, each adds its figures to the same file. What
the minutes do not suffice for is left out, and exit status 1 means that isolation failed.
"""

import argparse
import gc
import json
import statistics
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

if __package__ in {None, ""}:  # run as a file, where no package is installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.conditions import Result, report
from benchmarks.gpu_workloads import PARTS, SMOKE, WAYS, Case, Work, cases

OUT: Final = Path(__file__).parent / "results" / "gpu_portraits.json"
PACKAGES: Final = ("torch", "diffusers")
SKIPPED: Final = "skipped: no CUDA card here, so there is nothing to measure"
REPEATS: Final = 5
FIELDS: Final = ("what", "value", "unit", "floor", "ratio", "n", "spread")


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure every part; without CUDA say that there was nothing to measure."""
    del users  # nobody's faces are drawn
    return measured(PARTS, smoke=smoke, seconds=3_600.0)


def measured(parts: Sequence[str], *, smoke: bool, seconds: float) -> dict[str, Any]:
    """Measure some parts for at most so long; what there was no time for is left out."""
    import torch  # noqa: PLC0415  # an extra

    if smoke:
        bench = Bench(device="cpu", tiny=True, ends=perf_counter() + seconds)
        return report("gpu_portraits", smoke=True, packages=PACKAGES, results=bench.all(SMOKE))
    if not torch.cuda.is_available():
        found = report("gpu_portraits", smoke=False, packages=PACKAGES, results=[])
        return {**found, "skipped": SKIPPED}
    bench = Bench(device="cuda", tiny=False, ends=perf_counter() + seconds)
    results = [one for part in parts for one in bench.all(tuple(cases(part)), part=part)]
    found = report("gpu_portraits", smoke=False, packages=PACKAGES, results=results)
    return {**found, "hardware": {**found["hardware"], "gpu": torch.cuda.get_device_name()}}


class Bench:
    """Builds the networks, runs the cases, keeps what the stock loop needed."""

    def __init__(self, *, device: str, tiny: bool, ends: float) -> None:
        import torch  # noqa: PLC0415

        from benchmarks import gpu_passes  # noqa: PLC0415

        if tiny:
            torch.set_num_threads(1)
        self._passes = gpu_passes.Passes(device=device, tiny=tiny)
        self._ends, self._tiny = ends, tiny
        self._stock: dict[tuple[Work, bool], float] = {}
        self.rate = None if tiny else self._passes.matrix_rate()

    def all(self, wanted: Sequence[Case], *, part: str = "smoke") -> list[Result]:
        """Run the cases, way by way, the stock loops of their recipes before them."""
        found: list[Result] = []
        self._passes.check_sizes()
        for adapter in dict.fromkeys(case.work.adapter for case in wanted):
            own = [case for case in wanted if case.work.adapter == adapter]
            self._renew(adapter, "stock")
            for key in dict.fromkeys((case.work, case.small) for case in own):
                stock = Case(work=key[0], small=key[1], rows=1, way="stock")
                found += self._one(stock, part)
            for way in dict.fromkeys(case.way for case in own):
                if not self._late():
                    self._way([case for case in own if case.way == way], part, found)
        return found

    def _way(self, mine: Sequence[Case], part: str, found: list[Result]) -> None:
        """Run one way's cases; where a card or a version refuses it, say so and go on."""
        try:
            self._renew(mine[0].work.adapter, mine[0].way)
            found.append(self._isolation(mine[0], part))
            for case in mine:
                found += self._one(case, part)
        except Exception as error:  # noqa: BLE001  # or it would cost the other ways' figures
            traceback.print_exc()
            what = f"{mine[0].way}: not measured, {type(error).__name__}"
            found.append(dict.fromkeys(FIELDS) | {"what": what, "n": 0, "part": part})

    def _late(self) -> bool:
        return perf_counter() > self._ends

    def _renew(self, adapter: str, way: str) -> None:
        self._passes.drop()
        gc.collect()
        self._passes.load(adapter, WAYS.get(way, {}))

    def _one(self, case: Case, part: str) -> list[Result]:
        if self._late():
            return []
        try:
            took, peak = self._passes.time(case, n=2 if self._tiny else REPEATS)
        except self._passes.too_much as full:
            print(f"{case.name}: {type(full).__name__}", file=sys.stderr, flush=True)
            return []
        speed = case.rows / statistics.median(took)
        if case.way == "stock":
            self._stock[case.work, case.small] = speed
        stock = self._stock.get((case.work, case.small))
        tflops = self._passes.tflop(case) * speed
        result = {
            "what": ("tiny networks on a processor: " if self._tiny else "") + case.name,
            "value": round(speed, 3),
            "unit": "img/s",
            "floor": None if stock is None else round(stock, 3),
            "ratio": None if stock is None else round(speed / stock, 2),
            "n": len(took),
            "spread": round(case.rows / min(took) - case.rows / max(took), 3),
            "part": part,
            "target": case.target,
            "target_ratio": case.times,
            "tflops": round(tflops, 1) or None,
            "mfu": None if self.rate is None else round(tflops / self.rate, 3),
            "matrix_tflops": None if self.rate is None else round(self.rate, 1),
            "peak_gb": peak,
        }
        print(json.dumps(result), file=sys.stderr, flush=True)
        return [result]

    def _isolation(self, case: Case, part: str) -> Result:
        """Swap one person and say whether the others' pictures stayed as they were, bit by bit."""
        others, own = self._passes.isolation(case)
        verdict = "pass" if others == 0.0 and own > 0.0 else "FAIL"
        return {
            "what": f"isolation, {case.work.adapter}, {case.way}, {case.rows} rows: {verdict}",
            "value": others,
            "unit": "largest change of the other rows when one person is swapped",
            "floor": None,
            "ratio": None,
            "n": 2,
            "spread": None,
            "part": part,
            "swapped_row_changed": own,
        }


def merged(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """Put a run's figures beside an earlier run's on the same card and versions, else alone."""
    same = ("git", "hardware", "versions")
    if old is None or any(old.get(key) != new[key] for key in same):
        return new
    parts = {one["part"] for one in new["results"]}
    kept = [one for one in old["results"] if one["part"] not in parts]
    return {**new, "results": [*kept, *new["results"]]}


def main() -> int:
    """Run as a file: parts, time limit, result file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--part", action="append", choices=PARTS, help="default: all")
    options.add_argument("--minutes", type=float, default=9.0)
    options.add_argument("--smoke", action="store_true")
    options.add_argument("--out", type=Path, default=OUT)
    given = options.parse_args()
    found = measured(given.part or PARTS, smoke=given.smoke, seconds=60 * given.minutes)
    if found["skipped"]:
        print(found["skipped"])
        return 0
    print(json.dumps(found, indent=1))
    if not given.smoke:
        old = json.loads(given.out.read_text("utf-8")) if given.out.is_file() else None
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(merged(old, found), indent=2) + "\n", "utf-8")
    return int(any("FAIL" in one["what"] for one in found["results"]))


if __name__ == "__main__":
    raise SystemExit(main())
