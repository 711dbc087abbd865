# SPDX-License-Identifier: Apache-2.0
"""What is left of p values where several questions were asked at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjust so that no true answer of "nothing" is contradicted, but with that probability.

    Source: Holm 1979.
    """
    order = np.argsort(ps, kind="stable")
    steps = np.arange(len(ps), 0, -1) * np.asarray(ps, np.float64)[order]
    return _back(order, np.minimum(np.maximum.accumulate(steps), 1.0))


def benjamini_hochberg(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjust so that of what is called a difference at most that share is none.

    Source: Benjamini and Hochberg 1995.
    """
    order = np.argsort(ps, kind="stable")
    count = len(ps)
    steps = count / np.arange(1, count + 1) * np.asarray(ps, np.float64)[order]
    falling = np.minimum.accumulate(steps[::-1])[::-1]
    return _back(order, np.minimum(falling, 1.0))


def _back(order: NDArray[np.intp], sorted_ps: NDArray[np.float64]) -> tuple[float, ...]:
    out = np.empty(len(order))
    out[order] = sorted_ps
    return tuple(float(p) for p in out)
