# SPDX-License-Identifier: Apache-2.0
"""Which simulated people are in which arm, from which day, and what they live under.

The arm is the feed's own function of a salt and a name (feed/experiments/assignment). Rules:
1. only who agreed to experiments is in one; who is held out is never shown any
2. an arm that was stopped does nothing: its people live under the policy, as those in no arm do
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent import policies
from engine.simulation.agreeing import Flags
from engine.simulation.counts import NO_ARM
from engine.simulation.regimes import Regime, regime
from feed.draws import Words
from feed.experiments.assignment import arms_of, held_out
from feed.experiments.plan import Arm, Experiment
from feed.experiments.treatments import treatment
from feed.scenarios import Catalogue

PLAIN: Final = 0
"""The regime of who is in no arm."""
HELD_OUT: Final = 1
ARMS: Final = 2
"""The regime of the first arm; the others follow."""
_NAME_BYTES: Final = 8

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the hash puts some people. Shapes: each (n,)."""

    arm: Whole  #: place among the arms, NO_ARM for who is in none
    day: Whole  #: on which they come in, counted from 1
    held_out: Flags

    def only(self, who: Flags) -> "Places":
        """Keep those of some people. Shapes: who (n,)."""
        return Places(arm=self.arm[who], day=self.day[who], held_out=self.held_out[who])


def salt(seed: int) -> bytes:
    """Make the salt of a run: another seed, other arms."""
    return hashlib.sha256(b"onlyou simulated arms %d" % seed).digest()


def regimes(
    experiment: Experiment, catalogue: Catalogue, renders: frozenset[str]
) -> tuple[Regime, ...]:
    """List what people live under: in no arm, held out, then each arm in its order."""
    policy = policies.load(experiment.policy)
    nothing = Arm(id="none", title="In no arm")
    never = Arm(id="held-out", title="Never shown any", levers={"per_week": 0})
    listed = (nothing, never, *experiment.arms)
    return tuple(regime(treatment(arm, policy), catalogue, renders) for arm in listed)


def places(experiment: Experiment, permille: int, seed: int, people: Words) -> Places:
    """Assign people by their names; so many of a thousand are held out. Shapes: people (n,)."""
    key, names = salt(seed), [int(one).to_bytes(_NAME_BYTES, "big") for one in people]
    arm, day = np.full(len(names), NO_ARM, np.int64), np.zeros(len(names), np.int64)
    order = {one.id: place for place, one in enumerate(experiment.arms)}
    for step in sorted({one.day for one in experiment.ramp}):
        found = arms_of(experiment, key, names, step)
        new = np.array([order.get(one, NO_ARM) if one else NO_ARM for one in found], np.int64)
        fresh = (new != NO_ARM) & (arm == NO_ARM)
        arm[fresh], day[fresh] = new[fresh], step
    out = [held_out(key, name, permille) for name in names]
    return Places(arm=arm, day=day, held_out=np.array(out, np.bool_))


def arms_on(at: Places, agreed: Flags, day: int) -> Whole:
    """Say who is in which arm on a day, counted from 1. Shapes: agreed (n,)."""
    inside = agreed & ~at.held_out & (at.arm != NO_ARM) & (at.day <= day)
    return np.where(inside, at.arm, NO_ARM)


def regimes_on(arm: Whole, held: Flags, left: Flags, stopped: Iterable[int]) -> Whole:
    """Say what each lives under. `held` agreed and are never shown any; `left` took it back."""
    which = np.where(arm == NO_ARM, PLAIN, arm + ARMS)
    which[np.isin(arm, list(stopped)) | left] = PLAIN
    return np.where(held, HELD_OUT, which)
