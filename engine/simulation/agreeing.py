# SPDX-License-Identifier: Apache-2.0
"""Who says yes to what, before the first insert: the steps that a funnel counts.

    agreed to experiments -> has used the tool (an enrolled face) -> agreed to inserts -> card

Rules:
1. somebody's inclination is theirs: it is the same in every arm, so are their numbers
2. what an arm changes is who is asked, with what words, and whether a card comes first
3. where use counts as a yes nobody is asked; what they would have said is kept, because those
   who would have said no take it otherwise (engine/simulation/reception)
4. a card with a preview is shown before the first insert, whatever the basis, and can be declined
Source: assumptions (data/simulation.toml); the steps are those of the product.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.simulation.handling import Numbers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclined:
    """One number a person and question, in [0, 1). Shapes: each (n,)."""

    willing: Numbers  #: standard normal: how gladly somebody says yes to such things
    experiments: Numbers
    tool: Numbers
    inserts: Numbers
    later: Numbers
    card: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What everybody says on their first visit. Shapes: each (n,)."""

    tool: Flags  #: has used the tool: there is an enrolled face
    would: Flags  #: says yes to inserts, or would if asked
    later: Flags  #: said "not now"
    never: Flags  #: said no
    declined: Flags  #: saw the preview and said no to it
    explicit: Flags  #: holds a basis by a yes
    implied: Flags  #: holds a basis by use alone

    @property
    def holds(self) -> Flags:
        """Say who can be shown an insert at all."""
        return self.explicit | self.implied


def agreed(know: Mapping[str, float], by: Inclined) -> Flags:
    """Say who may be experimented on, from the first day on. Shapes: (n,)."""
    return np.asarray(by.experiments < know["agreeing.experiments"])


def answer(know: Mapping[str, float], arms: Mapping[str, Numbers], by: Inclined) -> Answers:
    """Ask everybody what their arm asks. Shapes: `arms` as handling.of_people gives them."""
    tool = by.tool < know["agreeing.tool"]
    would = by.inserts < _chance(know, arms, by.willing)
    likes = np.where(would, know["agreeing.card"], know["agreeing.card-unwilling"])
    used = arms["implied"] > 0.0
    asked = tool & ~used
    carded = arms["carded"] > 0.0
    shown = tool & carded & (would | used)
    passes = ~carded | (by.card < likes)
    later = asked & ~would & (by.later < know["agreeing.later"])
    return Answers(
        tool=tool,
        would=would,
        later=later,
        never=asked & ~would & ~later,
        declined=shown & ~passes,
        explicit=asked & would & passes,
        implied=tool & used & passes,
    )


def _chance(know: Mapping[str, float], arms: Mapping[str, Numbers], willing: Numbers) -> Numbers:
    """Say how likely a yes is by the words of the notice."""
    logit = (
        know["agreeing.inserts"]
        + know["agreeing.willing"] * willing
        + know["agreeing.plain"] * arms["plain"]
        + know["agreeing.vague"] * arms["vague"]
    )
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))
