# SPDX-License-Identifier: Apache-2.0
"""Say what a ranker would have drawn with, action by action: a target for evaluation.

It is the lottery that feed/choices draws from, written out; a test holds both together. The model
may be another one than the one in charge, and so may the weights: whose are these decides whose
lottery it is.
"""

import numpy as np

from consent.policy import RankingValues
from feed import exploration
from feed.experiments.plan import RANKERS
from feed.exploration import Mask
from feed.features import Matrix
from feed.model import Model
from feed.ranking import values


def lottery(
    model: Model,
    x: Matrix,
    z: Matrix,
    eligible: Mask,
    weights: RankingValues,
    *,
    ranker: str = "explore",
) -> Matrix:
    """Write out a lottery. Shapes: x (n, p), z (m, s), eligible (n, 1 + m); returns (n, 1 + m).

    The first action is "no insert". Errors: KeyError for no ranker, the caller's fault.
    """
    if ranker not in RANKERS:
        raise KeyError(ranker)
    if ranker == "uniform":
        return np.asarray(eligible / eligible.sum(axis=1, keepdims=True))
    worth = np.hstack([np.zeros((len(x), 1)), values(model, x, z, weights)])
    if ranker == "best":
        return exploration.best(worth, eligible)
    return exploration.lottery(
        worth, eligible, temperature=weights.temperature, share=weights.exploration
    )
