# SPDX-License-Identifier: Apache-2.0
"""Turn values into a lottery over what is eligible, and draw from it. Pure.

    pi = (1 - eps) softmax(value / tau) + eps / |E|     over the eligible set E

so that every propensity is at least eps / |E|, and nothing outside E is ever drawn. Where
exploration is withheld the best action is taken and its propensity is 1.
Every row is computed by itself, in a fixed order, so that chunks do not matter.
"""

import numpy as np
from numpy.typing import NDArray

from feed.features import Matrix

Mask = NDArray[np.bool_]


def lottery(values: Matrix, eligible: Mask, *, temperature: float, share: float) -> Matrix:
    """Mix softmax and uniform. Shapes: (n, k) values and mask; returns (n, k), rows sum to 1.

    Units: share is the part that explores, 0..1. Each row needs one eligible action at least.
    """
    scaled = np.where(eligible, values / temperature, -np.inf)
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    soft = weights / np.cumsum(weights, axis=1)[:, -1:]
    flat = eligible / eligible.sum(axis=1, keepdims=True)
    return np.asarray((1.0 - share) * soft + share * flat)


def best(values: Matrix, eligible: Mask) -> Matrix:
    """Put everything on the best eligible action, the first of equals. Shapes: as `lottery`."""
    chosen = np.where(eligible, values, -np.inf).argmax(axis=1)
    return np.asarray(np.eye(values.shape[1])[chosen])


def draw(lotteries: Matrix, at: Matrix) -> NDArray[np.intp]:
    """Draw one action a row. Shapes: (n, k) and (n,) in [0, 1); returns (n,)."""
    ladder = np.cumsum(lotteries, axis=1)
    target = (at * ladder[:, -1])[:, np.newaxis]
    return np.asarray((ladder <= target).sum(axis=1), np.intp)
