# SPDX-License-Identifier: Apache-2.0
"""One run of an experiment as values that a template only has to place.

Nothing here names anybody but who started or stopped something, and every count of people went
through `cleared`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments import cleared as clearing
from engine.experiments import rows, sentences
from engine.experiments.charts.bands import Bands, bands
from engine.experiments.charts.evidence import Evidence, evidence
from engine.experiments.charts.history import History, history
from engine.experiments.charts.ranges import Ranges, ranges
from engine.experiments.charts.reliability import Squares, squares
from engine.experiments.charts.swings import Swings, swings
from engine.experiments.rows import Comparison, Step, Stopped
from engine.experiments.sentences import Verdict
from engine.experiments.shapes import Cleared, ClearedEffect, ClearedHarm
from feed.experiments.metrics import METRICS, Metric
from feed.experiments.plan import Arm, Experiment
from feed.experiments.readings import Analysis, Effect
from feed.experiments.record import OffPolicy, Record
from feed.experiments.records import plan_sha256

OVERALL: Final = "value"
"""What a ranker is worth by all outcomes together, as its policy weighs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One guardrail over all arms."""

    metric: Metric
    take: str
    drawn: Evidence | None  #: None where there is no day to draw

    @property
    def rough(self) -> bool:
        """Say whether there are days of which only the zone is drawn."""
        return self.drawn is not None and any(line.rough for line in self.drawn.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The primary effect of one arm under other assumptions."""

    arm: Arm
    take: str
    drawn: Swings
    rows: tuple[tuple[str, str, str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a page shows of one run."""

    record: Record
    plan_sha256: str
    analysis: Analysis
    cleared: Cleared
    verdict: Verdict
    lead: str
    guards: tuple[Guard, ...]
    effect_take: str
    effect: Bands | None
    effect_metric: Metric  #: the primary one, unless nothing of it may be drawn
    days: tuple[tuple[int, str, str, str, str], ...]
    comparisons: tuple[Comparison, ...]
    funnel: tuple[Step, ...]
    funnel_take: str
    history: History
    history_take: str
    stops: tuple[Stopped, ...]
    reliability: Squares | None
    sensitivity: tuple[Sensitivity, ...]
    off_policy: Ranges | None
    facts: tuple[tuple[str, str], ...]

    @property
    def plan(self) -> Experiment:
        """Return the experiment."""
        return self.record.experiment

    @property
    def primary(self) -> Metric:
        """Return what it was asked about."""
        return METRICS[self.plan.primary]

    @property
    def with_truth(self) -> bool:
        """Say whether any estimate can be held against the truth."""
        return any(one.truth is not None for one in self.valued)

    @property
    def valued(self) -> Sequence[OffPolicy]:
        """Return the estimates of what matters most: value in all, or else the first outcome."""
        return _valued(self.cleared.off_policy)

    @property
    def by_head(self) -> Sequence[OffPolicy]:
        """Return the estimates of the other outcomes."""
        return [one for one in self.cleared.off_policy if one not in self.valued]

    @property
    def outcome_names(self) -> Sequence[tuple[str, str]]:
        """Return what is told of each policy, and under which title."""
        return tuple(rows.OUTCOMES.items())


def _valued(found: Sequence[OffPolicy]) -> Sequence[OffPolicy]:
    outcomes = [one.outcome for one in found]
    chosen = OVERALL if OVERALL in outcomes else next(iter(outcomes), OVERALL)
    return [one for one in found if one.outcome == chosen]


def build(record: Record, analysis: Analysis) -> Report:
    """Lay a run and what its sums say out for readers."""
    plan, shown = record.experiment, clearing.clear(record, analysis)
    last = max(plan.days, analysis.day)
    titles = {one.id: one.title for one in plan.arms}
    primary = [one for one in shown.effects if one.metric == plan.primary]
    metric, drawn = _drawn(plan, shown)
    whole = next((one.day for one in record.stops if one.arm is None), None)
    return Report(
        record=record,
        plan_sha256=plan_sha256(plan),
        analysis=analysis,
        cleared=shown,
        verdict=sentences.verdict(record, analysis, shown),
        lead=sentences.lead(record, analysis),
        guards=tuple(_guards(plan, shown, titles, last)),
        effect_take=" ".join(sentences.effect(plan, one) for one in primary),
        effect=bands(drawn, titles, last) if drawn else None,
        effect_metric=metric,
        days=tuple(rows.days(plan, drawn)),
        comparisons=tuple(rows.comparisons(plan, shown)),
        funnel=tuple(rows.funnel(shown.funnel)),
        funnel_take=sentences.funnel(shown.funnel),
        history=history(shown.arms, plan.ramp, analysis.day, last, whole),
        history_take=sentences.history(plan, shown),
        stops=tuple(rows.stops(plan, shown)),
        reliability=squares(shown.reliability) if shown.reliability else None,
        sensitivity=tuple(_sensitivity(record, primary)),
        off_policy=ranges(_valued(shown.off_policy)),
        facts=tuple(rows.facts(record)),
    )


def _drawn(plan: Experiment, shown: Cleared) -> tuple[Metric, Sequence[Effect]]:
    """Choose what is drawn over days: what was asked, or else what differs, trust first."""
    told = [one.told for one in shown.effects if one.told is not None and one.told.series]
    mine = [one for one in told if one.metric == plan.primary]
    others = [one for one in told if sentences.differs(one) and len(one.series) > 1]
    first = sorted(others, key=lambda one: not METRICS[one.metric].trust)[:1]
    chosen = plan.primary if mine or not first else first[0].metric
    return METRICS[chosen], [one for one in told if one.metric == chosen]


def _guards(
    plan: Experiment, shown: Cleared, titles: Mapping[str, str], last: int
) -> Iterator[Guard]:
    for rail in plan.guardrails:
        harms = [one for one in shown.harms if one.metric == rail.metric]
        if harms:
            yield Guard(
                metric=METRICS[rail.metric],
                take=sentences.safety(plan, harms),
                drawn=evidence(harms, titles, last) if any(map(_seen, harms)) else None,
            )


def _seen(harm: ClearedHarm) -> bool:
    """Say whether there is anything to draw of an arm."""
    return bool(harm.zones)


def _sensitivity(record: Record, primary: Sequence[ClearedEffect]) -> Iterator[Sensitivity]:
    for one in primary:
        found = [swing for swing in record.sensitivity if swing.arm == one.arm]
        if found:
            arm = record.experiment.arm(one.arm)
            yield Sensitivity(
                arm=arm,
                take=sentences.swings(arm, METRICS[one.metric], one.told, found),
                drawn=swings(found, one.told.estimate if one.told else None),
                rows=tuple(rows.swings(found)),
            )
