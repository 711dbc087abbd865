# SPDX-License-Identifier: Apache-2.0
"""What each policy would come to for the same people, if everybody lived under it to the end.

No arms and no stop: it tells what the stop of an experiment spares people, and what it costs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from consent import policies
from engine.simulation.block import ENDLESS, Block, begin
from engine.simulation.day import live
from engine.simulation.regimes import regime
from engine.simulation.setup import Setup
from engine.simulation.trial import TOGETHER
from feed.experiments.plan import Experiment
from feed.experiments.record import Outcome
from feed.experiments.treatments import Treatment

_SUMMED: Final = (
    "visits", "shown", "engaged", "hidden", "fewer", "reported", "surprised", "knew_why",
    "taken_for_ad",
)  # fmt: skip


def compared(experiment: Experiment) -> tuple[str, ...]:
    """Name the policies that an experiment is about: its own, and those that arms set."""
    others = (str(arm.levers["policy"]) for arm in experiment.arms if "policy" in arm.levers)
    return tuple(dict.fromkeys((experiment.policy, *others)))


def outcomes(setup: Setup, names: Sequence[str], numbers: int, days: int) -> tuple[Outcome, ...]:
    """Let the same people live under each policy. `setup` says what else holds."""
    return tuple(_outcome(setup, name, numbers, days) for name in names)


def _outcome(setup: Setup, name: str, numbers: int, days: int) -> Outcome:
    catalogue = setup.catalogue
    lived = regime(Treatment(policy=policies.load(name)), catalogue, frozenset(catalogue.by_id))
    terms, sums = replace(setup, listed=(lived,)), Counter[str]()
    for first in range(0, numbers, TOGETHER):
        block = begin(terms, first, min(TOGETHER, numbers - first))
        for _ in range(days):
            live(block)
        sums.update(_summed(block))
    return Outcome(policy=name, people=numbers, days=days, **sums)


def _summed(block: Block) -> dict[str, int]:
    people = {
        "reached": int((block.counted["shown"] > 0).sum()),
        "withdrew": int((block.standing.withdrew != ENDLESS).sum()),
    }
    return people | {name: int(block.counted[name].sum()) for name in _SUMMED}
