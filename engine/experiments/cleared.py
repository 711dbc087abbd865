# SPDX-License-Identifier: Apache-2.0
"""A run and what its sums say, cleared to be shown: small counts are gone from every part of it.

Rules, those of `suppression` applied:
1. arms: a count under 10 is hidden, and so is one that would give it away
2. effects: all of one arm's on one metric are withheld where fewer than 10 people made either
   side's figure, or where the arm's count of it is hidden; its series leaves such days out;
   an interval without width, as of what nobody did, would claim to be certain: it is left out
3. harm: on such days an e-value is told as no evidence, some, or past what stops an arm
4. a stop's counts, a policy's outcomes: as arms; what did it is told where these are, and a day's
   withdrawals only where they were ten
5. reliability: neighbouring bins are pooled until each holds enough
6. a ranker's value by the log of fewer than 10 people is no value
Pages, files and JSON are made of this and of nothing else that counts people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Final

from engine.experiments.shapes import (
    Cleared,
    ClearedArm,
    ClearedEffect,
    ClearedHarm,
    ClearedLoss,
    ClearedOutcome,
    ClearedStage,
    ClearedStop,
    Side,
    Zone,
)
from engine.experiments.suppression import LEAST, Cell, Hidden, Sum, small, told
from feed.experiments.metrics import METRICS, WITHDREW
from feed.experiments.readings import Analysis, ArmCount, Effect, Harm, Point
from feed.experiments.record import CEILING, Bin, OffPolicy, Outcome, Record, Stage, Stop
from feed.experiments.tallies import Moments, Tally

_COUNTS: Final = ("subjects", "exposed", "withdrew", "left")
_CENSORED: Final = "censored"
_PEOPLE: Final = "people"
_FEW: Final = "fewer than ten people"


def clear(record: Record, analysis: Analysis) -> Cleared:
    """Take out of a run and its analysis whatever is too small to be told."""
    counts, sums = _counted(record, analysis)
    cells = told(counts, sums, {f"{one.id} exposed" for one in analysis.arms})
    arms = tuple(_arm(one, cells) for one in analysis.arms)
    closed = {one.id for one in arms if isinstance(one.withdrew, Hidden)}
    days = {one.day: one for one in record.days}
    return Cleared(
        people=cells[_PEOPLE],
        arms=arms,
        censored=cells[_CENSORED],
        funnel=tuple(_funnel(record, cells)),
        effects=tuple(_effect(one, days, analysis.day, closed) for one in analysis.effects),
        harms=tuple(_harm(one, days, record, analysis, closed) for one in analysis.harms),
        stops=tuple(
            _stop(one, days, record.experiment.control.id, closed) for one in record.stops
        ),
        outcomes=tuple(map(_outcome, record.outcomes)),
        reliability=tuple(replace(one, bins=pooled(one.bins)) for one in record.reliability),
        off_policy=tuple(map(_off_policy, record.off_policy)),
    )


def _counted(record: Record, analysis: Analysis) -> tuple[dict[str, int], list[Sum]]:
    """Name every count that is shown, and the sums that a reader can make of them."""
    counts = {f"{one.id} {what}": getattr(one, what) for one in analysis.arms for what in _COUNTS}
    counts |= {_CENSORED: analysis.censored, _PEOPLE: record.people}
    sums = [_of(_CENSORED, analysis.arms, "left")]
    for one in analysis.arms:
        sums.append(Sum(total=f"{one.id} subjects", parts=(f"{one.id} exposed",)))
        sums.append(Sum(total=f"{one.id} exposed", parts=(f"{one.id} withdrew",)))
    before = _PEOPLE
    for place, stage in enumerate(record.funnel):
        here = f"stage {place}"
        lost = {f"{here} lost {number}": one.people for number, one in enumerate(stage.lost)}
        counts |= {here: stage.people, **lost}
        sums.append(Sum(total=before, parts=(here, *lost)))
        sums.extend(_of(here, analysis.arms, what) for what in _alike(stage, analysis.arms))
        before = here
    return counts, sums


def _alike(stage: Stage, arms: Sequence[ArmCount]) -> Iterator[str]:
    """Name the counts of arms that add up to a stage: one tells of the other."""
    for what in ("subjects", "exposed"):
        if stage.people == sum(getattr(one, what) for one in arms):
            yield what


def _of(total: str, arms: Sequence[ArmCount], what: str) -> Sum:
    return Sum(total=total, parts=tuple(f"{one.id} {what}" for one in arms))


def _arm(one: ArmCount, cells: Mapping[str, Cell]) -> ClearedArm:
    shown = {what: cells[f"{one.id} {what}"] for what in _COUNTS}
    return ClearedArm(id=one.id, title=one.title, stopped_day=one.stopped_day, **shown)


def _funnel(record: Record, cells: Mapping[str, Cell]) -> Iterator[ClearedStage]:
    for place, stage in enumerate(record.funnel):
        lost = (
            ClearedLoss(why=one.why, people=cells[f"stage {place} lost {number}"])
            for number, one in enumerate(stage.lost)
        )
        yield ClearedStage(title=stage.title, people=cells[f"stage {place}"], lost=tuple(lost))


def _small(days: Mapping[int, Tally], day: int, arm: str, metric: str) -> bool:
    """Say whether too few people made a figure; a day that nobody counted is no figure."""
    sums = days[day].arms[arm].metrics.get(metric) if day in days else None
    return sums is None or small(sums.any)


def _effect(one: Effect, days: Mapping[int, Tally], day: int, closed: set[str]) -> ClearedEffect:
    at = one.series[-1].day if one.series else day
    hide = {
        arm: _small(days, at, arm, one.metric) or (one.metric == WITHDREW and arm in closed)
        for arm in (one.against, one.arm)
    }
    series = tuple(point for point in one.series if not _either(days, point, one))
    dates = {point.day for point in series}
    looks = tuple(look for look in one.looks if look.day in dates)
    shown = replace(one, series=series, looks=looks)
    return ClearedEffect(
        metric=one.metric,
        arm=one.arm,
        against=one.against,
        control=Hidden.UNDER if hide[one.against] else one.control,
        treated=Hidden.UNDER if hide[one.arm] else one.treated,
        told=None if any(hide.values()) or one.low == one.high else shown,
    )


def _either(days: Mapping[int, Tally], point: Point, one: Effect) -> bool:
    return any(_small(days, point.day, arm, one.metric) for arm in (one.against, one.arm))


def _harm(
    one: Harm,
    days: Mapping[int, Tally],
    record: Record,
    analysis: Analysis,
    closed: set[str],
) -> ClearedHarm:
    both = (analysis.arms[0].id, one.arm)
    given = one.metric == WITHDREW and not closed.isdisjoint(both)

    def hide(day: int) -> bool:
        return given or any(_small(days, day, arm, one.metric) for arm in both)

    last = one.series[-1][0] if one.series else analysis.day
    return ClearedHarm(
        metric=one.metric,
        arm=one.arm,
        e_value=None if hide(last) else one.e_value,
        past=one.e_value >= one.threshold,
        threshold=one.threshold,
        stopped_day=one.stopped_day if one.stopped_day is not None else _ceiling(one, record),
        series=tuple((day, value) for day, value in one.series if not hide(day)),
        zones=tuple((day, _zone(value, one.threshold)) for day, value in one.series),
    )


def _ceiling(one: Harm, record: Record) -> int | None:
    """Name the day on which an arm passed the policy's ceiling of what this guardrail counts."""
    mine = [stop.day for stop in record.stops if (stop.arm, stop.why) == (one.arm, CEILING)]
    return mine[0] if mine and one.metric == WITHDREW else None


def _zone(value: float, threshold: float) -> Zone:
    if value >= threshold:
        return "past"
    return "some" if value > 1 else "none"


def _stop(one: Stop, days: Mapping[int, Tally], control: str, closed: set[str]) -> ClearedStop:
    metric = WITHDREW if one.why == CEILING else one.why
    if metric not in METRICS:
        return ClearedStop(stop=one, value=one.value, arm=None, control=None)
    if one.day not in days:
        return ClearedStop(stop=one, value=None, arm=None, control=None)
    arms = days[one.day].arms
    told_of, held_against = (
        _side(arms[name].metrics.get(metric), hide=metric == WITHDREW and name in closed)
        for name in (one.arm or control, control)
    )
    hidden = any(
        side is not None and isinstance(side.people, Hidden) for side in (told_of, held_against)
    )
    if one.why == CEILING:
        hidden = hidden or _few_that_day(days, one.day, one.arm or control)
    value = None if hidden else one.value
    if one.arm is None:
        return ClearedStop(stop=one, value=value, arm=None, control=None)
    return ClearedStop(stop=one, value=value, arm=told_of, control=held_against)


def _few_that_day(days: Mapping[int, Tally], day: int, arm: str) -> bool:
    """Say whether fewer than ten turned portraits off since the tally before."""
    before = max((one for one in days if one < day), default=None)
    return (
        days[day].arms[arm].withdrew - (days[before].arms[arm].withdrew if before else 0) < LEAST
    )


def _side(sums: Moments | None, *, hide: bool) -> Side | None:
    if sums is None:
        return None
    cells = told({"people": sums.any, "of": sums.n}, [Sum(total="of", parts=("people",))])
    people = Hidden.WITHHELD if hide and cells["people"] != Hidden.UNDER else cells["people"]
    return Side(people=people, of=cells["of"])


def _outcome(one: Outcome) -> ClearedOutcome:
    table = {f.name: getattr(one, f.name) for f in fields(Outcome)}
    counts = {name: count for name, count in table.items() if name not in {"policy", "days"}}
    sums = [Sum(total="people", parts=("reached",)), Sum(total="reached", parts=("withdrew",))]
    return ClearedOutcome(policy=one.policy, days=one.days, counts=told(counts, sums))


def _off_policy(one: OffPolicy) -> OffPolicy:
    if not small(one.people):
        return one
    return replace(one, value=None, low=None, high=None, truth=None, people=0, why=_FEW)


def pooled(bins: Sequence[Bin]) -> tuple[Bin, ...]:
    """Join neighbouring bins until each holds ten predictions, and ten that came true or none."""
    done: list[Bin] = []
    for one in bins:
        done.append(_joined(done.pop(), one) if done and _thin(done[-1]) else one)
    while len(done) > 1 and _thin(done[-1]):
        last = done.pop()
        done.append(_joined(done.pop(), last))
    return tuple(one for one in done if not _thin(one))


def _thin(one: Bin) -> bool:
    return one.n < LEAST or small(round(one.n * one.observed))


def _joined(one: Bin, other: Bin) -> Bin:
    n = one.n + other.n
    return Bin(
        n=n,
        predicted=(one.n * one.predicted + other.n * other.predicted) / n if n else 0.0,
        observed=(one.n * one.observed + other.n * other.observed) / n if n else 0.0,
    )
