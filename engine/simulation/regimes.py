# SPDX-License-Identifier: Apache-2.0
"""What people of one arm live under: rules of the page, weights, ideas, and how it is all said.

A regime is an arm's treatment as plain numbers (or the policy's own, for who is in no arm); a run
has a few of them and every person one number naming theirs. `Regimes.of` spreads a rule over
people; nothing else in the simulation knows that there are arms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from consent.policy import Policy, RankingValues, SlotRules
from consent.words import Purpose
from engine.simulation.handling import Handling, handling
from feed.experiments.treatments import Treatment
from feed.exploration import Mask
from feed.scenarios import Catalogue

Whole = NDArray[np.int64]
_NUMBERS = tuple(f.name for f in fields(SlotRules) if f.name != "most_sensitive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One way of being dealt with."""

    rules: SlotRules
    weights: RankingValues
    handling: Handling
    ideas: tuple[bool, ...]  #: which scenarios may be chosen, in the catalogue's order
    ranker: str = "explore"
    insert_minutes: int  #: for how long an insert stays in the feed
    plan_minutes: int  #: from one choice to the next


def regime(treatment: Treatment, catalogue: Catalogue, renders: frozenset[str]) -> Regime:
    """Read off a treatment what a simulated person lives under."""
    policy = treatment.policy
    fit = catalogue.eligible(renders, most_sensitive=policy.slots.most_sensitive)
    able = {scenario.id for scenario in fit}
    rules = _capped(policy)
    return Regime(
        rules=rules,
        weights=policy.ranking,
        handling=handling(treatment),
        ideas=tuple(scenario.id in able for scenario in catalogue.scenarios),
        ranker=treatment.ranker,
        insert_minutes=policy.portraits.insert_hours * 60,
        plan_minutes=24 * 60 // max(1, rules.per_day),
    )


def _capped(policy: Policy) -> SlotRules:
    """Hold the page's caps within those of the gate, which counts for every arm."""
    caps = policy.caps.get(Purpose.FEED_INSERT)
    given = {f.name: getattr(policy.slots, f.name) for f in fields(SlotRules)}
    if caps is not None:
        given["per_day"] = min(given["per_day"], caps.per_day)
        given["per_week"] = min(given["per_week"], caps.per_week)
    return SlotRules(**given)


@dataclass(frozen=True, kw_only=True)
class Regimes:
    """All regimes of a run, as columns that a person's number picks from."""

    listed: tuple[Regime, ...]

    def of(self, rule: str, which: NDArray[np.integer]) -> Whole:
        """Spread one slot rule over people. Shapes: which (n,); returns (n,)."""
        return np.asarray(self._rules[rule][which])

    @cached_property
    def _rules(self) -> dict[str, Whole]:
        rules = [one.rules for one in self.listed]
        return {name: np.array([int(getattr(r, name)) for r in rules]) for name in _NUMBERS}

    @cached_property
    def handlings(self) -> Sequence[Handling]:
        """List how each deals with people."""
        return [one.handling for one in self.listed]

    @cached_property
    def ideas(self) -> Mask:
        """Say which scenarios each allows. Shapes: (regimes, scenarios)."""
        return np.array([one.ideas for one in self.listed])

    @cached_property
    def insert_minutes(self) -> Whole:
        """Say how long an insert lives under each. Shapes: (regimes,)."""
        return np.array([one.insert_minutes for one in self.listed])

    @cached_property
    def plan_minutes(self) -> Whole:
        """Say how far apart choices are under each. Shapes: (regimes,)."""
        return np.array([one.plan_minutes for one in self.listed])

    def of_handling(self, name: str, which: NDArray[np.integer]) -> NDArray[np.float64]:
        """Spread one number of how people are dealt with. Shapes: which (n,); returns (n,)."""
        table = np.array([getattr(one, name) for one in self.handlings])
        return np.asarray(table[which])
