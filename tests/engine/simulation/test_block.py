# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np

from consent import policies
from engine.simulation.block import COUNTED, ENDLESS, NEVER
from engine.simulation.regimes import regime
from engine.simulation.streams import Stream
from feed import scenarios
from feed.experiments.treatments import Treatment
from tests.engine.simulation import crowd


def test_at_first_nobody_has_come_and_nothing_is_counted() -> None:
    block = crowd.block(people=30)
    assert (block.standing.came == NEVER).all()
    assert (block.standing.withdrew == ENDLESS).all()
    assert set(block.counted) == set(COUNTED)
    assert not any(one.any() for one in block.counted.values())
    assert not block.holds().any()
    assert block.rows.count == 0


def test_use_alone_is_a_basis_only_under_a_policy_that_says_so() -> None:
    block = crowd.block(people=4)
    catalogue = scenarios.shipped()
    loose = Treatment(policy=policies.load("instagram-2025"))
    listed = (*block.setup.listed, regime(loose, catalogue, frozenset(catalogue.by_id)))
    block.setup = replace(block.setup, listed=listed)
    answers = block.standing.answers
    answers.implied[:3] = True
    answers.explicit[3] = True
    block.regime[:] = [0, 1, 1, 0]
    block.standing.withdrew[2] = 5
    assert block.holds().tolist() == [False, True, False, True]


def test_numbers_of_a_visit_are_other_ones_on_the_next_and_on_the_next_day() -> None:
    block, who = crowd.block(people=50), np.arange(50)
    first = block.lots(Stream.TAKES, who, parts=3)
    assert first.shape == (12, 50)
    block.visit = 1
    second = block.lots(Stream.TAKES, who, parts=3)
    block.visit, block.day = 0, 1
    third = block.lots(Stream.TAKES, who, parts=3)
    assert not (first == second).any()
    assert not (first == third).any()
