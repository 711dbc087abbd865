# SPDX-License-Identifier: Apache-2.0
"""What an arm comes to for the people in it, in numbers that a response can be computed from.

Rules:
1. an arm acts through its treatment alone: rules of the page, words, who is asked what, ranker
2. words act by what they say (who can see it, that a model made it), not by their length or tone
3. how much each of these matters is a coefficient, never a number in here
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent.policy import Policy
from consent.words import Kind, Purpose, Step
from feed.experiments.treatments import Treatment

_WHO: Final = ("only you", "nobody but you", "just you")
_FIRST_WORDS: Final = ("private", "only", "nobody", "just")
_FILTER: Final = "filter"
_USUAL_FIRST: Final = 4
"""The place from which on an insert is not thought early: that of the strictest policy."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How one arm deals with people. Units: 0 or 1 unless said otherwise."""

    implied: float  #: having used the tool counts as a yes to inserts
    carded: float  #: a card with a preview comes before the first insert
    plain: float  #: the notice is in plain words
    vague: float  #: the notice stays vague
    says_who: float  #: the label says who can see it
    leads: float  #: and says so with its first word
    says_made: float  #: the label says that a model made it
    early: float  #: places before the fourth at which an insert may stand
    filtered: float  #: a filter over the selfie instead of a portrait


def handling(treatment: Treatment) -> Handling:
    """Read off a treatment what people can notice of it."""
    labels, slots = treatment.policy.labels, treatment.policy.slots
    who = labels.visible_to.lower()
    says = any(words in who for words in _WHO)
    return Handling(
        implied=float(_implied(treatment.policy)),
        carded=float(_carded(treatment.policy)),
        plain=float(treatment.notice == "plain"),
        vague=float(treatment.notice == "vague"),
        says_who=float(says),
        leads=float(says and who.startswith(_FIRST_WORDS)),
        says_made=float("AI" in labels.made_by.replace(",", " ").split()),
        early=float(max(0, _USUAL_FIRST - slots.first)),
        filtered=float(treatment.recipe == _FILTER),
    )


def of_people(arms: Sequence[Handling], which: NDArray[np.integer]) -> dict[str, Numbers]:
    """Spread what the arms are over the people in them. Shapes: which (n,); each value (n,)."""
    table = np.array([[getattr(one, name) for name in Handling.__slots__] for one in arms])
    return {
        name: np.ascontiguousarray(table[which, at]) for at, name in enumerate(Handling.__slots__)
    }


def _implied(policy: Policy) -> bool:
    """Say whether a basis that nobody was asked for counts where an insert is placed."""
    rule = policy.rule(Step.INSERT, Purpose.FEED_INSERT)
    given = Purpose.FEED_INSERT in policy.consent.unasked()
    return rule is not None and Kind.IMPLIED in rule.kinds and given


def _carded(policy: Policy) -> bool:
    rule = policy.rule(Step.INSERT, Purpose.FEED_INSERT)
    return rule is not None and "preview" in rule.needs
