# SPDX-License-Identifier: Apache-2.0
"""Make the log that the starting model is trained on. Nobody's behaviour: assumptions, named.

People have a taste in themes; they like what is near it, tire of much, and on rare days ask for
fewer, report or withdraw. Every coefficient below is an assumption to be swept, not a finding.
Source: the simulator's starting coefficients (KuaiSim's response model with a withdrawal hazard),
with rates for people who said yes to a preview.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from feed.features import GRAIN, HABITS, PERSON, SCENE, Matrix, scenes
from feed.model import HEADS, sigmoid
from feed.scenarios import Scenario, Theme

_TASTE_SPREAD: Final = 0.8
_ACTS_MEAN: Final = 1.2
"""Explicit acts a person has left so far on a theme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One outcome's log-odds: at rest, and a unit of affinity, fatigue, fewer, sensitivity."""

    rest: float
    affinity: float
    fatigue: float
    fewer: float
    sensitivity: float


RESPONSES: Final = {
    "engage": Response(rest=-0.6, affinity=0.9, fatigue=-0.5, fewer=-1.0, sensitivity=-0.3),
    "fewer": Response(rest=-6.6, affinity=-0.6, fatigue=1.2, fewer=1.0, sensitivity=0.8),
    "report": Response(rest=-8.4, affinity=-0.4, fatigue=0.3, fewer=0.5, sensitivity=1.2),
    "withdrawal": Response(rest=-8.2, affinity=-0.3, fatigue=1.0, fewer=1.2, sensitivity=0.5),
}


def log(scenarios: Sequence[Scenario], *, rows: int, seed: int) -> pd.DataFrame:
    """Simulate `rows` inserts and what they led to. Same seed, same log."""
    rng = np.random.default_rng(seed)
    tastes = rng.normal(0.0, _TASTE_SPREAD, (rows, len(Theme)))
    x = _people(rng, tastes)
    z = scenes(scenarios)[rng.integers(0, len(scenarios), rows)]
    frame = pd.DataFrame(np.hstack([x, z]), columns=[*PERSON, *SCENE])
    affinity = (tastes * z[:, : len(Theme)]).sum(axis=1)
    for name in HEADS:
        chance = sigmoid(_log_odds(RESPONSES[name], affinity, frame))
        frame[name] = (rng.random(rows) < chance).astype(np.int64)
    return frame


def _people(rng: np.random.Generator, tastes: Matrix) -> Matrix:
    """Draw what explicit acts have shown of each taste, and habits. Shapes: (n, len(PERSON))."""
    acts = rng.poisson(_ACTS_MEAN, tastes.shape)
    known = np.clip(np.sign(tastes + rng.normal(0.0, 0.5, tastes.shape)) * acts / 4.0, -1.0, 1.0)
    habits = rng.random((len(tastes), len(HABITS)))
    habits[:, 0] **= 2
    habits[:, 1] = np.floor(habits[:, 1] * 1.2) / 3
    habits[:, 4:] = habits[:, 4:] < (0.3, 2 / 7)
    drawn = np.hstack([np.maximum(known, 0.0), np.maximum(-known, 0.0), habits])
    return np.asarray(np.round(drawn * GRAIN) / GRAIN)


def _log_odds(response: Response, affinity: Matrix, frame: pd.DataFrame) -> Matrix:
    return np.asarray(
        response.rest
        + response.affinity * affinity
        + response.fatigue * frame["fatigue"].to_numpy()
        + response.fewer * frame["asked-fewer"].to_numpy()
        + response.sensitivity * frame["sensitivity"].to_numpy()
    )
