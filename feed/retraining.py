# SPDX-License-Identifier: Apache-2.0
"""Train a model on what came of earlier choices, calibrate it, and judge it before it is used.

Rules:
1. it is trained on all days but the latest, calibrated on one half of the people of that day, and
   judged on the other half, beside the model in charge
2. a head of which the log knows too few events is the one in charge's, unchanged, and named
3. a scenario has a weight of its own from 1,000 impressions on, in a log that names scenarios
4. a model that is worse than the one in charge in any score, by more than chance, is refused
5. what it was judged by stands in its file: the table belongs to exactly these coefficients
A log is a frame as feed/training has it, with `day`, and `person` and `propensity` where known. A
head without a column is one that the log cannot know: people who left have left no rows.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from consent.errors import Misused
from consent.words import Reason
from feed import calibration, model, training
from feed.calibration import FEWEST, Line
from feed.experiments.record import Reliability
from feed.model import HEADS, Head, Model

FEWEST_PEOPLE: Final = 30
MOST_ROWS: Final = 30_000
"""More are drawn from: a fit takes memory by the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A new model. `refused`: why it must not be used, a sentence each; empty for a good one."""

    text: str  #: its file
    model: Model
    reliability: tuple[Reliability, ...]
    refused: tuple[str, ...]


def retrain(log: pd.DataFrame, incumbent: Model, *, source: str, seed: int) -> Fresh:
    """Make a model of a log. Same log and seed, same file.

    Errors: Misused(unreadable) where the log is no more than one day, of too few people, or too
    small to learn from.
    """
    before, latest = _parted(log)
    _check_people(before)
    known = _sampled(before, seed)
    heads, kept = _heads(known, incumbent)
    plain = replace(incumbent, heads=heads, own={})
    bent, lines = calibration.calibrated(plain, latest)
    _, judged = calibration.halves(latest)
    own = training.own_weights(known, bent, [name for name in HEADS if name not in kept])
    fresh = replace(plain, heads=bent, own=own)
    told = _told(source, known, seed, kept, lines)
    tables = calibration.reliability(fresh, judged)
    told["reliability"] = [_table(one) for one in tables]
    text = model.write(bent, training.mean_person(known), told, own)
    made = model.parse(text)
    return Fresh(
        text=text,
        model=made,
        reliability=tuple(replace(one, model_sha256=made.sha256) for one in tables),
        refused=calibration.worse(made, incumbent, judged),
    )


def _parted(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    days = log["day"].to_numpy()
    if not len(log) or days.min() == days.max():
        raise Misused(Reason.UNREADABLE, "a model needs a log of two days at least")
    latest = days == days.max()
    before = log[~latest]
    if not any(_enough(before, name) for name in calibration.known(log)):
        raise Misused(
            Reason.UNREADABLE,
            f"{len(before)} portraits led to too little: {FEWEST} times each is needed",
        )
    return before, log[latest]


def _check_people(log: pd.DataFrame) -> None:
    """Refuse a log of so few people that coefficients would be about them."""
    people = log["person"].nunique() if "person" in log else len(log)
    if people < FEWEST_PEOPLE:
        raise Misused(
            Reason.UNREADABLE, f"{people} people can be learned from, {FEWEST_PEOPLE} are needed"
        )


def _enough(log: pd.DataFrame, name: str) -> bool:
    events = int(log[name].sum())
    return min(events, len(log) - events) >= FEWEST


def _sampled(log: pd.DataFrame, seed: int) -> pd.DataFrame:
    if len(log) <= MOST_ROWS:
        return log
    rows = np.random.default_rng(seed).choice(len(log), MOST_ROWS, replace=False)
    return log.iloc[np.sort(rows)]


def _heads(log: pd.DataFrame, incumbent: Model) -> tuple[dict[str, Head], list[str]]:
    """Train what can be trained; name the heads that are kept as they are."""
    able = [name for name in calibration.known(log) if _enough(log, name)]
    fitted = training.fit_heads(log, able)
    kept = [name for name in HEADS if name not in fitted]
    return {name: fitted.get(name, incumbent.heads[name]) for name in HEADS}, kept


def _told(
    source: str, log: pd.DataFrame, seed: int, kept: list[str], lines: dict[str, Line]
) -> dict[str, Any]:
    return {
        "log": source,
        "rows": len(log),
        "seed": seed,
        "kept": kept,
        "calibration": {name: asdict(one) for name, one in lines.items()},
    }


def _table(one: Reliability) -> dict[str, Any]:
    """Write a table into the file that it is about: without the name that the file only gets."""
    return {key: value for key, value in asdict(one).items() if key != "model_sha256"}
