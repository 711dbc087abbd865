# SPDX-License-Identifier: Apache-2.0
"""One simulated day of a block of people: read me first.

(1) what they feel fades over night
(2) who comes, how often, and how far they read                 visits
(3) on a first visit they are asked what their arm asks         agreeing
(4) whoever is due is chosen for                                choosing, by the feed's own model
(5) they read; inserts stand where the slot rules allow         reading, placing
(6) what they come to they take, and do something with it       meeting, reception
(7) in the evening some turn portraits off

Set `block.regime` before a day: what each person lives under is the only thing an experiment
touches. Everything else follows from the seed.
"""

import numpy as np

from engine.simulation import agreeing, choosing, handling, reading, visits
from engine.simulation.agreeing import Answers, Inclined
from engine.simulation.block import NEVER, Block
from engine.simulation.meeting import meet
from engine.simulation.placing import FAR, Whole
from engine.simulation.reading import Readers
from engine.simulation.setup import MINUTES
from engine.simulation.streams import Stream
from engine.simulation.visits import Visit


def live(block: Block) -> None:
    """Let the next day pass: the block changes and its log grows."""
    _wake(block)
    times = visits.comes(block)
    for number in range(int(times.max(initial=0))):
        block.visit = number
        came = visits.visit(block, times)
        _ask(block, came)
        _spend(block, came)
    _leave(block, np.flatnonzero(times))
    block.day, block.visit = block.day + 1, 0


def _wake(block: Block) -> None:
    """Let feelings fade over night."""
    block.mood.fatigue *= block.setup.know["fatigue.keep"]
    block.mood.annoyance *= block.setup.know["annoyance.keep"]
    block.mood.alarm[:] = 0.0


def _ask(block: Block, came: Visit) -> None:
    """Ask whoever comes for the first time what their arm asks."""
    new = block.standing.came[came.who] == NEVER
    who = came.who[new]
    block.standing.came[who] = came.minute[new]
    arms = handling.of_people(block.setup.regimes.handlings, block.regime[who])
    people = block.people.inclined
    by = Inclined(**{name: getattr(people, name)[who] for name in Inclined.__slots__})
    said = agreeing.answer(block.setup.know, arms, by)
    for name in Answers.__slots__:
        getattr(block.standing.answers, name)[who] = getattr(said, name)


def _spend(block: Block, came: Visit) -> None:
    """Let people spend one visit."""
    at = np.flatnonzero(block.holds()[came.who])
    who, minute = came.who[at], came.minute[at]
    needs = choosing.due(block, who, minute)
    _expose(block, who[needs], minute[needs])
    choosing.choose(block, who[needs], minute[needs])
    has = np.flatnonzero(reading.waiting(block, who, minute).any(axis=1))
    readers = Readers(
        who=who[has],
        minute=minute[has],
        left=came.depth[at[has]],
        last=np.full(len(has), -FAR),
    )
    reading.read(block, readers, lambda sighted: meet(block, sighted))
    depth = came.depth.copy()
    depth[at[has]] = readers.left
    block.counted["visits"][came.who] += 1
    block.counted["posts"][came.who] += depth


def _expose(block: Block, who: Whole, minute: Whole) -> None:
    """Keep when somebody was first chosen for."""
    block.standing.exposed[who] = np.minimum(block.standing.exposed[who], minute)


def _leave(block: Block, came: Whole) -> None:
    """Let some of those who came and hold a basis turn portraits off: a day's hazard."""
    know, mood = block.setup.know, block.mood
    who = came[block.holds()[came]]
    log_hazard = (
        know["withdraw.rest"]
        + know["withdraw.fatigue"] * mood.fatigue[who]
        + know["withdraw.fewer"] * (block.counted["fewer"][who] > 0)
        + know["withdraw.trust"] * mood.trust[who]
        + mood.alarm[who]
    )
    lot, *_ = block.lots(Stream.LEAVES, who)
    gone = who[lot < -np.expm1(-np.exp(log_hazard))]
    block.standing.withdrew[gone] = (block.day + 1) * MINUTES - 1
