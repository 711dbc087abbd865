# SPDX-License-Identifier: Apache-2.0
"""What was found, each finding one sentence that is true of the figures below it.

Rules:
1. a split that is not as meant comes before everything: nothing else is said then
2. what was stopped comes next, with what it did, and that only a named person can undo it
3. then the question that the experiment was made for; `no difference` is never said to be shown
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from consent.words import rfc3339
from engine.experiments import figures
from engine.experiments.shapes import (
    Cleared,
    ClearedEffect,
    ClearedHarm,
    ClearedStage,
    ClearedStop,
    Side,
)
from engine.experiments.suppression import Cell, Hidden
from feed.experiments.metrics import METRICS, Metric
from feed.experiments.plan import Arm, Experiment
from feed.experiments.readings import Analysis, Effect, Look
from feed.experiments.record import CEILING, RESTORED, SPLIT, Record, Swing

TOO_FEW: Final = "too few to compare"
Kind = Literal["bad", "good", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The one thing to read: something is wrong, it is sound, or it is not known yet."""

    kind: Kind
    title: str
    text: str
    seqs: tuple[int, ...] = ()  #: entries that say so


def verdict(record: Record, analysis: Analysis, cleared: Cleared) -> Verdict:
    """Say what matters most about a run."""
    if analysis.state == "invalid":
        return _invalid(analysis, cleared)
    stops = [one for one in cleared.stops if one.stop.lifted_day is None]
    if stops:
        return _stopped(record.experiment, stops)
    if analysis.split.verdict == "too-few":
        return _too_few(analysis)
    return _found(record.experiment, analysis, cleared)


def _invalid(analysis: Analysis, cleared: Cleared) -> Verdict:
    people = ", ".join(f"{one.title}: {cell(one.exposed)}" for one in cleared.arms)
    text = (
        f"Counted were {people}. So uneven a split comes by chance with p "
        f"{figures.p_value(analysis.split.p)}: something decided who was counted. Below p = 0.001 "
        "no effect is shown, whatever the figures say."
    )
    return Verdict(kind="bad", title="People were not split as meant", text=text)


def _too_few(analysis: Analysis) -> Verdict:
    text = f"Day {analysis.day}: fewer people than the plan needs in an arm. Nothing is compared."
    return Verdict(kind="open", title="Too few people to say anything", text=text)


def _stopped(plan: Experiment, stops: Sequence[ClearedStop]) -> Verdict:
    by_itself = [one for one in stops if one.stop.by is None]
    text = " ".join(stop(plan, one) for one in stops)
    if by_itself:
        text += " The stop was automatic, and only a named person can undo it."
    return Verdict(
        kind="bad",
        title=_stop_title(stops, by_itself),
        text=text,
        seqs=tuple(one.stop.seq for one in stops if one.stop.seq is not None),
    )


def _stop_title(stops: Sequence[ClearedStop], by_itself: Sequence[ClearedStop]) -> str:
    if not by_itself:
        return f"Stopped by hand on day {stops[0].stop.day}"
    if any(one.stop.arm is None for one in by_itself):
        return f"All of it was stopped on day {by_itself[0].stop.day}"
    if len(by_itself) == 1:
        return f"One arm was stopped for harm on day {by_itself[0].stop.day}"
    return f"{len(by_itself)} arms were stopped for harm"


def stop(plan: Experiment, one: ClearedStop) -> str:
    """Say what was stopped, when and why."""
    which = plan.arm(one.stop.arm).title if one.stop.arm else "The whole experiment"
    return f"{which}, day {one.stop.day}: {why(plan, one)}."


def why(plan: Experiment, one: ClearedStop) -> str:
    """Say why something was stopped."""
    if one.stop.by is not None:
        return f"by hand, {one.stop.by}"
    if one.stop.why == CEILING:
        said = "more people turned portraits off in a day than the policy allows"
        if one.value is not None:
            people = f"{one.value:.3g} of 1,000 people"
            said = f"{people} turned portraits off in a day, more than the policy allows"
        return f"{said}; by then {_sides(plan, one)}" if one.arm and one.control else said
    if one.stop.why == SPLIT:
        return f"people were not split as meant, p {figures.p_value(one.stop.value)}"
    if one.stop.why == RESTORED:
        return "a backup was restored, and not all that was counted came with it"
    did = METRICS[one.stop.why].title.lower() if one.stop.why in METRICS else one.stop.why
    if one.arm is None or one.control is None:
        return did if one.value is None else f"{did}, e-value {figures.e_value(one.value)}"
    return f"{did}: {_sides(plan, one)}"


def _sides(plan: Experiment, one: ClearedStop) -> str:
    sides = [_side(side) for side in (one.arm, one.control) if side is not None]
    return f"{', against '.join(sides)} with {plan.control.title}"


def _side(one: Side) -> str:
    return f"{cell(one.people)} of {cell(one.of)} people"


def _found(plan: Experiment, analysis: Analysis, cleared: Cleared) -> Verdict:
    primary = [one for one in cleared.effects if one.metric == plan.primary]
    clear = [one.told for one in primary if one.told is not None and differs(one.told)]
    over = analysis.state == "done"
    text = " ".join(effect(plan, one) for one in primary) or "Nothing was counted yet."
    if clear:
        named = " and ".join(plan.arm(one.arm).title for one in clear)
        title = f"{named}: a difference in what was asked"
        return Verdict(kind="good", title=title, text=text)
    title = "No difference could be told" if over else f"Day {analysis.day} of {plan.days}: open"
    return Verdict(kind="open", title=title, text=text)


def differs(one: Effect) -> bool:
    """Say whether the interval that may be read on any day leaves nothing out."""
    return not one.low <= 0.0 <= one.high


def effect(plan: Experiment, one: ClearedEffect) -> str:
    """Say what one arm does to one metric."""
    metric, title = METRICS[one.metric], plan.arm(one.arm).title
    if one.told is None:
        return f"{title}: {'withheld, fewer than ten people' if one.hidden else TOO_FEW}."
    amount, low, high = interval(one.told)
    said = f"{title}: {amount} {metric.unit} ({low} to {high})."
    return " ".join((said, *map(_look, one.told.looks[-1:])))


def _look(one: Look) -> str:
    """Say what a planned look shows."""
    shows = "a difference" if one.decided else "nothing decided"
    return (
        f"Planned look on day {one.day}: {abs(one.deviations):.1f} deviations, "
        f"{one.bound:.1f} decide: {shows}."
    )


def interval(one: Effect) -> tuple[str, str, str]:
    """Write an estimate and the interval that may be read on any day, in digits that count."""
    decimals = figures.digits((one.high - one.low) / 2)
    three = (figures.signed(value, decimals) for value in (one.estimate, one.low, one.high))
    return next(three), next(three), next(three)


def safety(plan: Experiment, harms: Sequence[ClearedHarm]) -> str:
    """Say of every arm what one guardrail shows."""
    return " ".join(_harm(plan, one) for one in harms)


def _harm(plan: Experiment, one: ClearedHarm) -> str:
    title = plan.arm(one.arm).title
    if one.stopped_day is not None:
        crossed = "crossed the threshold and " if one.past else ""
        return f"{title} {crossed}was stopped on day {one.stopped_day}."
    if one.past:
        return f"{title} crossed the threshold."
    if one.e_value is None:
        return f"{title}: too few to tell, and below the threshold."
    if one.e_value <= 1:
        return f"{title} shows no sign of harm."
    return f"{title}: some evidence of harm, too little to stop it."


def lead(record: Record, analysis: Analysis) -> str:
    """Say whom it was tried on and how far it got."""
    plan = record.experiment
    whom = "Simulated people" if plan.where == "simulation" else "People who agreed to experiments"
    begun = rfc3339(record.started_at)[:10]
    return f"{whom}, {len(plan.arms)} arms, day {analysis.day} of {plan.days}, from {begun} on."


def funnel(stages: Sequence[ClearedStage]) -> str:
    """Say how many of all got to the end."""
    if not stages:
        return ""
    first, last = stages[0], stages[-1]
    return f"Of {cell(first.people)} people, {cell(last.people)} got here: {last.title.lower()}."


def history(plan: Experiment, shown: Cleared) -> str:
    """Say what ran to its end, and how many were let in."""
    stopped = [one for one in shown.stops if one.stop.lifted_day is None]
    arms = "One arm was" if len(stopped) == 1 else f"{len(stopped)} arms were"
    said = f"{arms} stopped." if stopped else "Nothing was stopped."
    if any(one.stop.arm is None for one in stopped):
        said = "All of it was stopped."
    if len(plan.ramp) == 1:
        return said
    steps = ", ".join(f"{one.percent} % from day {one.day}" for one in plan.ramp)
    return f"{said} Of its people, {steps} could come in."


def swings(arm: Arm, metric: Metric, found: Effect | None, rows: Sequence[Swing]) -> str:
    """Say whether any assumption turns what was found round."""
    ends = [end for one in rows for end in (one.low_effect, one.high_effect)]
    if found is None:
        apart = figures.digits((max(ends) - min(ends)) / 2)
        low, high = (figures.signed(end, apart) for end in (min(ends), max(ends)))
        return f"{arm.title}, {metric.unit}: {low} to {high} over all of them."
    turned = sum(_turns(found, one) for one in rows)
    many = f"{turned or 'None'} of {len(rows)} assumptions"
    return f"{arm.title}: {interval(found)[0]} {metric.unit}. {many} would turn it round."


def _turns(found: Effect, one: Swing) -> bool:
    """Say whether an effect has the other sign at either end of an assumption."""
    return any((end > 0) != (found.estimate > 0) for end in (one.low_effect, one.high_effect))


def cell(count: Cell) -> str:
    """Write a count, or why it is not told."""
    return count.value if isinstance(count, Hidden) else f"{count:,}"


def title_of(metric: str) -> str:
    """Name a metric as pages do."""
    return METRICS[metric].title
