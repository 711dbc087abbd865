# SPDX-License-Identifier: Apache-2.0
"""Estimate what a target would have earned a decision, with a part for every decision.

    IPS    mean of w r
    SNIPS  sum of w r / sum of w         less noise, a little bias
    DR     mean of q(target) + w (r - q) right where either w or q is right; less noise where both
    DM     mean of q(target)             as wrong as q: what the others are held against

A decision's `part` is its influence: how much the estimate leans on it, centred, so that the
spread of the parts is that of the estimate (feed/off_policy/intervals).
Source: Dudik, Erhan, Langford and Li, "Doubly robust policy evaluation", Statistical Science 29
(2014) 485-511; Swaminathan and Joachims, "The self-normalized estimator", NIPS 2015.
"""

from dataclasses import dataclass

import numpy as np

from feed.features import Matrix
from feed.off_policy.logs import Log
from feed.off_policy.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value a decision, and each decision's part in it. Shapes: parts (n,), their mean is 0."""

    value: float
    parts: Matrix


def ips(log: Log, weights: Weights) -> Estimate:
    """Weigh rewards by inverse propensity."""
    return _mean(weights.weight * log.reward)


def snips(log: Log, weights: Weights) -> Estimate:
    """Weigh rewards and divide by the weights' sum: a mean that stays among the rewards."""
    total = float(weights.weight.sum())
    if total == 0.0:
        return Estimate(value=0.0, parts=np.zeros(len(log)))
    value = float((weights.weight * log.reward).sum()) / total
    return Estimate(value=value, parts=weights.weight * (log.reward - value) * (len(log) / total))


def doubly_robust(log: Log, weights: Weights, target: Matrix, foretold: Matrix) -> Estimate:
    """Correct what was foretold by what came. Shapes: target and foretold (n, k)."""
    chosen = foretold[np.arange(len(log)), log.action]
    return _mean((target * foretold).sum(axis=1) + weights.weight * (log.reward - chosen))


def direct(target: Matrix, foretold: Matrix) -> Estimate:
    """Believe what was foretold. Shapes: (n, k) each."""
    return _mean((target * foretold).sum(axis=1))


def _mean(terms: Matrix) -> Estimate:
    value = float(terms.mean())
    return Estimate(value=value, parts=terms - value)
