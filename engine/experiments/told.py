# SPDX-License-Identifier: Apache-2.0
"""A report as JSON: the shape of CONTRACTS, "experiment report --json", with more beside it.

A count or figure that is too small to be told is null (`suppression`); `suppressed_below` says
from how many people on there is one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from consent.words import rfc3339
from engine.experiments.report import Report
from engine.experiments.shapes import ClearedArm, ClearedEffect, ClearedHarm, ClearedStop
from engine.experiments.suppression import LEAST, Cell, Hidden


def told(report: Report) -> dict[str, Any]:
    """Write all of a report that has figures. Equal runs give equal bytes."""
    record, found, shown = report.record, report.analysis, report.cleared
    return {
        **head(report),
        "question": report.plan.question,
        "plan_sha256": report.plan_sha256,
        "started_at": rfc3339(record.started_at),
        "seed": record.seed,
        "suppressed_below": LEAST,
        "people": _open(shown.people),
        "arms": [_arm(one) for one in shown.arms],
        "srm": {"p": found.split.p, "verdict": found.split.verdict},
        "metrics": [_effect(one) for one in shown.effects],
        "guardrails": [_harm(report, one) for one in shown.harms],
        "stops": [_stop(one) for one in shown.stops],
        "censored": _open(shown.censored),
        "funnel": list(_funnel(report)),
        "reliability": [asdict(one) for one in shown.reliability],
        "sensitivity": [asdict(one) for one in record.sensitivity if shown.effects],
        "off_policy": [asdict(one) for one in shown.off_policy],
        "outcomes": [
            {"policy": one.policy, "days": one.days, **_opened(one.counts)}
            for one in shown.outcomes
        ],
    }


def head(report: Report) -> dict[str, Any]:
    """Say which run it is and where it stands, as a list of runs does."""
    return {
        "id": report.plan.id,
        "title": report.plan.title,
        "where": report.plan.where,
        "policy": report.plan.policy,
        "state": report.analysis.state,
        "day": report.analysis.day,
        "days": report.plan.days,
        "verdict": report.verdict.title,
    }


def _open(count: Cell) -> int | None:
    return None if isinstance(count, Hidden) else count


def _opened(counts: Mapping[str, Cell]) -> dict[str, int | None]:
    return {name: _open(count) for name, count in counts.items()}


def _arm(one: ClearedArm) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "subjects": _open(one.subjects),
        "exposed": _open(one.exposed),
        "withdrawn": _open(one.withdrew),
        "left": _open(one.left),
        "stopped_day": one.stopped_day,
    }


def _effect(one: ClearedEffect) -> dict[str, Any]:
    figures = asdict(one.told) if one.told else {}
    given = {name: figures.get(name) for name in ("estimate", "low", "high", "method")}
    more = {name: figures.get(name) for name in ("fixed_low", "fixed_high", "p", "p_adjusted")}
    return {
        "name": one.metric,
        "arm": one.arm,
        "against": one.against,
        "control": None if isinstance(one.control, Hidden) else one.control,
        "treated": None if isinstance(one.treated, Hidden) else one.treated,
        **given,
        **more,
        "series": figures.get("series", ()),
        "looks": figures.get("looks", ()),
    }


def _harm(report: Report, one: ClearedHarm) -> dict[str, Any]:
    stops = [stop for stop in report.record.stops if (stop.arm, stop.why) == (one.arm, one.metric)]
    return {
        "name": one.metric,
        "arm": one.arm,
        "e_value": one.e_value,
        "past_threshold": one.past,
        "threshold": one.threshold,
        "stopped_at": rfc3339(stops[0].at) if stops else None,
        "stopped_day": one.stopped_day,
        "series": one.series,
        "zones": one.zones,
    }


def _stop(one: ClearedStop) -> dict[str, Any]:
    return {**asdict(one.stop), "at": rfc3339(one.stop.at), "value": one.value}


def _funnel(report: Report) -> Iterator[dict[str, Any]]:
    for stage in report.cleared.funnel:
        lost = [{"why": one.why, "people": _open(one.people)} for one in stage.lost]
        yield {"title": stage.title, "people": _open(stage.people), "lost": lost}
