# SPDX-License-Identifier: Apache-2.0
"""Draw a line chart as an SVG of our own: no library, no font, words for who cannot see it.

python -m benchmarks.chart faces benchmarks/results/face_errors.json docs/img/face-errors.svg
python -m benchmarks.chart nsfw benchmarks/results/quality.json docs/img/nsfw.svg
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from consent import policies

WIDE, HIGH = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 62, 56
INKS = ("#97301f", "#1d5a4b", "#3d5a98")
_STYLE = (
    ".t{font-size:16px;font-weight:650;fill:#231d16}.s{font-size:12px;fill:#5c5347}"
    ".g{stroke:#e0d7c8;stroke-width:1}.m{stroke:#5c5347;stroke-width:1.2;stroke-dasharray:4 4}"
    ".l{fill:none;stroke-width:2.2}.n{font-size:12.5px;font-weight:600}"
)

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What to draw. Units: both axes run over the given spans; a mark is an upright line."""

    title: str
    desc: str
    across: str
    up: str
    x: Sequence[float]
    y: Sequence[float]
    series: Mapping[str, Points]
    marks: Mapping[str, float]


def drawn(chart: Chart) -> str:
    """Write a chart as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        'aria-labelledby="t d" font-family="system-ui, -apple-system, sans-serif">',
        f'<title id="t">{escape(chart.title)}</title><desc id="d">{escape(chart.desc)}</desc>',
        f'<style>{_STYLE}</style><rect width="{WIDE}" height="{HIGH}" rx="14" fill="#faf6ef"/>',
        f'<text class="t" x="{LEFT}" y="30">{escape(chart.title)}</text>',
        f'<text class="s" x="{LEFT}" y="49">{escape(chart.up)}</text>',
        f'<text class="s" x="{(LEFT + WIDE - RIGHT) / 2}" y="{HIGH - 14}" '
        f'text-anchor="middle">{escape(chart.across)}</text>',
        *_grid(chart),
        *_marks(chart),
        *_lines(chart),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _grid(chart: Chart) -> list[str]:
    foot, end = HIGH - BOTTOM, WIDE - RIGHT
    rows = [
        f'<path class="g" d="M{LEFT} {_y(chart, v):.1f}H{end}"/><text class="s" x="{LEFT - 8}" '
        f'y="{_y(chart, v) + 4:.1f}" text-anchor="end">{v:g}</text>'
        for v in chart.y
    ]
    columns = [
        f'<text class="s" x="{_x(chart, v):.1f}" y="{foot + 18}" text-anchor="middle">{v:g}</text>'
        for v in chart.x
    ]
    return rows + columns


def _marks(chart: Chart) -> list[str]:
    return [
        f'<path class="m" d="M{_x(chart, at):.1f} {TOP}V{HIGH - BOTTOM}"/><text class="s" '
        f'x="{_x(chart, at) - 5:.1f}" y="{TOP + 12}" text-anchor="end">{escape(word)}</text>'
        for word, at in chart.marks.items()
    ]


def _lines(chart: Chart) -> list[str]:
    """Draw the series, each named at its end; names that would touch move apart."""
    parts = []
    ends = sorted((_y(chart, points[-1][1]), name) for name, points in chart.series.items())
    places = dict(zip([name for _, name in ends], _apart([at for at, _ in ends]), strict=True))
    for ink, (name, points) in zip(INKS, chart.series.items(), strict=False):
        path = "L".join(f"{_x(chart, x):.1f} {_y(chart, y):.1f}" for x, y in points)
        end = _x(chart, points[-1][0]) + 8
        parts.append(
            f'<path class="l" stroke="{ink}" d="M{path}"/><text class="n" fill="{ink}" '
            f'x="{end:.1f}" y="{places[name] + 4:.1f}">{escape(name)}</text>'
        )
    return parts


def _apart(places: Sequence[float]) -> list[float]:
    moved = list(places)
    for at, (upper, lower) in enumerate(pairwise(places)):
        moved[at + 1] = max(lower, moved[at] + 16, upper + 16)
    return moved


def _x(chart: Chart, value: float) -> float:
    share = (value - chart.x[0]) / (chart.x[-1] - chart.x[0])
    return LEFT + share * (WIDE - RIGHT - LEFT)


def _y(chart: Chart, value: float) -> float:
    share = (value - chart.y[0]) / (chart.y[-1] - chart.y[0])
    return HIGH - BOTTOM - share * (HIGH - BOTTOM - TOP)


def faces(result: Mapping[str, Any]) -> Chart:
    """Draw how often the face model errs at each threshold."""
    curve = result["curve"]
    same, two = (
        [(one["threshold"], one[what]) for one in curve] for what in ("non_match", "match")
    )
    pairs = f"{curve[0]['same']:,} pairs of one person, {curve[0]['two']:,} of two"
    return Chart(
        title="One threshold cannot be right for everybody",
        desc=f"Share of wrong answers by distance; {pairs}, ten synthetic people.",
        across="dlib distance below which two faces are called one person",
        up=f"wrong answers in percent; {pairs}; ten synthetic people, one generator",
        x=(0.3, 0.4, 0.5, 0.6, 0.7),
        y=(0, 20, 40, 60, 80, 100),
        series={"one, told apart": same, "two, taken for one": two},
        marks={"0.6, often used": 0.6},
    )


def nsfw(result: Mapping[str, Any]) -> Chart:
    """Draw how the nakedness scores of portraits and photographs are spread."""
    policy = policies.load("strict-opt-in")
    drawings = [one["nsfw"] for one in result["portraits"]]
    photographs = result["photographs_nsfw"]
    return Chart(
        title="Every picture tried scores below the limits",
        desc="Share of pictures that score at most so much; none was one to refuse.",
        across="opennsfw score",
        up=f"share of pictures at or below, percent; {len(drawings)} portraits, "
        f"{len(photographs)} photographs, none of which is one to refuse",
        x=(0, 0.2, 0.4, 0.6, 0.8, 1),
        y=(0, 20, 40, 60, 80, 100),
        series={"portraits": _spread(drawings), "photographs": _spread(photographs)},
        marks={"out": policy.moderation.nsfw_limit, "in": policy.selfies.nsfw_limit},
    )


def _spread(scores: Sequence[float]) -> Points:
    """Turn scores into the share at or below each."""
    ordered = sorted(scores)
    steps = [(score, 100 * (at + 1) / len(ordered)) for at, score in enumerate(ordered)]
    return [(0, 0), *steps, (1, 100)]


CHARTS = {"faces": faces, "nsfw": nsfw}


def main() -> None:
    """Draw one chart from a result file."""
    which, source, out = sys.argv[1:]
    result = json.loads(Path(source).read_text("utf-8"))
    Path(out).write_text(drawn(CHARTS[which](result)), "utf-8")


if __name__ == "__main__":
    main()
