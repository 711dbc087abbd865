# SPDX-License-Identifier: Apache-2.0
"""The tables of a report, written out: metrics, days, funnel, stops, assumptions, the plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.experiments import figures, sentences
from engine.experiments.charts.swings import widest
from engine.experiments.shapes import Cleared, ClearedEffect, ClearedLoss, ClearedStage
from engine.experiments.suppression import Cell, Hidden
from feed.experiments.metrics import METRICS, Metric
from feed.experiments.plan import SEGMENTS, Arm, Experiment, Setting
from feed.experiments.readings import Effect
from feed.experiments.record import Record, Swing

OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "people": "People",
        "reached": "Shown one at least",
        "withdrew": "Turned portraits off",
        "visits": "Visits",
        "shown": "Portraits shown",
        "engaged": "Liked or shared",
        "hidden": "Hidden",
        "fewer": "Asked for fewer",
        "reported": "Reported",
        "surprised": "Surprised to see it",
        "knew_why": "Knew why it was there",
        "taken_for_ad": "Took it for an ad",
    }
)
"""What is told of a policy's outcome, in this order."""
_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {"feed": "the feed", "simulation": "simulated people"}
)
_LEVERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "per_day": "at most a day",
        "per_week": "at most a week",
        "cooldown_hours": "hours of rest after a hide",
        "first": "first place in the feed",
        "gap": "posts between two",
        "visible_to": "label",
        "preview": "asks before the first one",
        "ranker": "ideas are drawn by",
        "recipe": "portraits are made by",
        "policy": "policy",
        "notice": "wording of the notice",
    }
)
_DAYS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One metric of one arm, written out."""

    metric: Metric
    primary: bool
    control: str
    treated: str
    estimate: str
    low: str
    high: str
    p: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One arm against the control: what people did, and whether they trusted it."""

    arm: Arm
    engagement: tuple[Row, ...]
    trust: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of the funnel, as shares of a hundred; None where a count is not told."""

    stage: ClearedStage
    share: float | None
    before: float | None

    @property
    def lost(self) -> Sequence[ClearedLoss]:
        """Return why some were lost; what nobody was lost to is not said."""
        return [one for one in self.stage.lost if one.people != 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """One stop, written out."""

    day: int
    text: str
    lifted: str
    seq: int | None


def comparisons(plan: Experiment, shown: Cleared) -> Iterator[Comparison]:
    """Write every arm's metrics out, what people did and whether they trust it."""
    for arm in plan.arms[1:]:
        rows = [_row(plan, one) for one in shown.effects if one.arm == arm.id]
        if rows:
            yield Comparison(
                arm=arm,
                engagement=tuple(one for one in rows if not one.metric.trust),
                trust=tuple(one for one in rows if one.metric.trust),
            )


def _row(plan: Experiment, one: ClearedEffect) -> Row:
    found = one.told
    width = (found.high - found.low) / 2 if found else 0.0
    none = Hidden.WITHHELD.value if one.hidden else sentences.TOO_FEW
    estimate, low, high = sentences.interval(found) if found else (none, "", "")
    return Row(
        metric=METRICS[one.metric],
        primary=one.metric == plan.primary,
        control=_figure(one.control, figures.digits(width)),
        treated=_figure(one.treated, figures.digits(width)),
        estimate=estimate,
        low=low,
        high=high,
        p=figures.p_value(found.p_adjusted) if found else "",
        differs=found is not None and sentences.differs(found),
    )


def _figure(value: float | Hidden, decimals: int) -> str:
    return value.value if isinstance(value, Hidden) else figures.plain(value, decimals)


def days(plan: Experiment, effects: Sequence[Effect]) -> Iterator[tuple[int, str, str, str, str]]:
    """Write an estimate and its interval on some days of each arm, the first and last too."""
    for one in effects:
        every = max(1, -(-len(one.series) // _DAYS))
        chosen = {*one.series[:1], *one.series[every - 1 :: every], *one.series[-1:]}
        decimals = figures.digits((one.high - one.low) / 2)
        for point in sorted(chosen, key=lambda point: point.day):
            three = (point.estimate, point.low, point.high)
            estimate, low, high = (figures.signed(value, decimals) for value in three)
            yield point.day, plan.arm(one.arm).title, estimate, low, high


def funnel(stages: Sequence[ClearedStage]) -> Iterator[Step]:
    """Measure every stage by the first one."""
    most = stages[0].people if stages else 0
    before: float | None = 100.0
    for stage in stages:
        share = _share(stage.people, most)
        yield Step(stage=stage, share=share, before=before if share is not None else None)
        before = share if share is not None else before


def _share(count: Cell, most: Cell) -> float | None:
    if isinstance(count, Hidden) or isinstance(most, Hidden) or not most:
        return None
    return round(100 * count / most, 2)


def stops(plan: Experiment, shown: Cleared) -> Iterator[Stopped]:
    """Write out what was stopped, and who let it run again."""
    for one in shown.stops:
        lifted = one.stop.lifted_day
        yield Stopped(
            day=one.stop.day,
            text=sentences.stop(plan, one),
            lifted=f"Let run again on day {lifted} by {one.stop.lifted_by}." if lifted else "",
            seq=one.stop.seq,
        )


def swings(rows: Sequence[Swing]) -> Iterator[tuple[str, str, str, str, str]]:
    """Write out what each assumption was set to, and what came of it."""
    widths = [abs(one.high_effect - one.low_effect) for one in rows]
    decimals = figures.digits(max(widths, default=0.0) / 2)
    for one in widest(rows):
        ends = (one.low_effect, one.high_effect)
        low, high = (figures.signed(value, decimals) for value in ends)
        yield one.coefficient, f"{one.low_value:g}", low, f"{one.high_value:g}", high


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """Write the plan out, as it was before anybody was counted."""
    plan = record.experiment
    low, high = plan.segments
    yield "Runs on", _PLACES[plan.where]
    yield "Policy that admits the arms", plan.policy
    yield "People", f"{figures.percent((high - low) / SEGMENTS)} of namespace {plan.namespace}"
    yield "Days", f"{plan.days}"
    yield "People it needs", f"{plan.needed:,} an arm"
    yield "Primary question", METRICS[plan.primary].title
    for rail in plan.guardrails:
        stops = f"stops at {rail.threshold:g}, {figures.percent(rail.level)} by chance"
        yield f"Guardrail: {METRICS[rail.metric].title}", stops
    for arm in plan.arms:
        yield f"{arm.title}, share {arm.share}", _levers(arm.levers)
    if record.seed is not None:
        yield "Seed", f"{record.seed}"


def _levers(levers: Mapping[str, Setting]) -> str:
    said = (f"{_LEVERS.get(name, name)}: {_setting(value)}" for name, value in levers.items())
    return "; ".join(said) or "as the policy has it"


def _setting(value: Setting) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value}"
