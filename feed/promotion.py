# SPDX-License-Identifier: Apache-2.0
"""Whether an apprentice may take over: worth more than the model in charge, and no harm worse.

Rules:
1. the lower bound of what it is worth above the one in charge, by the same choices, is above 0
2. it is not sure to be hidden, asked for less, or reported more often than the one in charge
3. where the log says too little there is no number, and no promotion
That people leave cannot be seen in a log that they take along: an experiment shows that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from feed.features import Matrix
from feed.off_policy import evaluation
from feed.off_policy.evaluation import Difference, Target
from feed.off_policy.logs import Log

HARMS: Final = ("fewer", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A log of choices with two models' lotteries. Shapes: lotteries (n, 1 + m), heads (n,)."""

    log: Log
    mine: Matrix
    theirs: Matrix
    heads: Mapping[str, Matrix]  #: which outcomes came, of those that can be known


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How an apprentice did. `against`: why it may not take over, a sentence each."""

    decisions: int
    people: int
    worth: Difference  #: above the one in charge, a choice, in the policy's values
    harms: Mapping[str, Difference]
    against: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Say whether it may take over."""
        return not self.against


def judge(beside: Beside) -> Judgement:
    """Hold an apprentice against the model in charge."""
    mine = Target(name="apprentice", chances=beside.mine)
    theirs = Target(name="in charge", chances=beside.theirs)
    worth = evaluation.compare(beside.log, mine, theirs)
    harms = {
        name: evaluation.compare(
            beside.log.under(beside.heads[name], low=0.0, high=1.0), mine, theirs
        )
        for name in HARMS
    }
    return Judgement(
        decisions=len(beside.log),
        people=len(set(beside.log.subject.tolist())),
        worth=worth,
        harms=MappingProxyType(harms),
        against=tuple(_against(worth, harms)),
    )


def _against(worth: Difference, harms: Mapping[str, Difference]) -> list[str]:
    if worth.why is not None:
        return [f"nothing can be said of it yet: {worth.why}"]
    found = [] if worth.better else ["it is not sure to be worth more than the one in charge"]
    return found + [
        f"more often than under the one in charge: {name}"
        for name, gap in harms.items()
        if gap.better
    ]
