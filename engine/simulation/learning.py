# SPDX-License-Identifier: Apache-2.0
"""The closed loop: what people did teaches the model that chooses for them the next day.

Rules:
1. learned from is only who lets acts choose ideas, as on the feed
2. a model that the one in charge judges worse (feed/retraining) is not used: that one goes on
3. one model chooses for everybody: an arm that shows more also teaches the others
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from consent.errors import Misused
from engine.simulation import living
from engine.simulation.block import Block
from engine.simulation.living import Columns
from engine.simulation.setup import MINUTES, Setup
from feed import calibration, training
from feed.experiments.record import Reliability
from feed.features import GRAIN
from feed.retraining import retrain

SOURCE = "simulated people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one evening taught. `refused`: why the model in charge goes on, none if it does not."""

    day: int
    rows: int
    model_sha256: str  #: of the model that chooses from then on
    reliability: tuple[Reliability, ...]
    refused: tuple[str, ...]


def frame(setup: Setup, blocks: Sequence[Block]) -> pd.DataFrame:
    """Make a training log of the logs of blocks (engine/simulation/rows, full ones)."""
    logs = [_seen(block) for block in blocks]
    log = {name: np.concatenate([one[name] for one in logs]) for name in logs[0]}
    return training.frame(
        log["features"] / np.float64(GRAIN),
        setup.scenes[log["scenario"]],
        {
            "engage": log["engaged"],
            "fewer": log["fewer"] | log["hidden"],
            "report": log["reported"],
            "withdrawal": log["withdrew"],
        },
        day=log["seen"] // MINUTES,
        person=log["person"],
        propensity=log["propensity"],
        scenario=np.array([one.id for one in setup.catalogue.scenarios])[log["scenario"]],
    )


def teach(blocks: Sequence[Block]) -> Lesson:
    """Train a model on everything so far, and let it choose from now on if it is no worse."""
    setup = blocks[0].setup
    log = frame(setup, blocks)
    day = blocks[0].day
    try:
        fresh = retrain(log, setup.model, source=SOURCE, seed=setup.seed + day)
    except Misused as too_little:
        return _kept(setup, day, len(log), (str(too_little),))
    if fresh.refused:
        return _kept(setup, day, len(log), fresh.refused)
    for block in blocks:
        block.setup = replace(block.setup, model_text=fresh.text)
    return Lesson(
        day=day,
        rows=len(log),
        model_sha256=fresh.model.sha256,
        reliability=fresh.reliability,
        refused=(),
    )


def held_up(setup: Setup, blocks: Sequence[Block]) -> tuple[Reliability, ...]:
    """Hold what the model in charge foretold on the last day against what came."""
    log = frame(setup, blocks)
    if log.empty:
        return ()
    last = log[log["day"] == log["day"].max()]
    return calibration.reliability(setup.model, last)


def _kept(setup: Setup, day: int, rows: int, why: tuple[str, ...]) -> Lesson:
    return Lesson(day=day, rows=rows, model_sha256=setup.model.sha256, reliability=(), refused=why)


def _seen(block: Block) -> Columns:
    """Keep what was seen by somebody who may be learned from, their first one included."""
    part, people = living.finished(block), block.people
    kept = (part["seen"] >= 0) & people.learns[part["person"] - people.number[0]]
    return {name: column[kept] for name, column in part.items()}
