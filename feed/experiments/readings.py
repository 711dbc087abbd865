# SPDX-License-Identifier: Apache-2.0
"""What an experiment's sums say: effects with intervals, evidence of harm, a sound split."""

from dataclasses import dataclass
from typing import Literal

State = Literal["running", "stopped", "invalid", "done"]
Verdict = Literal["sound", "invalid", "too-few"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCount:
    """How many people one arm has. `stopped_day` None while it runs or where it ran to its end."""

    id: str
    title: str
    subjects: int
    exposed: int
    withdrew: int
    left: int
    stopped_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Whether people were split as meant; `invalid` voids every effect of the experiment."""

    p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An estimate at the end of one day, with its always-valid interval. In the metric's scale."""

    day: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A planned look at the primary metric: how many deviations off nothing, and the bound."""

    day: int
    deviations: float
    bound: float

    @property
    def decided(self) -> bool:
        """Say whether the difference is one, by the plan's confidence for all looks together."""
        return abs(self.deviations) > self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One metric, one arm against the control, at the last day they can be compared.

    `low` and `high` may be read on any day; `fixed_low` and `fixed_high` only where the end was
    planned (Welch or delta). `p` is of the planned end, `p_adjusted` for all that was looked at.
    """

    metric: str
    arm: str
    against: str
    control: float  #: the metric in the control
    treated: float  #: and in the arm
    estimate: float
    low: float
    high: float
    fixed_low: float
    fixed_high: float
    p: float
    p_adjusted: float
    method: str
    series: tuple[Point, ...] = ()
    looks: tuple[Look, ...] = ()  #: planned ones that were due, of the primary metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """Evidence that one arm does harm. `series` is (day, e-value), cumulative."""

    metric: str
    arm: str
    e_value: float
    threshold: float
    stopped_day: int | None
    series: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """All of it, at the end of one day. No effects where the split is invalid."""

    experiment: str
    policy: str
    day: int
    state: State
    arms: tuple[ArmCount, ...]
    split: Split
    effects: tuple[Effect, ...]
    harms: tuple[Harm, ...]
    censored: int  #: people who left: their sums count, their rows are gone
