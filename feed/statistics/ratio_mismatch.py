# SPDX-License-Identifier: Apache-2.0
"""Were people split as meant? Where they were not, no figure of the experiment means anything.

Source: Fabijan and others, "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments",
KDD'19.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

LEVEL: Final = 0.001
"""Below it the split is called wrong."""
EXPECTED: Final = 5.0
"""People to be expected in each part, without whom the test says nothing."""


def testable(counts: Sequence[int], shares: Sequence[int]) -> bool:
    """Say whether there are people enough to ask."""
    return bool(sum(counts)) and float(_expected(counts, shares).min()) >= EXPECTED


def p_value(counts: Sequence[int], shares: Sequence[int]) -> float:
    """Return the p of Pearson's chi-square that people were split by these shares.

    Errors: ValueError for fewer than two parts, or for nobody.
    """
    if len(counts) < 2 or not sum(counts):  # noqa: PLR2004 - two parts make a split
        raise ValueError("a split has two parts at least, and people")
    expected = _expected(counts, shares)
    distance = float((((np.asarray(counts) - expected) ** 2) / expected).sum())
    return float(special.chdtrc(len(counts) - 1, distance))


def _expected(counts: Sequence[int], shares: Sequence[int]) -> NDArray[np.float64]:
    parts = np.asarray(shares, np.float64)
    return np.asarray(sum(counts) * parts / parts.sum(), np.float64)
