# SPDX-License-Identifier: Apache-2.0
"""Train the ranking model: one logistic regression a head, on a log of what inserts led to.

A log is a pandas frame with a column for each of `PERSON`, `SCENE` and `HEADS` (0 or 1), one row
an insert that was shown. What stands in it was learned under a `learn` permit or is synthetic.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from feed.features import GRAIN, PERSON, SCENE, Matrix
from feed.model import HEADS, Head, sigmoid, write

_STRENGTH = 0.05
"""Inverse of the L2 penalty: rare outcomes keep their mean and little else."""
_ROUNDS = 400
_STEPS = 20
FEWEST_SHOWN = 1_000
"""Impressions before a scenario has a weight of its own."""


def fit(log: pd.DataFrame, *, source: str, seed: int) -> str:
    """Train all heads and return the model file. Errors: ValueError where a head never varies."""
    told = {"log": source, "rows": len(log), "seed": seed}
    return write(fit_heads(log, HEADS), mean_person(log), told)


def frame(
    x: Matrix, z: Matrix, outcomes: Mapping[str, Matrix], **more: np.ndarray
) -> pd.DataFrame:
    """Make a log of columns. Shapes: x (n, p), z (n, s); outcomes, a head each, and more (n,)."""
    log = pd.DataFrame(np.hstack([x, z]), columns=[*PERSON, *SCENE])
    whole = {name: np.asarray(column).astype(np.int64) for name, column in outcomes.items()}
    return log.assign(**whole, **more)


def fit_heads(log: pd.DataFrame, names: Iterable[str]) -> dict[str, Head]:
    """Train some heads. Errors: ValueError where one of them never varies."""
    x, z = log[[*PERSON]].to_numpy(np.float64), log[[*SCENE]].to_numpy(np.float64)
    design = crossed(x, z)
    return {name: head(regression(design, log[name].to_numpy(np.int64))) for name in names}


def own_weights(
    log: pd.DataFrame, heads: Mapping[str, Head], names: Iterable[str] = HEADS
) -> dict[str, Matrix]:
    """Weigh scenarios by themselves that were shown often enough; the others by their class only.

    Shapes: (len(HEADS),) a scenario: what its class does not say of how people took it, held
    towards nothing by the same penalty as all else; 0 for a head that is not among `names`.
    """
    if "scenario" not in log:
        return {}
    shown = log["scenario"].value_counts()
    x, z = log[[*PERSON]].to_numpy(np.float64), log[[*SCENE]].to_numpy(np.float64)
    known = {name: pairs(heads[name], x, z) for name in names if name in log}
    found = {}
    for scenario in sorted(shown.index[shown >= FEWEST_SHOWN]):
        mine = (log["scenario"] == scenario).to_numpy()
        outcome = log[mine]
        found[scenario] = np.array(
            [
                _offset(known[name][mine], outcome[name].to_numpy(np.float64))
                if name in known
                else 0.0
                for name in HEADS
            ]
        )
    return found


def _offset(logits: Matrix, outcome: Matrix) -> float:
    """Find the one number that, added to all logits, is likeliest under the penalty: by Newton."""
    offset = 0.0
    for _ in range(_STEPS):
        chance = sigmoid(logits + offset)
        slope = float((outcome - chance).sum()) - offset / _STRENGTH
        offset += slope / (float((chance * (1.0 - chance)).sum()) + 1.0 / _STRENGTH)
    return offset


def mean_person(log: pd.DataFrame) -> Matrix:
    """Return who stands in for whoever is not to be known. Shapes: (len(PERSON),)."""
    mean = log[[*PERSON]].to_numpy(np.float64).mean(axis=0)
    return np.asarray(np.round(mean * GRAIN) / GRAIN)


def crossed(x: Matrix, z: Matrix) -> Matrix:
    """Join [x, z, x (x) z]. Shapes: (n, p) and (n, s) give (n, p + s + p s)."""
    pairs = (x[:, :, np.newaxis] * z[:, np.newaxis, :]).reshape(len(x), -1)
    return np.hstack([x, z, pairs])


def pairs(head: Head, x: Matrix, z: Matrix) -> Matrix:
    """Score row by row. Shapes: (n, p) and (n, s) give (n,)."""
    both = ((x @ head.cross) * z).sum(axis=1) + x @ head.person + z @ head.scene
    return np.asarray(both + head.intercept)


def regression(design: Matrix, outcome: np.ndarray) -> LogisticRegression:
    """Fit one outcome on crossed features."""
    return LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS).fit(design, outcome)


def head(fitted: LogisticRegression) -> Head:
    """Take a fitted regression apart into the parts of a matrix product."""
    weights, people, places = fitted.coef_[0], len(PERSON), len(SCENE)
    return Head(
        intercept=float(fitted.intercept_[0]),
        person=weights[:people],
        scene=weights[people : people + places],
        cross=weights[people + places :].reshape(people, places),
    )
