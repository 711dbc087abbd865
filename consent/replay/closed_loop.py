# SPDX-License-Identifier: Apache-2.0
"""Replay in log order: what was denied under the other policy does not happen, and more follows.

Rules:
1. grants, withdrawals, previews and what people asked for stay as they were: nobody is guessed
2. a step that rested on an earlier step of the same portrait needs that step to be allowed, too:
   after a denied select nothing is asked for, and no selfie is read that was not kept
3. uses within a day and a week are counted anew: those denied count no more, those newly allowed
   count as used; a permit that was never spent changes no count, as it may have been given back
4. what would have been allowed beyond the record is not continued: nobody observed it

Levels are settled one after the other (enrol, select, read, ... insert, then view, share, learn):
each depends only on levels before it and on earlier decisions of its own. Cost: linear in the
decisions, and for a cap the uses within one week.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from consent.arrays import Flags, Verdicts
from consent.policy import CAPPED, Policy
from consent.replay.caps import recount
from consent.replay.lives import lives, things
from consent.replay.recorded import STEPS, UNKNOWN, Indices, Recorded
from consent.replay.verdicts import Answers, capped
from consent.words import Step

_CHAIN: Final = (
    Step.SELECT,
    Step.READ,
    Step.GENERATE,
    Step.MODERATE,
    Step.STORE,
    Step.INSERT,
)
"""The life of a portrait up to the feed; what comes after it rests on all of it."""
_AFTER: Final = {step: frozenset(_CHAIN[place + 1 :]) for place, step in enumerate(_CHAIN)}
_LEAVES: Final = frozenset({Step.VIEW, Step.SHARE, Step.LEARN})
_NEVER: Final = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """What would have been said. Shapes: all (n,). Unreached ones were never asked."""

    verdict: Verdicts
    unreached: Flags


def run(recorded: Recorded, policy: Policy, answers: Answers) -> Loop:
    """Replay a history in its own order under another policy."""
    made = Loop(verdict=answers.verdict.copy(), unreached=np.zeros(len(recorded), np.bool_))
    if _loses(recorded, made, Step.ENROL):
        _follow(recorded, made, Step.ENROL, things(recorded), frozenset({Step.READ}))
    same_life = lives(recorded)
    free = recorded.known & (answers.uncapped == 0)
    counts = capped(policy, recorded)
    for step in _CHAIN:
        if step in CAPPED:
            level = counts & (recorded.step == STEPS.index(step))
            recount(recorded, policy, made.verdict, level, free & ~made.unreached)
        _follow(recorded, made, step, same_life, _AFTER[step] | _LEAVES)
    return made


def _follow(
    recorded: Recorded, made: Loop, step: Step, thing: Indices, later: frozenset[Step]
) -> None:
    """Take away what rested on a step that is not allowed any more, and say for which reason."""
    if not _loses(recorded, made, step):
        return
    level = (recorded.step == STEPS.index(step)) & (thing != UNKNOWN)
    size = int(thing.max()) + 1
    was, now = (_first(thing, level & yes, size) for yes in (recorded.allowed, made.verdict == 0))
    why = np.zeros(size, np.uint8)
    lost = np.flatnonzero(level & recorded.allowed & (made.verdict != 0))[::-1]
    why[thing[lost]] = made.verdict[lost]
    steps = np.isin(recorded.step, [STEPS.index(one) for one in later])
    rows = np.flatnonzero(steps & (thing != UNKNOWN) & ~made.unreached)
    about = thing[rows]
    gone = rows[(was[about] < rows) & (now[about] >= rows)]
    made.unreached[gone] = True
    made.verdict[gone] = why[thing[gone]]


def _loses(recorded: Recorded, made: Loop, step: Step) -> bool:
    """Say whether a step was allowed that would not be."""
    level = recorded.step == STEPS.index(step)
    return bool((level & recorded.allowed & (made.verdict != 0)).any())


def _first(thing: Indices, those: Flags, size: int) -> Indices:
    """Find the first row of each thing among those. Shapes: (size,)."""
    first = np.full(size, _NEVER, np.int32)
    rows = np.flatnonzero(those)[::-1]
    first[thing[rows]] = rows
    return first
