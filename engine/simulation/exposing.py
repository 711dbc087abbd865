# SPDX-License-Identifier: Apache-2.0
"""When arms first differ for somebody: the day from which they are counted.

It is decided by what is the same in every arm up to then, never by what the own arm did: else more
of one arm than of another would be counted, and the split be found unsound.

    asking     they come for the first time since they are in, and there is something to ask
    choosing   they come, and an insert waits or would be chosen under any of the arms
    showing    an insert is listed for them
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from engine.simulation import choosing
from engine.simulation.agreeing import Flags
from engine.simulation.block import NEVER, NOBODY, Block, Minutes
from engine.simulation.setup import MINUTES
from feed.experiments.plan import Experiment

Surface = Literal["asking", "choosing", "showing"]
_ASKING: Final = frozenset({"policy", "notice", "preview"})
_SHOWING: Final = frozenset({"visible_to", "recipe"})


def surface(experiment: Experiment) -> Surface:
    """Say where the arms of an experiment first differ for somebody."""
    levers = frozenset(name for arm in experiment.arms for name in arm.levers)
    if levers & _ASKING:
        return "asking"
    return "showing" if levers <= _SHOWING else "choosing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """How people stood before a day. Shapes: each (n,)."""

    came: Minutes
    visits: Minutes
    listed: Minutes
    near: Flags  #: an insert waits, or would be chosen under any of the arms

    @classmethod
    def of(cls, block: Block, regimes: Sequence[int], where: Surface) -> "Morning":
        """Keep how people stand. `regimes` are those of the arms."""
        nobody = np.zeros(len(block), np.bool_)
        return cls(
            came=block.standing.came.copy(),
            visits=block.counted["visits"].copy(),
            listed=block.counted["listed"].copy(),
            near=_near(block, regimes) if where == "choosing" else nobody,
        )

    def differs(self, block: Block, where: Surface) -> Flags:
        """Say for whom arms differed in the day that has passed."""
        if where == "asking":
            new = (self.came == NEVER) & (block.standing.came != NEVER)
            return np.asarray(new & block.standing.answers.tool)
        if where == "showing":
            return np.asarray(block.counted["listed"] > self.listed)
        return np.asarray((block.counted["visits"] > self.visits) & self.near)


def _near(block: Block, regimes: Sequence[int]) -> Flags:
    """Ask as of the end of the day: who is due earlier in it is due then."""
    who, minute = np.arange(len(block)), np.full(len(block), (block.day + 1) * MINUTES - 1)
    newest = block.feed.scenario[:, 0]
    near = (newest != NOBODY) & ~block.feed.listed[:, 0]
    for one in regimes:
        near |= choosing.due(replace(block, regime=np.full(len(block), one)), who, minute)
    return np.asarray(near & block.holds())
