# SPDX-License-Identifier: Apache-2.0
"""What a run says at the end of a day: sums in, effects and harm out.

Rules:
1. every figure is a function of the tallies, the stops and the plan: nothing else is read
2. an arm is read up to the day it ended, and the control with it
3. a split that is not as meant voids every effect: there are none, and no evidence of harm
4. intervals told by day may be read on any day; the fixed ones and p hold at the planned end
5. p of the primary metric is adjusted for the arms it is asked of (Holm), that of all other
   questions for each other (Benjamini and Hochberg)
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from feed.experiments.ends import NONE, as_of, ended, last, until
from feed.experiments.estimates import Estimate, estimate
from feed.experiments.harms import evidence, harm_stops
from feed.experiments.looks import looks
from feed.experiments.metrics import METRICS, Metric
from feed.experiments.plan import Arm, Experiment
from feed.experiments.readings import Analysis, ArmCount, Effect, Harm, Point, State
from feed.experiments.record import Record, Stop
from feed.experiments.splits import split
from feed.experiments.tallies import Moments, Tally
from feed.statistics import multiple

__all__ = ["analyse", "harm_stops"]


def analyse(record: Record, day: int | None = None) -> Analysis:
    """Judge a run at the end of a day, the last by default, as it could be judged on that day."""
    days = until(record.days, day)
    today = days[-1].day if days else 0
    run = replace(record, days=days, stops=as_of(record.stops, today))
    verdict = split(run.experiment, days, run.stops)
    sound = verdict.verdict != "invalid"
    counts = tuple(_count(run, arm) for arm in run.experiment.arms)
    return Analysis(
        experiment=run.experiment.id,
        policy=run.experiment.policy,
        day=today,
        state=_state(run, today) if sound else "invalid",
        arms=counts,
        split=verdict,
        effects=_adjusted(run.experiment, _effects(run)) if sound else (),
        harms=_harms(run) if sound else (),
        censored=sum(arm.left for arm in counts),
    )


def _state(run: Record, today: int) -> State:
    ends = [ended(run.stops, arm.id) for arm in run.experiment.arms[1:]]
    if None not in ends:
        return "stopped"
    return "done" if today >= run.experiment.days else "running"


def _count(run: Record, arm: Arm) -> ArmCount:
    sums = last(run.days, arm.id)
    return ArmCount(
        id=arm.id,
        title=arm.title,
        subjects=sums.assigned,
        exposed=sums.exposed,
        withdrew=sums.withdrew,
        left=sums.left,
        stopped_day=ended(run.stops, arm.id),
    )


def _effects(run: Record) -> list[Effect]:
    plan = run.experiment
    asked = [(METRICS[name], arm) for name in plan.metrics for arm in plan.arms[1:]]
    found = (_effect(run, metric, arm) for metric, arm in asked)
    return [effect for effect in found if effect is not None]


def _effect(run: Record, metric: Metric, arm: Arm) -> Effect | None:
    control = run.experiment.control.id
    days = until(run.days, ended(run.stops, arm.id))
    each = [(one.day, _estimate(run.experiment, metric, one, arm.id)) for one in days]
    told = [(day, one) for day, one in each if one is not None]
    if not told or each[-1][1] is None:
        return None
    series = tuple(_point(day, one) for day, one in told)
    end = told[-1][1]
    primary = metric.id == run.experiment.primary
    return Effect(
        metric=metric.id,
        arm=arm.id,
        against=control,
        control=end.control,
        treated=end.treated,
        estimate=end.fixed.estimate,
        low=series[-1].low,
        high=series[-1].high,
        fixed_low=end.fixed.low,
        fixed_high=end.fixed.high,
        p=end.fixed.p,
        p_adjusted=end.fixed.p,
        method=end.method,
        series=series,
        looks=looks(run.experiment, told) if primary else (),
    )


def _estimate(plan: Experiment, metric: Metric, tally: Tally, arm: str) -> Estimate | None:
    control = _sums(tally, plan.control.id, metric.id)
    return estimate(plan, metric, control, _sums(tally, arm, metric.id))


def _sums(tally: Tally, arm: str, metric: str) -> Moments:
    return tally.arms[arm].metrics.get(metric, NONE) if arm in tally.arms else NONE


def _point(day: int, one: Estimate) -> Point:
    middle = one.fixed.estimate
    return Point(day=day, estimate=middle, low=middle - one.half, high=middle + one.half)


def _adjusted(plan: Experiment, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    primary = [effect for effect in effects if effect.metric == plan.primary]
    others = [effect for effect in effects if effect.metric != plan.primary]
    return (*_with(multiple.holm, primary), *_with(multiple.benjamini_hochberg, others))


def _with(
    adjust: Callable[[Sequence[float]], Sequence[float]], effects: Sequence[Effect]
) -> list[Effect]:
    ps = adjust([effect.p for effect in effects])
    return [replace(one, p_adjusted=p) for one, p in zip(effects, ps, strict=True)]


def _harms(run: Record) -> tuple[Harm, ...]:
    plan = run.experiment
    found = []
    for guardrail in plan.guardrails:
        for arm in plan.arms[1:]:
            end = ended(run.stops, arm.id)
            series = evidence(guardrail.metric, until(run.days, end), plan.control.id, arm.id)
            found.append(
                Harm(
                    metric=guardrail.metric,
                    arm=arm.id,
                    e_value=series[-1][1] if series else 1.0,
                    threshold=guardrail.threshold,
                    stopped_day=_stopped_by(run.stops, guardrail.metric, arm.id),
                    series=series,
                )
            )
    return tuple(found)


def _stopped_by(stops: Sequence[Stop], metric: str, arm: str) -> int | None:
    return next((stop.day for stop in stops if (stop.arm, stop.why) == (arm, metric)), None)
