# SPDX-License-Identifier: Apache-2.0
"""Write the table of docs/scale.md from benchmarks/results/*.json: `make performance`.

What a billion people would need, by arithmetic from what was measured here on one machine. Every
input stands beside the table: measured, with its file; or assumed, and called so.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import queueing
from benchmarks.queueing import Load

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
PAGE: Final = ROOT / "docs" / "scale.md"
BEGIN: Final = "<!-- begin: written by make performance, do not edit -->"
END: Final = "<!-- end -->"

WORLD: Final = 1_000_000_000
SHARES: Final = (0.01, 0.1, 1.0)
"""Who has opted in."""
WEEKLY: Final = 3
"""Portraits a week each, as the policy's caps have it."""
RATES: Final = (2.4, 10.0)
"""Portraits a second of one card."""
PASS: Final = 8
"""Portraits of one pass."""
BUSY: Final = 0.7
PEAK: Final = 1.5
SEALED: Final = 100_000
"""Bytes of a sealed portrait."""
KEPT: Final = 30
"""Days that a portrait is kept."""
READS: Final = 0.6
PAGES: Final = 10
"""Six in ten open their feed on a day, ten pages each."""
STORM: Final = 0.1
"""The share that withdraws within an hour."""
_WEEK: Final = 7 * 86_400
_DAY: Final = 86_400
_NOTHING: Final = 1e-5
"""Seconds: whoever waits less waits for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One measured figure: what it is, where it stands, and what it is called there."""

    said: str
    file: str
    what: Sequence[str]
    unit: str


INPUTS: Final = {
    "own": Input(
        said="processor of ours a portrait in a plan: gates, ledger, keys, vault",
        file="cycle",
        what=("postgresql, one process: processor a portrait, ours",),
        unit="ms",
    ),
    "server": Input(
        said="processor of PostgreSQL a portrait in a plan",
        file="cycle",
        what=("postgresql, one process: processor a portrait, the server's",),
        unit="ms",
    ),
    "rows": Input(
        said="rows and indexes a portrait, with 1 kB sealed",
        file="cycle",
        what=("postgresql, one process: rows, indexes, sealed bytes a portrait",),
        unit="kB",
    ),
    "log": Input(
        said="write-ahead log a portrait",
        file="cycle",
        what=("postgresql, one process: write-ahead log a portrait",),
        unit="kB",
    ),
    "entries": Input(
        said="entries a portrait, with its pages, looks and acts",
        file="scale",
        what=("entries a portrait, with pages, looks and acts",),
        unit="",
    ),
    "gates": Input(
        said="processor of both models that look at a portrait",
        file="portrait",
        what=("out: both gates",),
        unit="ms",
    ),
    "marks": Input(
        said="processor of watermark, file, fingerprint and credential",
        file="provenance",
        what=(
            "write the watermark",
            "encode the file",
            "take the fingerprint",
            "sign the credential",
        ),
        unit="ms",
    ),
    "page": Input(
        said="processor of a feed page",
        file="feed_api",
        what=("postgresql: feed page of 20: processor a request",),
        unit="ms",
    ),
    "grouped": Input(
        said="entries a second of one log, in group commit of 64 clients",
        file="ledger",
        what=("postgresql: an entry in group commit, 64 clients",),
        unit="1/s",
    ),
    "single": Input(
        said="commits a second of one log, one entry each, 64 clients",
        file="ledger",
        what=("postgresql: an entry a commit, 64 clients",),
        unit="1/s",
    ),
    "appended": Input(
        said="whole decisions a second appended in batches to one log",
        file="ledger",
        what=("postgresql: append whole decisions: object, request, facts with sealed openings",),
        unit="1/s",
    ),
    "decided": Input(
        said="a million people decided in blocks",
        file="blocks",
        what=("postgresql: 1000000 decided, logged and provable",),
        unit="ms",
    ),
    "withdrawn": Input(
        said="a withdrawal beside a worker that inserts",
        file="ledger",
        what=("postgresql: withdrawal beside a worker, p50",),
        unit="ms",
    ),
}
Figures = Mapping[str, float]


def figures(folder: Path = RESULTS) -> Figures:
    """Read every input that was measured."""
    return {
        name: value for name, one in INPUTS.items() if (value := _read(folder, one)) is not None
    }


def _read(folder: Path, one: Input) -> float | None:
    """Add up the rows whose names end as they are called; None where one is missing."""
    file = folder / f"{one.file}.json"
    if not file.exists():
        return None
    rows: Sequence[Mapping[str, Any]] = json.loads(file.read_text("utf-8"))["results"]
    found = [row["value"] for what in one.what for row in rows if row["what"].endswith(what)]
    return float(sum(found)) if len(found) == len(one.what) else None


def page(text: str, known: Figures) -> str:
    """Put the tables where the page has its two marks. Errors: ValueError without the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has lost its marks")
    return f"{before}{BEGIN}\n\n{tables(known)}\n\n{END}{after}"


def tables(known: Figures) -> str:
    """Write what is needed, and from what that follows."""
    needs = [_needs(WORLD * share, known) for share in SHARES]
    heads = ["", *(f"{share:.0%} of 1e9 people" for share in SHARES)]
    rows = [[name, *(need[name] for need in needs)] for name in needs[0]]
    inputs = [
        [one.said, _figure(known.get(name)), one.unit, f"`{one.file}.json`"]
        for name, one in INPUTS.items()
    ]
    measured = _table(["measured", "", "unit", "where"], inputs)
    return "\n\n".join([_table(heads, rows), measured])


def _needs(people: float, known: Figures) -> dict[str, str]:
    """Say what so many people need."""
    rate = people * WEEKLY / _WEEK
    found = {"portraits a second, mean": _figure(rate)}
    for card in RATES:
        found |= _cards(rate, card)
    found |= _processors(people, rate, known)
    found |= _stored(people, rate, known)
    return found | _cells(people, rate, known)


def _cards(rate: float, card: float) -> dict[str, str]:
    seconds = PASS / card
    bare, level, peak = (
        queueing.needed(rate, 1 / card, busy=1.0),
        queueing.needed(rate, 1 / card, busy=BUSY),
        queueing.needed(rate * PEAK, 1 / card, busy=BUSY),
    )
    wait = queueing.wait(Load(rate=rate / PASS, seconds=seconds, varies=0.3, cards=level))
    what = f"cards at {card:g} portraits a second"
    return {
        f"{what}: bare / {BUSY:.0%} busy / {PEAK:g}x peak": f"{bare:,} / {level:,} / {peak:,}",
        f"{what}: mean wait at {BUSY:.0%}": _soon(wait),
    }


def _soon(wait: float) -> str:
    return f"{wait * 1_000:.2g} ms" if wait > _NOTHING else "none"


def _processors(people: float, rate: float, known: Figures) -> dict[str, str]:
    pages = people * READS * PAGES / _DAY
    return {
        "cores that look at portraits and mark them": _cores(rate, known, "gates", "marks"),
        "cores of plans and gates": _cores(rate, known, "own"),
        "cores of PostgreSQL for plans": _cores(rate, known, "server"),
        "feed pages a second": _figure(pages),
        "cores for feed pages": _cores(pages, known, "page"),
        "minutes of one core to decide for all, once a day": _product(
            known, "decided", people / 1e6 / 60_000
        ),
    }


def _stored(people: float, rate: float, known: Figures) -> dict[str, str]:
    objects = rate * KEPT * _DAY
    return {
        f"sealed bytes of {KEPT} days": f"{objects * SEALED / 1e12:,.0f} TB",
        "objects of them": f"{objects:.1e}",
        "rows and indexes a week": _product(known, "rows", rate * _WEEK * 1e3 / 1e9, " GB"),
        "write-ahead log a day": _product(known, "log", rate * _DAY * 1e3 / 1e9, " GB"),
        "ledger entries a second": _product(known, "entries", rate),
        "withdrawals a second when a tenth leaves in an hour": _figure(people * STORM / 3_600),
    }


def _cells(people: float, rate: float, known: Figures) -> dict[str, str]:
    """Say how many logs carry it: by entries appended in batches, and by withdrawals."""
    entries, withdrawals = "logs, by entries in batches", "logs, by withdrawals of that storm"
    found = {entries: "not measured", withdrawals: "not measured"}
    if {"entries", "appended"} <= known.keys():
        found[entries] = f"{math.ceil(rate * known['entries'] / known['appended']):,}"
    if "withdrawn" in known:
        each = people * STORM / 3_600 * known["withdrawn"] / 1_000
        found[withdrawals] = f"{math.ceil(each):,}"
    return found


def _cores(rate: float, known: Figures, *names: str) -> str:
    if not set(names) <= known.keys():
        return "not measured"
    return _figure(rate * sum(known[name] for name in names) / 1_000)


def _product(known: Figures, name: str, factor: float, unit: str = "") -> str:
    return f"{_figure(known[name] * factor)}{unit}" if name in known else "not measured"


def _figure(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(heads, rows))


def _lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def main() -> int:
    """Rewrite the page."""
    PAGE.write_text(page(PAGE.read_text("utf-8"), figures()), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
