# SPDX-License-Identifier: Apache-2.0
"""Blocks of people live through a run's days.

A person's life hangs on the seed and on nobody else, so neither the size of a block nor the
process it lives in (engine/simulation/workers) changes anything. What comes out is in the order
of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation.block import COUNTED, ENDLESS, NEVER, Block, begin
from engine.simulation.day import live
from engine.simulation.setup import MINUTES, Setup

USUAL: Final = 10_000
"""People in a block at most: more take more memory and hardly less time each."""
_WITHDREW: Final = 7 * MINUTES
"""A withdrawal so soon after an insert was seen counts as an answer to it (feed/model)."""

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Some people and the days they are to live through."""

    setup: Setup
    days: int
    first: int
    count: int
    full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What came of them: a row a choice, a row a person, a row a day and regime."""

    inserts: Columns
    people: Columns
    days: Columns


def fitting(users: int, processes: int) -> int:
    """Say how large blocks are to be, so that every process has as many of them."""
    rounds = -(-users // (USUAL * processes))
    return -(-users // (rounds * processes))


def blocks(
    setup: Setup, users: int, days: int, *, size: int = USUAL, full: bool = False
) -> list[Work]:
    """Divide people into blocks, in their order."""
    return [
        Work(setup=setup, days=days, first=at, count=min(size, users - at), full=full)
        for at in range(0, users, size)
    ]


def lived(work: Work) -> Lived:
    """Let one block live through all its days."""
    block = begin(work.setup, work.first, work.count, full=work.full)
    told = []
    for _ in range(work.days):
        live(block)
        told.append(tell(block))
    return Lived(inserts=finished(block), people=persons(block), days=_joined(told))


def finished(block: Block) -> Columns:
    """Take the log out, with who withdrew within seven days of what they saw."""
    rows = block.rows
    seen, person = rows.of("seen"), np.searchsorted(block.people.number, rows.of("person"))
    after = block.standing.withdrew[person] - seen
    rows.set("withdrew", np.arange(rows.count), (seen >= 0) & (after < _WITHDREW))
    return rows.taken()


def persons(block: Block) -> Columns:
    """Tell how everybody stands now, and what they have done. `came`, `withdrew`: -1 if never."""
    standing, answers = block.standing, block.standing.answers
    told: Columns = {
        "person": block.people.number.astype(np.int32),
        "regime": block.regime.astype(np.int8),
        "learns": block.people.learns,
        "visits_before": block.people.before.astype(np.int32),
        "came": np.where(standing.came == NEVER, -1, standing.came).astype(np.int32),
        "tool": answers.tool,
        "would": answers.would,
        "explicit": answers.explicit,
        "implied": answers.implied,
        "chosen_for": _ever(standing.exposed),
        "withdrew": _ever(standing.withdrew),
    }
    return told | {name: block.counted[name].astype(np.int32) for name in COUNTED}


def _ever(minute: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.where(minute == ENDLESS, -1, minute).astype(np.int32)


def tell(block: Block) -> Columns:
    """Add up a regime each, from the first day to now. Shapes: (regimes,)."""
    listed = len(block.setup.listed)

    def summed(what: NDArray[Any]) -> NDArray[np.int64]:
        return np.bincount(block.regime, what, minlength=listed).astype(np.int64)

    ones = np.ones(len(block), np.int64)
    told = {"people": summed(ones), "holding": summed(block.holds())}
    told["came"] = summed(block.standing.came != NEVER)
    told["withdrew"] = summed(block.standing.withdrew != ENDLESS)
    told |= {name: summed(block.counted[name]) for name in COUNTED}
    day, regime = np.full(listed, block.day), np.arange(listed)
    return {"day": day, "regime": regime, **told}


def added(days: Sequence[Columns]) -> Columns:
    """Add up what blocks tell of the same days."""
    same = ("day", "regime")
    return {
        name: days[0][name] if name in same else np.sum([one[name] for one in days], axis=0)
        for name in days[0]
    }


def _joined(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
