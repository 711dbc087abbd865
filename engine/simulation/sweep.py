# SPDX-License-Identifier: Apache-2.0
"""How much of a result hangs on each assumption: the primary effect at both ends of its range.

One coefficient at a time, the others as they stand, the same people and the same numbers of
chance: what differs is the assumption. Nothing is stopped meanwhile, and each arm is read on the
day on which it was in the run itself. A sweep may live fewer people than the run: it tells by how
much an effect moves, and that is added to the run's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from types import MappingProxyType
from typing import Final

from consent import policies
from consent.policy import Policy
from engine.simulation import trial
from engine.simulation.coefficients import Coefficient, Coefficients
from engine.simulation.exposing import surface
from engine.simulation.setup import Setup, Watch
from engine.simulation.trial import Trial
from feed.experiments import records
from feed.experiments.analysis import analyse
from feed.experiments.record import Record, Swing

Effects = Mapping[str, float]
"""The primary effect of each arm."""
NEAREST: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "withdrew": ("withdraw", "surprised"),
        "engaged": ("engage",),
        "kept": ("hide", "report", "refuse"),
        "hidden": ("hide", "refuse"),
        "fewer": ("fewer", "refuse"),
        "reported": ("report", "refuse"),
        "surprised": ("surprised", "knew"),
        "knew-why": ("knew",),
        "taken-for-ad": ("advert", "knew"),
        "seconds-to-hide": ("seconds",),
    }
)
"""The topics that a metric hangs on most directly: enough for a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A run with one assumption set otherwise, to be lived again in whichever process."""

    terms: Setup
    run: bytes  #: the record without its days, as a file: processes exchange data
    numbers: int
    days: int


def swings(
    tried: Trial,
    run: Record,
    numbers: int,
    *,
    topics: Sequence[str] = (),
    processes: int = 1,
    watch: Watch = lambda *_: None,
) -> tuple[Swing, ...]:
    """Sweep every coefficient, or those of some topics; the widest swing first."""
    known = tried.setup.coefficients
    swept = [one for one in known.listed if not topics or one.name.split(".")[0] in topics]
    bare = replace(run, days=(), funnel=(), outcomes=())
    base = Variant(
        terms=replace(tried.setup),  # without what it has worked out so far
        run=records.write(bare),
        numbers=numbers,
        days=_last(run),
    )
    variants = [base, *(_with(base, known, one, end) for one in swept for end in _ends(one))]
    found = []
    for number, effects in enumerate(_lived(variants, processes), start=1):
        found.append(effects)
        watch("assumptions", number, len(variants))
    told = _told(run)
    pairs = zip(swept, found[1::2], found[2::2], strict=True)
    listed = [one for swung in pairs for one in _swings(told, found[0], *swung)]
    return tuple(sorted(listed, key=lambda one: -abs(one.high_effect - one.low_effect)))


def _ends(one: Coefficient) -> tuple[float, float]:
    return one.low, one.high


def _with(base: Variant, known: Coefficients, one: Coefficient, value: float) -> Variant:
    return replace(base, terms=replace(base.terms, coefficients=known.but(one.name, value)))


def _last(run: Record) -> int:
    """Name the last day on which any arm is read."""
    whole = min((stop.day for stop in run.stops if stop.arm is None), default=None)
    ends = {stop.arm: stop.day for stop in run.stops}
    each = [ends.get(arm.id, run.experiment.days) for arm in run.experiment.arms[1:]]
    return min(max(each), whole or run.experiment.days)


def _lived(variants: Sequence[Variant], processes: int) -> Iterator[Effects]:
    if processes == 1:
        yield from map(effects_of, variants)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(effects_of, variants)


def effects_of(one: Variant) -> Effects:
    """Live one variant, and tell the primary effect of each arm on its day."""
    run = records.read(one.run)
    tried = Trial(
        setup=one.terms,
        experiment=run.experiment,
        policy=_policy(run.experiment.policy),
        surface=surface(run.experiment),
    )
    course = trial.run(tried, one.numbers, days=one.days, stopping=False, lean=True)
    return _told(replace(run, days=tuple(course.days)))


@cache
def _policy(name: str) -> Policy:
    """Read a policy once a process, however many variants are lived under it."""
    return policies.load(name)


def _told(run: Record) -> Effects:
    """Tell the primary effects, and work out no others."""
    plan = replace(run.experiment, metrics=(run.experiment.primary,), guardrails=())
    return {e.arm: e.estimate for e in analyse(replace(run, experiment=plan)).effects}


def _swings(
    told: Effects, base: Effects, one: Coefficient, low: Effects, high: Effects
) -> Iterator[Swing]:
    for arm, effect in told.items():
        if arm in base and arm in low and arm in high:
            yield Swing(
                coefficient=one.name,
                arm=arm,
                low_value=one.low,
                high_value=one.high,
                low_effect=effect + low[arm] - base[arm],
                high_effect=effect + high[arm] - base[arm],
            )
