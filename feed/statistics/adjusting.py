# SPDX-License-Identifier: Apache-2.0
"""Take out of a mean what people did before the experiment: CUPED.

    z = y - theta (x - mean of x over all),  theta = cov(y, x) / var(x) over all arms together

x is known before anybody's arm is, so the estimate stays unbiased and its variance falls by the
square of the correlation.
Source: Deng, Xu, Kohavi, Walker, "Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data", WSDM'13.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from feed.statistics.samples import LEAST, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Sums over the people of one arm of what they did since (y) and before (x)."""

    n: int
    y: int | Fraction
    yy: int | Fraction
    x: int | Fraction
    xx: int | Fraction
    xy: int | Fraction

    def __add__(self, other: "Paired") -> "Paired":
        """Join the sums of other people."""
        return Paired(
            n=self.n + other.n,
            y=self.y + other.y,
            yy=self.yy + other.yy,
            x=self.x + other.x,
            xx=self.xx + other.xx,
            xy=self.xy + other.xy,
        )


def slope(arms: Sequence[Paired]) -> Fraction:
    """Return theta over all arms together; 0 where nobody differed before."""
    whole = sum(arms[1:], arms[0])
    spread = whole.n * whole.xx - whole.x * whole.x
    together = whole.n * whole.xy - whole.x * whole.y
    return Fraction(together, 1) / spread if spread else Fraction(0)


def adjusted(arm: Paired, theta: Fraction, centre: Fraction) -> Sample:
    """Take the mean of z in one arm. Errors: ValueError for fewer than two people."""
    if arm.n < LEAST:
        raise ValueError(f"a variance needs {LEAST} people, got {arm.n}")
    z = arm.y - theta * (arm.x - arm.n * centre)
    spread = _spread(arm.n, arm.y, arm.yy) - 2 * theta * (arm.n * arm.xy - arm.x * arm.y)
    spread += theta * theta * _spread(arm.n, arm.x, arm.xx)
    variance = Fraction(spread) / (arm.n * (arm.n - 1))
    return Sample(n=arm.n, mean=float(Fraction(z) / arm.n), variance=float(variance))


def centre(arms: Sequence[Paired]) -> Fraction:
    """Return the mean of x over all arms together."""
    return Fraction(sum(arm.x for arm in arms)) / sum(arm.n for arm in arms)


def _spread(n: int, total: int | Fraction, squares: int | Fraction) -> int | Fraction:
    return n * squares - total * total
