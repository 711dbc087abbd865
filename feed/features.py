# SPDX-License-Identifier: Apache-2.0
"""Describe a person and a scene to the ranking model, coarsely.

Rules:
1. what is known of a person comes from explicit acts and only under `personalisation`; whoever
   has not granted it is described by the population's mean, whatever they did
2. no face, no vector, no inferred gender, age or origin: they are no column here
3. every value is a multiple of 1/64 between -1 and 1, so that sums of products are exact in
   float64 and a decision does not depend on how people were batched
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent.words import DAY, HOUR, Micros
from feed.scenarios import Finish, Mood, Scenario, Sensitivity, Theme

GRAIN: Final = 64
"""Steps between 0 and 1."""
HABITS: Final = ("fatigue", "asked-fewer", "tenure", "rest", "evening", "weekend")
PERSON: Final = (
    *(f"liked:{theme}" for theme in Theme),
    *(f"disliked:{theme}" for theme in Theme),
    *HABITS,
)
SCENE: Final = (
    *(f"theme:{theme}" for theme in Theme),
    "mood:smile",
    "mood:neutral",
    "sensitivity",
    "finish:painted",
    "finish:inked",
    "finish:paper",
)

_LIKES: Final = {"like": 1.0, "share_intent": 1.0, "hide": -1.0, "fewer": -2.0, "report": -4.0}
_ENOUGH: Final = 4.0
"""So many likes of a theme say it all."""
_MEMORY_DAYS: Final = 60
_EVENING: Final = range(18, 23)
_WEEKEND: Final = (5, 6)
_THURSDAY: Final = 3
"""1970-01-01 was one."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One explicit act on an insert that may be learned from."""

    kind: str
    scenario: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What may be known of a person under `personalisation`: no more than this."""

    acts: tuple[Act, ...]
    shown: tuple[Micros, ...]  #: when inserts were first listed
    since: Micros  #: when they granted it

    @property
    def empty(self) -> bool:
        """Say whether nothing is known yet: they are then as people are."""
        return not self.acts and not self.shown

    def before(self, at: Micros) -> "History":
        """Say what was known at an earlier moment."""
        return replace(
            self,
            acts=tuple(act for act in self.acts if act.at < at),
            shown=tuple(shown for shown in self.shown if shown < at),
        )


def person(history: History, themes_of: dict[str, tuple[Theme, ...]], now: Micros) -> Matrix:
    """Describe one person. Shapes: (len(PERSON),), multiples of 1/64."""
    tastes = _tastes(history.acts, themes_of, now)
    likes = [max(0.0, tastes[theme]) for theme in Theme]
    dislikes = [max(0.0, -tastes[theme]) for theme in Theme]
    return _grained([*likes, *dislikes, *_habits(history, now)])


def scenes(scenarios: Sequence[Scenario]) -> Matrix:
    """Describe scenarios. Shapes: (n, len(SCENE)), multiples of 1/64."""
    rows = [_scene(scenario) for scenario in scenarios]
    return _grained(np.reshape(np.asarray(rows, np.float64), (len(rows), len(SCENE))))


def _scene(scenario: Scenario) -> list[float]:
    ladder = tuple(Sensitivity)
    return [
        *(float(theme in scenario.themes) for theme in Theme),
        float(scenario.mood is Mood.SMILE),
        float(scenario.mood is Mood.NEUTRAL),
        ladder.index(scenario.sensitivity) / (len(ladder) - 1),
        *(float(scenario.finish is f) for f in (Finish.PAINTED, Finish.INKED, Finish.PAPER)),
    ]


def _tastes(
    acts: Iterable[Act], themes_of: dict[str, tuple[Theme, ...]], now: Micros
) -> dict[Theme, float]:
    tastes = dict.fromkeys(Theme, 0.0)
    for act in acts:
        if now - act.at < _MEMORY_DAYS * DAY:
            for theme in themes_of.get(act.scenario, ()):
                tastes[theme] += _LIKES.get(act.kind, 0.0) / _ENOUGH
    return tastes


def _habits(history: History, now: Micros) -> tuple[float, ...]:
    days = [max(0, now - at) / DAY for at in history.shown if now - at < _MEMORY_DAYS * DAY]
    asked_fewer = sum(a.kind == "fewer" and now - a.at < _MEMORY_DAYS * DAY for a in history.acts)
    return (
        sum(0.35 * 0.8**day for day in days),
        asked_fewer / 3,
        (now - history.since) / (GRAIN * DAY),
        min(days, default=float(GRAIN)) / 32,
        float(now % DAY // HOUR in _EVENING),
        float((now // DAY + _THURSDAY) % 7 in _WEEKEND),
    )


def _grained(values: Sequence[float] | Matrix) -> Matrix:
    clipped = np.clip(np.asarray(values, np.float64), -1.0, 1.0)
    return np.round(clipped * GRAIN) / GRAIN
