# SPDX-License-Identifier: Apache-2.0
"""A run as it may be shown: what `cleared` makes, and what every page and file is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.experiments.suppression import Cell, Hidden
from feed.experiments.readings import Effect
from feed.experiments.record import OffPolicy, Reliability, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedArm:
    """An arm as it may be shown."""

    id: str
    title: str
    subjects: Cell
    exposed: Cell
    withdrew: Cell
    left: Cell
    stopped_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedLoss:
    """Some who did not get to a stage."""

    why: str
    people: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedStage:
    """One stage of the funnel."""

    title: str
    people: Cell
    lost: tuple[ClearedLoss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedEffect:
    """One metric of one arm; `told` None where it is withheld, or where there is no interval."""

    metric: str
    arm: str
    against: str
    control: float | Hidden
    treated: float | Hidden
    told: Effect | None

    @property
    def hidden(self) -> bool:
        """Say whether it is withheld because of how few people it is about."""
        return isinstance(self.control, Hidden) or isinstance(self.treated, Hidden)


Zone = Literal["none", "some", "past"]
"""Evidence as it is always told: no more than 1, more than that, or past what stops an arm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedHarm:
    """Evidence about one arm. `e_value` None where it is withheld; `past` is always told."""

    metric: str
    arm: str
    e_value: float | None
    past: bool
    threshold: float
    stopped_day: int | None
    series: tuple[tuple[int, float], ...]  #: days on which it may be told
    zones: tuple[tuple[int, Zone], ...]  #: every day


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """To how many people of an arm something happened, of how many who could."""

    people: Cell
    of: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedStop:
    """A stop, and what the sums said on its day where a guardrail did it.

    `value` is the stop's own, None where it would give a small count away.
    """

    stop: Stop
    value: float | None
    arm: Side | None
    control: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedOutcome:
    """What one policy comes to, by the names of `record.Outcome`."""

    policy: str
    days: int
    counts: Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """All of a run that counts people."""

    people: Cell  #: in the service
    arms: tuple[ClearedArm, ...]
    censored: Cell
    funnel: tuple[ClearedStage, ...]
    effects: tuple[ClearedEffect, ...]
    harms: tuple[ClearedHarm, ...]
    stops: tuple[ClearedStop, ...]
    outcomes: tuple[ClearedOutcome, ...]
    reliability: tuple[Reliability, ...]
    off_policy: tuple[OffPolicy, ...]
