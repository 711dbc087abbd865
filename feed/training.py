# SPDX-License-Identifier: Apache-2.0
"""Train the ranking model: one logistic regression a head, on a log of what inserts led to.

A log is a pandas frame with a column for each of `PERSON`, `SCENE` and `HEADS` (0 or 1), one row
an insert that was shown. What stands in it was learned under a `learn` permit or is synthetic.
"""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from feed.features import GRAIN, PERSON, SCENE, Matrix
from feed.model import HEADS, Head, write

_STRENGTH = 0.05
"""Inverse of the L2 penalty: rare outcomes keep their mean and little else."""
_ROUNDS = 400


def fit(log: pd.DataFrame, *, source: str, seed: int) -> str:
    """Train all heads and return the model file. Errors: ValueError where a head never varies."""
    x = log[[*PERSON]].to_numpy(np.float64)
    design = crossed(x, log[[*SCENE]].to_numpy(np.float64))
    heads = {name: head(regression(design, log[name].to_numpy(np.int64))) for name in HEADS}
    mean = np.round(x.mean(axis=0) * GRAIN) / GRAIN
    return write(heads, mean, {"log": source, "rows": len(log), "seed": seed})


def crossed(x: Matrix, z: Matrix) -> Matrix:
    """Join [x, z, x (x) z]. Shapes: (n, p) and (n, s) give (n, p + s + p s)."""
    pairs = (x[:, :, np.newaxis] * z[:, np.newaxis, :]).reshape(len(x), -1)
    return np.hstack([x, z, pairs])


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
