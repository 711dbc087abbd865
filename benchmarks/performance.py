# SPDX-License-Identifier: Apache-2.0
"""Write the tables of docs/performance.md from benchmarks/results/*.json: `make performance`.

Only what lies in a result file is written down as measured; what arithmetic says is called so.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.gpu_workloads import FEW_512, FEW_1024, LINEAR, TFLOP, TWENTY, Case

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
PAGE: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: written by make performance, do not edit -->"
END: Final = "<!-- end -->"
#: an H200's bf16 matrix rate as read elsewhere, only to say what cannot be exceeded
RATE: Final = 790.0
_LONG: Final = 24
_COLUMNS: Final = ("what", "value", "unit", "floor", "ratio", "n", "spread")
_GPU: Final = "gpu_portraits"

Found = Mapping[str, Any]


def results(folder: Path = RESULTS) -> Mapping[str, Found]:
    """Read every result, by its file's name. Smoke runs measure nothing and are left out."""
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    return {name: found[name] for name in sorted(found) if found[name].get("size") == "full"}


def page(text: str, found: Mapping[str, Found]) -> str:
    """Put the tables where the page has its two marks. Errors: ValueError without the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has lost its marks")
    return f"{before}{BEGIN}\n\n{tables(found)}\n{END}{after}"


def tables(found: Mapping[str, Found]) -> str:
    """Write the GPU's section and one for each other benchmark."""
    others = [_section(name, one) for name, one in found.items() if name != _GPU]
    return "\n".join([_gpu(found.get(_GPU)), *others])


def _section(name: str, found: Found) -> str:
    rows = [[_cell(one.get(column)) for column in _COLUMNS] for one in found["results"]]
    table = _table(_COLUMNS, rows)
    if len(rows) > _LONG:
        table = f"<details><summary>{len(rows)} figures</summary>\n\n{table}\n</details>\n"
    return f"### {name}\n\n{_conditions(found)}\n\n{table}"


def _conditions(found: Found) -> str:
    """Say when, where and how: without these a figure is a rumour."""
    hardware = found["hardware"]
    where = f"{hardware['cpu']}, {hardware['cores']} cores, {hardware['gpu'] or 'no GPU'}"
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    command = f"`onlyou bench {found['name']}`"
    return f"{found['at'][:10]}, commit {found['git']}, {where}; {versions}; {command}"


# --- the GPU's section


def _gpu(found: Found | None) -> str:
    """Write targets and ceilings, and beside them what was measured or that nothing was."""
    head = "### gpu_portraits"
    said = "Not measured: no GPU was to be had." if found is None else _conditions(found)
    columns = ("one picture", "TFLOP, counted", "ceiling img/s, computed", "target img/s",
               "target against the stock loop", "measured")  # fmt: skip
    rows = [[*_goal(goal), _best(goal, found)] for goal in GOALS]
    parts = [head, said, _table(columns, rows)]
    if found is not None:
        more = ("mfu", "peak_gb", "matrix_tflops")
        cells = [[_cell(one.get(c)) for c in (*_COLUMNS, *more)] for one in found["results"]]
        parts.append(_table((*_COLUMNS, *more), cells))
    return "\n\n".join(parts)


#: what is asked for, the way left open
GOALS: Final = (
    Case(work=FEW_1024, rows=8, way="deep", target=8.0, times=1.8),
    Case(work=FEW_1024, rows=8, way="deep", small=True, target=12.0, times=1.8),
    Case(work=FEW_512, rows=8, way="deep", times=4.0),
    Case(work=FEW_512, rows=8, way="deep", small=True, times=4.0),
    Case(work=TWENTY, rows=8, way="deep", target=1.25),
    Case(work=TWENTY, rows=8, way="fp8", target=1.7),
)


def _goal(goal: Case) -> Sequence[str]:
    narrow = goal.way in {"fp8", "int8"}
    linear = TFLOP[goal.work.px][0] * goal.work.passes * LINEAR if narrow else 0.0
    ceiling = RATE / (goal.tflop - linear / 2)
    decoder, work = "small" if goal.small else "full", goal.work
    guided = f", guidance {work.guidance:g}" if work.guidance > 1 else ""
    return (
        f"{work.px} px, {work.steps} steps{guided}, {decoder} decoder{', 8-bit' * narrow}",
        f"{goal.tflop:.1f}",
        f"{ceiling:.1f}",
        _cell(goal.target),
        "" if goal.times is None else f"{goal.times:g}x",
    )


def _best(goal: Case, found: Found | None) -> str:
    """Return the fastest measured way of the kind that the goal asks for."""
    if found is None:
        return "not measured"
    narrow = goal.way in {"fp8", "int8"}
    start = goal.name.partition(", faceid")[0]
    own = [
        one
        for one in found["results"]
        if one["unit"] == "img/s"
        and one["what"].startswith(start)
        and ", stock," not in one["what"]
        and (", fp8," in one["what"] or ", int8," in one["what"]) == narrow
    ]
    best = max(own, key=lambda one: float(one["value"]), default=None)
    if best is None:
        return "not measured"
    return f"{best['value']} img/s, {best['ratio']}x, {best['what'].split(', ')[-2]}"


# --- Markdown


def _table(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines(tuple(columns), rows)) + "\n"


def _lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) or (isinstance(value, float) and abs(value) >= 1_000):
        return f"{value:,.0f}"
    return str(value).replace("|", "/")


def main() -> int:
    """Rewrite the page."""
    PAGE.write_text(page(PAGE.read_text("utf-8"), results()), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
