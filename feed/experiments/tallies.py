# SPDX-License-Identifier: Apache-2.0
"""What a day of an experiment comes to: whole numbers an arm, which add up and name nobody.

Sums run from the first day on. They are enough for every figure a report shows, so a report can
be made again from the ledger's aggregates alone, bit for bit; and they stay when a person leaves
the experiment and their rows go.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from consent.entries import canonical

KIND: Final = "experiment-day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Sums over people of what a metric counts (y), what it is told per (d), and y before (x).

    `any` is how many people have y above zero. For a metric per person d is 1.
    """

    n: int = 0
    any: int = 0
    y: int = 0
    yy: int = 0
    d: int = 0
    dd: int = 0
    yd: int = 0
    x: int = 0
    xx: int = 0
    xy: int = 0

    def __add__(self, other: "Moments") -> "Moments":
        """Join the sums of other people."""
        return Moments(**{name: getattr(self, name) + getattr(other, name) for name in SUMS})


SUMS: Final = tuple(one.name for one in fields(Moments))
"""What is summed, in the order of `Moments`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmTally:
    """One arm up to the end of a day. Units: people; `metrics` by name, over exposed people."""

    assigned: int  #: whom the hash put here
    exposed: int  #: for whom this arm and another one would have differed, or did
    withdrew: int  #: exposed people who turned portraits off since
    left: int  #: exposed people who left the experiment: their sums stay, their rows are gone
    metrics: Mapping[str, Moments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One experiment up to the end of a day, counted from 1."""

    experiment: str
    plan: str  #: SHA-256 of the experiment's canonical JSON
    day: int
    arms: Mapping[str, ArmTally]


def write(tally: Tally) -> bytes:
    """Write a tally as the canonical JSON that an `aggregate` entry commits to."""
    return canonical({"kind": KIND, **asdict(tally)})


def read(table: Mapping[str, Any]) -> Tally:
    """Read a tally. Errors: KeyError, TypeError, ValueError for what is none."""
    if table["kind"] != KIND:
        raise ValueError(f"expected {KIND!r}, got {table['kind']!r}")
    return Tally(
        experiment=table["experiment"],
        plan=table["plan"],
        day=table["day"],
        arms={name: _arm(arm) for name, arm in table["arms"].items()},
    )


def _arm(table: Mapping[str, Any]) -> ArmTally:
    metrics = {name: Moments(**sums) for name, sums in table["metrics"].items()}
    return ArmTally(**{**table, "metrics": metrics})
