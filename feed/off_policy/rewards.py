# SPDX-License-Identifier: Apache-2.0
"""Price what came of a decision by the policy's weights: the reward a ranker is valued by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from consent.policy import RankingValues
from feed.exploration import Mask
from feed.features import Matrix
from feed.model import HEADS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewards:
    """A reward a decision, and between which bounds any of them lies. Shapes: `reward` (n,)."""

    reward: Matrix
    low: float
    high: float


def priced(
    outcomes: Mapping[str, Matrix],
    inserted: Mask,
    weights: RankingValues,
    *,
    known: Sequence[str] = HEADS,
) -> Rewards:
    """Price outcomes. Shapes: one column of 0 and 1 a head, and who had an insert, (n,) each.

    Nothing shown earns 0. `known` are the heads that this log can know of: the others are no part
    of the reward or of its bounds. Errors: KeyError where one is missing, the caller's fault.
    """
    each = {name: float(getattr(weights, name)) for name in known}
    worth = np.full(len(inserted), -weights.cost_per_insert)
    for name, weight in each.items():
        worth += weight * np.asarray(outcomes[name], np.float64)
    best = sum(weight for weight in each.values() if weight > 0.0) - weights.cost_per_insert
    worst = sum(weight for weight in each.values() if weight < 0.0) - weights.cost_per_insert
    return Rewards(reward=np.where(inserted, worth, 0.0), low=min(0.0, worst), high=max(0.0, best))
