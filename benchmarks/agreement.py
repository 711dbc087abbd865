# SPDX-License-Identifier: Apache-2.0
"""How far raters agree beyond chance: Krippendorff's alpha for ordered grades."""

from collections.abc import Sequence

import numpy as np


def krippendorff(units: Sequence[Sequence[int | None]]) -> float | None:
    """Measure agreement: 1 is perfect, 0 is chance. None where nothing was rated twice.

    `units` are the things rated, each with one grade (0, 1, 2, ..) a rater or None.
    Source: Krippendorff, Content Analysis, ordinal difference function; raters may leave gaps.
    """
    rated = [[grade for grade in unit if grade is not None] for unit in units]
    rated = [unit for unit in rated if len(unit) > 1]
    if not rated:
        return None
    grades = 1 + max(max(unit) for unit in rated)
    met = np.zeros((grades, grades))
    for unit in rated:
        counts = np.bincount(unit, minlength=grades).astype(float)
        met += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    totals = met.sum(axis=0)
    apart = _ordinal(totals)
    expected = (np.outer(totals, totals) - np.diag(totals)) / (totals.sum() - 1)
    by_chance = float((expected * apart).sum())
    return 1.0 if by_chance == 0 else 1 - float((met * apart).sum()) / by_chance


def _ordinal(totals: np.ndarray) -> np.ndarray:
    """Give the squared difference of every two grades: what lies between them counts."""
    up = np.cumsum(totals)
    middle = up - totals / 2
    return np.asarray((middle[:, None] - middle[None]) ** 2)
