# SPDX-License-Identifier: Apache-2.0
"""Who comes on a day, how often, when, and how far they read.

    visits    Poisson(rate * weekend * exp(-a annoyance)), at most four a day
    depth     geometric

Source: return and leave models as in KuaiSim (NeurIPS'23 Datasets and Benchmarks).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation.block import Block
from engine.simulation.setup import MINUTES
from engine.simulation.streams import Stream

MOST: Final = 4
"""Visits a day; whoever would come more often comes so often."""
DEEPEST: Final = 100
"""Posts of a reading: two pages."""
_OPEN: Final = 7 * 60
_LONG: Final = 16 * 60
_THURSDAY: Final = 3
_SATURDAY: Final = 5

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Some people reading their feeds, each at a minute. Shapes: each (n,)."""

    who: Whole
    minute: Whole
    depth: Whole  #: posts they read, unless an insert drives them away


def comes(block: Block) -> Whole:
    """Say how often everybody comes on a day. Shapes: (n,)."""
    setup = block.setup
    know, today = setup.know, setup.first_day + block.day
    weekend = (today + _THURSDAY) % 7 >= _SATURDAY
    usual = block.people.rate * (know["arrive.weekend"] if weekend else 1.0)
    rate = usual * np.exp(-know["arrive.annoyance"] * block.mood.annoyance)
    drawn, *_ = block.lots(Stream.COMES, np.arange(len(block)))
    term = np.exp(-rate)
    below, times = term.copy(), np.zeros(len(rate), np.int64)
    for number in range(1, MOST + 1):
        times += drawn >= below
        term *= rate / number
        below += term
    return times


def visit(block: Block, times: Whole) -> Visit:
    """Say who is on the visit that is on now, and how far they read."""
    number = block.visit
    who = np.flatnonzero(times > number)
    when, depth, *_ = block.lots(Stream.VISIT, who)
    part = (number + when) / times[who]
    goes_on = np.log1p(-1.0 / block.setup.know["depth.mean"])
    posts = np.floor(np.log(depth) / goes_on).astype(np.int64) + 1
    return Visit(
        who=who,
        minute=block.day * MINUTES + _OPEN + np.floor(part * _LONG).astype(np.int64),
        depth=np.minimum(posts, DEEPEST),
    )
