# SPDX-License-Identifier: Apache-2.0
"""Shares of people as other tools have them, for their golden numbers."""

from feed.statistics.samples import Sample


def proportion(*, n: int, y: int) -> Sample:
    """Take the share of n for whom it is so, with the variance p(1 - p) that tables use.

    The engine's own mean of zeros and ones has n / (n - 1) times that.
    """
    return Sample(n=n, mean=y / n, variance=y * (n - y) / (n * n))
