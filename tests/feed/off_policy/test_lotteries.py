# SPDX-License-Identifier: Apache-2.0
"""What a ranker would have drawn with is what the choosing draws with."""

import numpy as np
import pytest

from consent import policies
from feed import choices, draws, model, scenarios
from feed.choices import Lottery, People
from feed.experiments.plan import RANKERS
from feed.features import GRAIN, PERSON, scenes
from feed.off_policy.lotteries import lottery

PEOPLE = 400


@pytest.mark.parametrize("ranker", RANKERS)
def test_a_lottery_written_out_is_the_one_that_is_drawn_from(ranker: str) -> None:
    rng = np.random.default_rng(1)
    weights, known = policies.load("strict-opt-in").ranking, model.shipped()
    z = scenes(scenarios.shipped().scenarios)
    x = rng.integers(-GRAIN, GRAIN + 1, (PEOPLE, len(PERSON))) / GRAIN
    eligible = rng.random((PEOPLE, 1 + len(z))) < 0.7
    eligible[:, 0] = True
    drawn = choices.choose(
        known,
        z,
        People(
            x=x,
            eligible=choices.pack(eligible),
            draw_keys=rng.integers(0, 1 << 63, PEOPLE).astype(np.uint64),
            rankers=np.full(PEOPLE, RANKERS.index(ranker), np.uint8),
        ),
        Lottery(weights=weights, run_key=draws.run_key(1), day=20_000),
    )
    written = lottery(known, x, z, eligible, weights, ranker=ranker)
    assert written.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert (written[~eligible] == 0.0).all()
    assert written[np.arange(PEOPLE), drawn.action] == pytest.approx(drawn.propensity, rel=1e-5)


def test_what_is_no_ranker_is_none() -> None:
    known, z = model.shipped(), scenes(scenarios.shipped().scenarios)
    x, eligible = np.zeros((1, len(PERSON))), np.ones((1, 1 + len(z)), np.bool_)
    weights = policies.load("strict-opt-in").ranking
    with pytest.raises(KeyError, match="luckiest"):
        lottery(known, x, z, eligible, weights, ranker="luckiest")
