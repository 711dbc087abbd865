# SPDX-License-Identifier: Apache-2.0
"""Who there is: habits, tastes and inclinations, drawn once and known to nobody but the run.

Person number n of a seed is the same person in every run, block and arm.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, pdtrik

from engine.simulation import streams
from engine.simulation.agreeing import Flags, Inclined
from engine.simulation.setup import Setup
from engine.simulation.streams import Numbers, Stream
from feed.draws import Words
from feed.features import Matrix
from feed.scenarios import Theme

BEFORE: Final = 14
"""Days before the run of which visits are known: what an effect is adjusted by."""
_GRAIN: Final = 1024.0
_EVER: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Some people of a run. Shapes: each (n,), tastes (n, themes)."""

    number: NDArray[np.int64]
    draw_key: Words  #: the 64 bits that stand for a pseudonymous tag
    rate: Numbers  #: visits on a usual day
    tastes: Matrix  #: multiples of 1/1024, so that what is summed is exact
    trusts: Numbers  #: how much they trust at first
    learns: Flags  #: lets acts choose ideas, once there is a basis
    inclined: Inclined
    before: NDArray[np.int64]  #: visits in the days before the run

    def __len__(self) -> int:
        return len(self.number)

    def only(self, who: Flags) -> "People":
        """Keep some of them. Shapes: who (n,)."""
        said = {name: getattr(self.inclined, name)[who] for name in Inclined.__slots__}
        others = [name for name in People.__slots__ if name != "inclined"]
        kept = {name: getattr(self, name)[who] for name in others}
        return People(inclined=Inclined(**said), **kept)


def named(setup: Setup, first: int, count: int) -> Words:
    """Name `count` people from number `first` on. Shapes: returns (count,)."""
    number = np.arange(first, first + count).astype(np.uint64)
    high, low, *_ = streams.words(setup.key, number, _EVER, Stream.NAME)
    return np.asarray(high << np.uint64(32) | low)


def draw(setup: Setup, first: int, count: int) -> People:
    """Draw `count` people from number `first` on."""
    names, know = named(setup, first, count), setup.know
    rate, trusts, learns, before = streams.numbers(setup.key, names, _EVER, Stream.HABIT)
    visits = know["arrive.rate"] * np.exp(know["arrive.spread"] * ndtri(rate))
    drawn = streams.numbers(setup.key, names, _EVER, Stream.TASTE, parts=-(-len(Theme) // 4))
    tastes = ndtri(drawn[: len(Theme)].T)
    return People(
        number=np.arange(first, first + count),
        draw_key=names,
        rate=visits,
        tastes=np.ascontiguousarray(np.round(know["people.taste"] * tastes * _GRAIN) / _GRAIN),
        trusts=know["people.trust"] * ndtri(trusts),
        learns=learns < know["people.learn"],
        inclined=_inclined(setup, names),
        before=np.ceil(np.maximum(pdtrik(before, visits * BEFORE), 0.0)).astype(np.int64),
    )


def _inclined(setup: Setup, names: Words) -> Inclined:
    drawn = streams.numbers(setup.key, names, _EVER, Stream.INCLINED, parts=2)
    willing, experiments, tool, inserts, later, card, *_ = drawn
    return Inclined(
        willing=ndtri(willing),
        experiments=experiments,
        tool=tool,
        inserts=inserts,
        later=later,
        card=card,
    )
