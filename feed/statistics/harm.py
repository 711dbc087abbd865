# SPDX-License-Identifier: Apache-2.0
"""Evidence that an arm does harm, which may be looked at after every event: a one-sided e-process.

Each event (somebody turns portraits off, say) happened in the arm or in the control. If the arm
does no harm it is in the arm with chance q, the arm's part of all who could still have had one. If
the odds are theta > 1 times that, with chance theta q / (1 - q + theta q). The evidence is the
likelihood of what happened under theta, mixed over theta > 1, over that under no harm:

    E = sum over theta of weight * theta^x / product of (1 - q + theta q)^events

Without harm the expected E is 1 at any time, so it ever reaches 1/a with probability at most a
(Ville): an arm is stopped the day it does, and nobody pays for having looked.

Rules:
1. one-sided: an arm that is better never gathers evidence, however much better it is
2. q is taken each day anew from who is at risk: arms may differ in size and people come in daily
3. a day's events count as one batch drawn with replacement; people are drawn without, which
   scatters less, so ties only lessen the evidence (Hoeffding)
4. a mixture over chosen points is itself an exact e-process: points cost power, never soundness

Sources: Grünwald, de Heide, Koolen, "Safe testing", JRSS-B 2024; ter Schure, Pérez-Ortiz, Ly,
Grünwald, "The anytime-valid logrank test", 2020; Hoeffding 1963, section 6.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

_PRIOR: Final = 5.0
_HALF: Final = 0.5
_NODES: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixture:
    """How much worse an arm may be: odds times `theta`, with what weight. Weights add up to 1."""

    theta: Floats
    log_weight: Floats


def log_evidence(x: ArrayLike, k: ArrayLike) -> Floats:
    """Return log E for x of k events in the arm, both arms equally large: the closed form.

    The chance of an event to be in the arm has the prior Beta(5, 5) on (1/2, 1). The upper tail is
    the mirrored incomplete beta: as 1 less the lower one it is rounding noise where the arm is
    much better, and noise over a tiny number is evidence of harm that is not there.
    Shapes: x and k as NumPy broadcasts them.
    """
    in_arm, events = np.asarray(x, np.float64), np.asarray(k, np.float64)
    a, b = _PRIOR + in_arm, _PRIOR + events - in_arm
    with np.errstate(divide="ignore"):
        upper = np.log(special.betainc(b, a, _HALF))
    whole = special.betaln(a, b) - special.betaln(_PRIOR, _PRIOR)
    return np.asarray(whole + upper - np.log(_HALF) - events * np.log(_HALF), np.float64)


def beta_mixture() -> Mixture:
    """Return the closed form's prior on chosen points: odds theta = p / (1 - p)."""
    at, weight = np.polynomial.legendre.leggauss(_NODES)
    p = 0.75 + at / 4.0
    log_weight = np.log(weight) + (_PRIOR - 1.0) * (np.log(p) + np.log1p(-p))
    return Mixture(theta=p / (1.0 - p), log_weight=log_weight - special.logsumexp(log_weight))


def points(*theta: float) -> Mixture:
    """Return a mixture of some odds, each with the same weight."""
    return Mixture(theta=np.array(theta), log_weight=np.full(len(theta), -np.log(len(theta))))


BETA: Final = beta_mixture()


def log_process(
    in_arm: ArrayLike, events: ArrayLike, part: ArrayLike, mixture: Mixture = BETA
) -> Floats:
    """Return log E at the end of each day.

    `in_arm` of `events` of a day were in the arm, whose part of those at risk was `part`.
    Shapes: (..., days) all, as NumPy broadcasts them; returns (..., days).
    """
    x = np.cumsum(np.asarray(in_arm, np.float64), axis=-1)
    k, q = np.broadcast_arrays(np.asarray(events, np.float64), np.asarray(part, np.float64))
    out = np.full(np.broadcast_shapes(x.shape, k.shape), -np.inf)
    for theta, log_weight in zip(mixture.theta, mixture.log_weight, strict=True):
        under = np.cumsum(k * np.log1p(q * (theta - 1.0)), axis=-1)
        np.logaddexp(out, log_weight + x * np.log(theta) - under, out=out)
    return out


def parts(at_risk_in_arm: ArrayLike, at_risk_in_control: ArrayLike) -> Floats:
    """Return the arm's part of all at risk; 1 where nobody is, which is evidence of nothing."""
    arm = np.asarray(at_risk_in_arm, np.float64)
    whole = arm + np.asarray(at_risk_in_control, np.float64)
    return np.divide(arm, whole, out=np.ones_like(whole), where=whole > 0)
