# SPDX-License-Identifier: Apache-2.0
"""Take a value apart, so that a person can be told why this idea and why today.

Each head's change from its resting probability is shared out over the parts of its logit in
proportion (the rescale rule), then weighted as in the value: the parts sum to the value exactly.
What is said of a person comes only from acts they let be learned from; for everybody else those
parts are one, `people`.
Source: Shrikumar et al., "Learning important features", 2017, section 3.5 (rescale rule).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from consent.policy import RankingValues
from feed.features import PERSON, SCENE, Matrix
from feed.model import Head, Model, sigmoid

REST: Final = "rest-of-us"
PEOPLE: Final = "people"
OWN: Final = "own"
COST: Final = "cost"
LOT: Final = "lot"
_ASIDE: Final = frozenset({REST, COST})
"""Parts that every insert has alike: not a reason for this one."""
_TINY: Final = 1e-12

_THEMES: Final = MappingProxyType(
    {
        "outdoors": "the outdoors",
        "winter": "winter",
        "water": "water and the sea",
        "sky": "the sky",
        "city": "the city",
        "stage": "the stage",
        "story": "tales",
        "craft": "things made by hand",
        "past": "times past",
        "future": "the future",
    }
)
_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        REST: "How people take any portrait",
        COST: "What any portrait costs your attention",
        LOT: "It was your turn by lot, whatever is known of you",
        OWN: "How people took this very idea so far",
        PEOPLE: "How people in general take an idea like this; nothing of yours was used",
        "fatigue": "How many you have seen lately",
        "asked-fewer": "You asked for fewer",
        "tenure": "How long you have let us learn",
        "rest": "How long ago the last one was",
        "evening": "The time of day",
        "weekend": "The day of the week",
        "mood": "The mood of the scene",
        "sensitivity": "How quiet the scene is",
        "finish": "How it is drawn",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a value: for it above zero, against it below."""

    feature: str
    effect: float
    personal: bool  #: known only because of `personalisation`


def explain(
    model: Model,
    x: Matrix,
    z: Matrix,
    weights: RankingValues,
    *,
    personal: bool,
    own: Matrix | None = None,
) -> tuple[Part, ...]:
    """Take one pair's value apart, largest part first. Shapes: x (p,), z (s,), own (heads,)."""
    effects = {REST: 0.0, COST: -weights.cost_per_insert}
    more = np.zeros(len(model.heads)) if own is None else own
    for (name, head), alone in zip(model.heads.items(), more.tolist(), strict=True):
        weight: float = getattr(weights, name)
        rest, shares = _shares(head, x, z, alone, personal=personal)
        effects[REST] += weight * rest
        for feature, share in shares:
            effects[feature] = effects.get(feature, 0.0) + weight * share
    parts = (
        Part(feature=feature, effect=effect, personal=personal and feature in PERSON)
        for feature, effect in effects.items()
        if effect
    )
    return tuple(sorted(parts, key=lambda part: (-abs(part.effect), part.feature)))


def top(parts: Iterable[Part], count: int = 3) -> tuple[Part, ...]:
    """Keep the parts that speak for or against this idea, largest first."""
    return tuple(part for part in parts if part.feature not in _ASIDE)[:count]


def sentence(feature: str) -> str:
    """Say a part in words for the person it is about."""
    kind, _, theme = feature.partition(":")
    if kind == "liked":
        return f"You liked portraits about {_THEMES[theme]}"
    if kind == "disliked":
        return f"You hid portraits about {_THEMES[theme]}"
    if kind == "theme":
        return f"It is about {_THEMES[theme]}"
    return _SENTENCES[kind]


def _shares(
    head: Head, x: Matrix, z: Matrix, own: float, *, personal: bool
) -> tuple[float, list[tuple[str, float]]]:
    """Share out one head's probability: at rest, and a part for each feature that is not zero."""
    of_person = x * (head.person + head.cross @ z)
    of_scene = z * head.scene
    logit = float(of_person.sum() + of_scene.sum()) + own
    rest = float(sigmoid(np.asarray(head.intercept)))
    moved = float(sigmoid(np.asarray(head.intercept + logit))) - rest
    slope = moved / logit if abs(logit) > _TINY else rest * (1.0 - rest)
    about = PERSON if personal else (PEOPLE,) * len(PERSON)
    parts = (*of_person.tolist(), *of_scene.tolist(), own)
    named = zip((*about, *SCENE, OWN), parts, strict=True)
    return rest, [(feature, slope * share) for feature, share in named]
