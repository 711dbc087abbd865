# SPDX-License-Identifier: Apache-2.0
"""Make a model's probabilities come true as often as they say, and publish how often they do.

Each head is calibrated by Platt's line on its own logits: a line keeps the matrix product, for it
is only other coefficients. Isotonic regression, which would not, is fitted beside it and its score
published, so that it shows where a line is not enough. Rows weigh 1 / propensity, clipped: what
was seldom drawn stands for what was seldom drawn.
A head with few events in the log stays as it is, and a model that is worse than the one in charge
on the same rows, by more than chance, is refused.
Source: Platt, 1999; Niculescu-Mizil and Caruana, ICML'05; scikit-learn's CalibratedClassifierCV.
"""

import warnings
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from feed.experiments.record import Bin, Reliability
from feed.features import PERSON, SCENE, Matrix
from feed.model import HEADS, Head, Model, sigmoid
from feed.training import pairs

FEWEST: Final = 50
"""Events, and rows without one, below which nothing is fitted to a head."""
BINS: Final = 10
HEAVIEST: Final = 20.0
"""No row weighs more: a propensity below 1/20 is clipped."""
_SURE: Final = 1.645
"""Standard errors by which a score must be worse to be worse: 5 % of equal models would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Platt's line: a calibrated logit is slope x logit + shift. Brier scores on held-out rows."""

    slope: float
    shift: float
    brier: float
    before: float
    isotonic: float


def known(log: pd.DataFrame) -> tuple[str, ...]:
    """Name the heads of which a log knows anything: what has no column was not seen, not zero."""
    return tuple(name for name in HEADS if name in log)


def weights(log: pd.DataFrame) -> Matrix:
    """Weigh the rows of a log by how seldom their like was drawn. Shapes: (n,)."""
    if "propensity" not in log:
        return np.ones(len(log))
    return np.minimum(1.0 / log["propensity"].to_numpy(np.float64), HEAVIEST)


def halves(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the rows of a day by person: one half to fit on, the other to be judged by.

    Without a column `person`, by every second row.
    """
    name = log["person"].to_numpy() if "person" in log else np.arange(len(log))
    odd = name % 2 == 1
    return log[~odd], log[odd]


def calibrated(model: Model, log: pd.DataFrame) -> tuple[dict[str, Head], dict[str, Line]]:
    """Calibrate the heads of a model by the rows of one day that it was not trained on.

    Returns all heads, and the lines of those that could be calibrated.
    """
    fitted, judged = halves(log)
    found = {name: line(model, name, fitted, judged) for name in known(log)}
    lines = {name: one for name, one in found.items() if one is not None}
    heads = {name: model.heads[name] for name in HEADS}
    return heads | {name: bent(heads[name], one) for name, one in lines.items()}, lines


def line(model: Model, head: str, fitted: pd.DataFrame, judged: pd.DataFrame) -> Line | None:
    """Fit one head's line; None where there is too little, or the other half gains nothing."""
    outcome = _outcome(head, fitted).astype(np.int64)
    if min(outcome.sum(), (1 - outcome).sum()) < FEWEST or judged.empty:
        return None
    logits, heavy = _logits(model, head, fitted), weights(fitted)
    platt = _fit(logits, outcome, heavy, "sigmoid")
    isotonic = _fit(logits, outcome, heavy, "isotonic")
    calibrator = platt.calibrated_classifiers_[0].calibrators[0]
    slope, shift = -float(calibrator.a_), -float(calibrator.b_)
    held, truth, heavy = _logits(model, head, judged), _outcome(head, judged), weights(judged)
    brier, isotonic_brier = (
        _brier(_foretold(one, held), truth, heavy) for one in (platt, isotonic)
    )
    before = _brier(sigmoid(held), truth, heavy)
    if slope <= 0.0 or brier > before:
        return None
    return Line(slope=slope, shift=shift, brier=brier, before=before, isotonic=isotonic_brier)


def bent(head: Head, by: Line) -> Head:
    """Put a line into a head's coefficients."""
    return Head(
        intercept=head.intercept * by.slope + by.shift,
        person=head.person * by.slope,
        scene=head.scene * by.slope,
        cross=head.cross * by.slope,
    )


def reliability(model: Model, log: pd.DataFrame) -> tuple[Reliability, ...]:
    """Hold what each head foretold against what came, by tenths of the rows."""
    heavy = weights(log)
    return tuple(
        table(
            head,
            model.sha256,
            sigmoid(_logits(model, head, log)),
            _outcome(head, log),
            heavy,
        )
        for head in known(log)
    )


def table(
    head: str, model_sha256: str, predicted: Matrix, outcome: Matrix, heavy: Matrix
) -> Reliability:
    """Make one head's table. Shapes: (n,) each. ECE and Brier are weighted, `n` are rows."""
    parts = _parts(predicted)
    bins = tuple(
        Bin(
            n=len(rows),
            predicted=float(np.average(predicted[rows], weights=heavy[rows])),
            observed=float(np.average(outcome[rows], weights=heavy[rows])),
        )
        for rows in parts
    )
    shares = [heavy[rows].sum() / heavy.sum() for rows in parts]
    gaps = (abs(one.predicted - one.observed) for one in bins)
    return Reliability(
        head=head,
        model_sha256=model_sha256,
        n=len(predicted),
        ece=float(sum(share * gap for share, gap in zip(shares, gaps, strict=True))),
        brier=_brier(predicted, outcome, heavy) if len(predicted) else 0.0,
        bins=bins,
    )


def worse(fresh: Model, incumbent: Model, log: pd.DataFrame) -> tuple[str, ...]:
    """Say in which scores a model is worse than the one in charge on the same rows, if in any."""
    heavy, found = weights(log), []
    for head in known(log):
        outcome = _outcome(head, log)
        mine, theirs = (sigmoid(_logits(model, head, log)) for model in (fresh, incumbent))
        gaps = (mine - outcome) ** 2 - (theirs - outcome) ** 2
        if _clearly_above(gaps, heavy, _one_more(mine, theirs, heavy)):
            found.append(f"{head}: a worse Brier score than the model in charge")
        ours, others = (table(head, "", p, outcome, heavy).ece for p in (mine, theirs))
        if ours > others + _by_chance(mine, heavy):
            found.append(f"{head}: calibrated worse than the model in charge")
    return tuple(found)


def _clearly_above(gaps: Matrix, heavy: Matrix, room: float) -> bool:
    mean = np.average(gaps, weights=heavy)
    error = np.sqrt((heavy**2 * (gaps - mean) ** 2).sum()) / heavy.sum()
    return bool(mean > _SURE * error + room)


def _one_more(mine: Matrix, theirs: Matrix, heavy: Matrix) -> float:
    """Return what one event more could change: where none came, an error of 0 says nothing."""
    return float((2.0 * np.abs(mine - theirs) * heavy).max() / heavy.sum())


def _by_chance(predicted: Matrix, heavy: Matrix) -> float:
    """Return the calibration error that probabilities which are true would show all the same."""
    total = 0.0
    for rows in _parts(predicted):
        share = heavy[rows].sum() / heavy.sum()
        mean = np.average(predicted[rows], weights=heavy[rows])
        effective = heavy[rows].sum() ** 2 / (heavy[rows] ** 2).sum()
        total += share * float(np.sqrt(2 / np.pi * mean * (1 - mean) / effective))
    return total


def _parts(predicted: Matrix) -> list[np.ndarray]:
    order = np.argsort(predicted, kind="stable")
    return [rows for rows in np.array_split(order, BINS) if len(rows)]


def _brier(predicted: Matrix, outcome: Matrix, heavy: Matrix) -> float:
    return float(np.average((predicted - outcome) ** 2, weights=heavy))


def _logits(model: Model, head: str, log: pd.DataFrame) -> Matrix:
    x, z = log[[*PERSON]].to_numpy(np.float64), log[[*SCENE]].to_numpy(np.float64)
    logits = pairs(model.heads[head], x, z)
    if not model.own or "scenario" not in log:
        return logits
    return np.asarray(logits + model.offsets(log["scenario"])[HEADS.index(head)])


def _outcome(head: str, log: pd.DataFrame) -> Matrix:
    return np.asarray(log[head].to_numpy(np.float64))


def _fit(
    logits: Matrix, outcome: np.ndarray, heavy: Matrix, method: Literal["sigmoid", "isotonic"]
) -> CalibratedClassifierCV:
    """Fit on logits as they are: what is frozen is the logistic function itself."""
    same = LogisticRegression()
    same.coef_, same.intercept_, same.classes_ = np.ones((1, 1)), np.zeros(1), np.array([0, 1])
    same.n_features_in_ = 1
    fresh = CalibratedClassifierCV(FrozenEstimator(same), method=method, cv=2)
    with warnings.catch_warnings():
        # it says that what is frozen takes no weights; it is not fitted, so it needs none
        warnings.filterwarnings("ignore", "Since FrozenEstimator", UserWarning)
        return fresh.fit(logits[:, np.newaxis], outcome, sample_weight=heavy)


def _foretold(fitted: CalibratedClassifierCV, logits: Matrix) -> Matrix:
    return np.asarray(fitted.predict_proba(logits[:, np.newaxis])[:, 1])
