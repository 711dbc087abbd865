# SPDX-License-Identifier: Apache-2.0
"""An experiment as a value: arms, who may be in them, what is measured, what stops it.

Rules:
1. an arm sets levers of a closed list; it never changes what anybody agreed to
2. the policy named here must admit every arm (feed/experiments/approval)
3. the first arm is the control: every other one is held against it
4. a notice's wording and another policy can be tried on a simulated population only
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from consent.promises import Lever

Where = Literal["feed", "simulation"]
Setting = int | str | bool
SEGMENTS: Final = 1_000
"""Parts that a namespace's people are in; experiments of one namespace take different ones."""
LEVERS: Final[Mapping[str, Lever | None]] = MappingProxyType(
    {
        "per_day": "frequency",
        "per_week": "frequency",
        "cooldown_hours": "frequency",
        "first": "first-slot",
        "gap": "gap",
        "visible_to": "label",
        "preview": "preview",
        "ranker": "ranker",
        "recipe": "recipe",
        "policy": None,
        "notice": None,
    }
)
"""What an arm can set, and under which lever a policy admits it; None: nowhere but simulated."""
SIMULATED: Final = frozenset(name for name, lever in LEVERS.items() if lever is None)
RANKERS: Final = ("explore", "best", "uniform")
"""How an idea is drawn: by the policy's lottery, the best one, or any that is eligible."""
NOTICES: Final = ("shipped", "plain", "vague")
"""How the card that asks is worded; words of the simulator, never shown to anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way of doing it. `share` is its part of the people among the shares of all arms."""

    id: str
    title: str
    share: int = 1
    levers: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """What stops an arm by itself: people to whom it happened, more than in the control.

    `level` bounds the chance that an arm that does no harm is ever stopped by it.
    """

    metric: str
    level: float

    @property
    def threshold(self) -> float:
        """Return the e-value at which an arm is stopped."""
        return 1.0 / self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """From this day on, this part of the segments' people may come in."""

    day: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One experiment, named by the SHA-256 of its canonical JSON."""

    id: str
    title: str
    question: str
    where: Where
    policy: str
    namespace: str
    segments: tuple[int, int]  #: from, and up to without: of SEGMENTS
    days: int
    needed: int  #: people an arm, below which it is not started
    primary: str
    metrics: tuple[str, ...]
    arms: tuple[Arm, ...]
    guardrails: tuple[Guardrail, ...]
    ramp: tuple[Ramp, ...] = (Ramp(day=1, percent=100),)
    confidence: float = 0.95
    looks: tuple[int, ...] = ()  #: days of planned judgements; the last is the end

    @property
    def control(self) -> Arm:
        """Return the arm that all others are held against."""
        return self.arms[0]

    def arm(self, name: str) -> Arm:
        """Find an arm. Errors: KeyError for none of that name, the caller's fault."""
        return {one.id: one for one in self.arms}[name]

    def percent(self, day: int) -> int:
        """Say which part of its people may be in it on a day, counted from 1."""
        return max((step.percent for step in self.ramp if step.day <= day), default=0)

    def shortened(self, days: int) -> "Experiment":
        """Return the same for fewer days; what was planned for later days is planned for the last.

        It is another plan, with a hash of its own.
        """
        looks = tuple(sorted({min(day, days) for day in self.looks}))
        ramp = tuple(step for step in self.ramp if step.day <= days)
        return replace(self, days=days, looks=looks, ramp=ramp)
