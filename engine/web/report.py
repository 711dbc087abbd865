# SPDX-License-Identifier: Apache-2.0
"""An audit as one HTML file that needs nothing else: no script, no picture, no other address."""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from markupsafe import Markup

from consent.words import DAY, HOUR, rfc3339
from engine.audit import charts
from engine.audit.report import Report
from engine.web import rendering, wording

_SPANS: Final[Mapping[int, str]] = MappingProxyType(
    {HOUR: "an hour", 3 * HOUR: "three hours", 6 * HOUR: "six hours", DAY: "a day"}
)


def html(report: Report) -> str:
    """Write a report as a file."""
    style = (files("engine.web") / "static" / "audit.css").read_text("utf-8")
    ours = Markup(style)  # noqa: S704  a file of our own
    return rendering.text("audit/report.html", style=ours, **shown(report))


def shown(report: Report) -> dict[str, Any]:
    """Return what a template needs to show a report, whole or in part."""
    line, drawn = report.timeline, charts.strips(report.timeline)
    flips = [row.pointwise["table"] for row in report.rows]
    return {
        "report": report,
        "until": wording.clock(rfc3339(report.until)) if report.until else "it began",
        "drawn": drawn,
        "marks": [(x, _moment(at, whole_days=charts.by_day(line))) for x, at in drawn.marks],
        "span": _SPANS.get(line.width, f"{line.width // DAY} days"),
        "most": max(1, *(one["allow_deny"] + one["deny_allow"] for one in flips)),
        "strictest": max(report.rows, key=lambda row: row.pointwise["table"]["allow_deny"]),
        "loosest": max(report.rows, key=lambda row: row.pointwise["table"]["deny_allow"]),
        "unknown": report.first["not_recomputable"],
        "times": _times,
    }


def _moment(at: int, *, whole_days: bool) -> str:
    """Write a time under an axis: 3 Nov, or 3 Nov 19:00."""
    text = rfc3339(at)
    date = wording.day(text).rpartition(" ")[0]
    return date if whole_days else f"{date} {text[11:16]}"


def _times(number: int) -> str:
    """Write how often: once, 21 times."""
    return "once" if number == 1 else f"{number:,} times"
