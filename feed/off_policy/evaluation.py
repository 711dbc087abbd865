# SPDX-License-Identifier: Apache-2.0
"""Value a target by a log: one number with its interval, or the reason why there is none.

Rules:
1. more than `MOST_UNSUPPORTED` of the target's mass on what the log could not have drawn: no
   number, the share is told instead. A stricter target is always supported, a looser one is not
2. what little is unsupported or clipped widens the interval by all it could be worth; nothing is
   told as worth less than the worst reward or more than the best one
3. fewer people or fewer effective decisions than needed: no number; nor where the log was not
   drawn with the lotteries it keeps (feed/off_policy/honesty)
4. a target beats another one only where the whole interval of the difference does
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from feed.experiments.record import OffPolicy
from feed.features import Matrix
from feed.off_policy import estimators, honesty, intervals
from feed.off_policy.estimators import Estimate
from feed.off_policy.intervals import Interval, Room
from feed.off_policy.logs import Log
from feed.off_policy.weights import Weights, weigh

Estimator = Literal["ips", "snips", "dr"]
Method = Literal["sandwich", "bootstrap", "bernstein"]
MOST_UNSUPPORTED: Final = 0.01
FEWEST_PEOPLE: Final = 30
FEWEST_EFFECTIVE: Final = 30.0
LEAST_FIT: Final = 0.001
CONFIDENCE: Final = 0.95
_SEED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to value: by which estimator, with which interval. `clip` None: weights as they are."""

    estimator: Estimator = "snips"
    method: Method = "sandwich"
    clip: float | None = None
    confidence: float = CONFIDENCE


USUAL: Final = Way()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A ranker to be valued: its lottery for every logged decision. Shapes: (n, k) each.

    `foretold` is what each action would have earned (feed/off_policy/direct): the same for all
    targets on one log, needed for the doubly robust estimate only.
    """

    name: str
    chances: Matrix
    foretold: Matrix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a target is worth above another one, by the same decisions. None: no number, `why`."""

    value: float | None
    low: float | None
    high: float | None
    why: str | None = None

    @property
    def better(self) -> bool:
        """Say whether all of the interval is above 0."""
        return self.low is not None and self.low > 0.0


def evaluate(
    log: Log,
    target: Target,
    way: Way = USUAL,
    *,
    outcome: str = "value",
    truth: float | None = None,
) -> OffPolicy:
    """Value one target, a decision. `outcome` and `truth` are told as they came.

    Errors: Misused(unreadable) for a target that is no lottery; ValueError for a way that this
    log or target does not bear, the caller's fault.
    """
    weights = weigh(log, target.chances, clip=way.clip)
    why, value, interval = missing(log, weights), None, None
    if why is None:
        estimate = _estimate(log, target, weights, way)
        value = min(max(estimate.value, log.low), log.high)
        interval = _widened(log, (weights,), _inner(log, weights, estimate, way))
        interval = _within(interval, log.low, log.high)
    return OffPolicy(
        target=target.name,
        estimator=way.estimator,
        value=value,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        ess=weights.effective,
        largest_weight=weights.largest,
        unsupported=weights.unsupported,
        truth=truth,
        outcome=outcome,
        decisions=len(log),
        people=len(np.unique(log.subject)),
        why=why,
    )


def compare(log: Log, target: Target, other: Target, way: Way = USUAL) -> Difference:
    """Hold a target against another one, decision by decision: what they share cancels.

    The interval is the sandwich, whatever the way. Errors: as `evaluate`.
    """
    both = tuple(weigh(log, one.chances, clip=way.clip) for one in (target, other))
    why = next((w for w in (missing(log, weights) for weights in both) if w is not None), None)
    if why is not None:
        return Difference(value=None, low=None, high=None, why=why)
    mine = _estimate(log, target, both[0], way)
    theirs = _estimate(log, other, both[1], way)
    gap = Estimate(value=mine.value - theirs.value, parts=mine.parts - theirs.parts)
    room = _room(log, both[0].weight - both[1].weight)
    inner = intervals.sandwich(gap, log.subject, way.confidence, room=room)
    interval = _within(_widened(log, both, inner), -log.spread, log.spread)
    return Difference(value=gap.value, low=interval.low, high=interval.high)


def missing(log: Log, weights: Weights) -> str | None:
    """Say why there is no number; None where there is one."""
    people = len(np.unique(log.subject))
    if weights.unsupported > MOST_UNSUPPORTED:
        return f"{weights.unsupported:.1%} of its choices could not have been logged"
    if people < FEWEST_PEOPLE:
        return f"{people} people, {FEWEST_PEOPLE} are needed"
    if weights.effective < FEWEST_EFFECTIVE:
        return f"the log says as much as {weights.effective:.0f} decisions of its own"
    if honesty.fit(log) < LEAST_FIT:
        return "the log was not drawn with the chances it keeps"
    return None


def _inner(log: Log, weights: Weights, estimate: Estimate, way: Way) -> Interval:
    """Bound an estimate by people's spread. The bootstrap's draws depend on nothing but people."""
    if way.method == "sandwich":
        room = _room(log, weights.weight)
        return intervals.sandwich(estimate, log.subject, way.confidence, room=room)
    if way.method == "bootstrap":
        return intervals.bootstrap(estimate, log.subject, way.confidence, seed=_SEED)
    if way.estimator == "snips" or not math.isfinite(weights.bound):
        raise ValueError("Bernstein's bound needs a mean, and lotteries or a clip")
    widest = weights.bound if way.estimator == "ips" else 1.0 + 2.0 * weights.bound
    spread = widest * log.spread
    return intervals.bernstein(estimate, log.subject, way.confidence, spread=spread)


def _widened(log: Log, weights: tuple[Weights, ...], inner: Interval) -> Interval:
    """Widen an interval by all that left-out mass could be worth."""
    margin = sum(one.unsupported + one.clipped for one in weights) * log.spread
    return Interval(low=inner.low - margin, high=inner.high + margin)


def _within(interval: Interval, low: float, high: float) -> Interval:
    return Interval(low=max(interval.low, low), high=min(interval.high, high))


def _room(log: Log, weight: Matrix) -> Room:
    """Say what one event more could do: that of the largest weight, or of a difference of two."""
    more, less = max(float(weight.max()), 0.0), max(float(-weight.min()), 0.0)
    return Room(
        down=max(-more * log.low, less * log.high), up=max(more * log.high, -less * log.low)
    )


def _estimate(log: Log, target: Target, weights: Weights, way: Way) -> Estimate:
    if way.estimator == "ips":
        return estimators.ips(log, weights)
    if way.estimator == "snips":
        return estimators.snips(log, weights)
    if target.foretold is None:
        raise ValueError("the doubly robust estimate needs what was foretold")
    return estimators.doubly_robust(log, weights, target.chances, target.foretold)
