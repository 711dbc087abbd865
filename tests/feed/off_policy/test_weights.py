# SPDX-License-Identifier: Apache-2.0
"""How decisions are weighed, and what no weight can mend."""

import pytest

from consent.errors import Misused
from feed.off_policy.weights import weigh
from tests.feed.off_policy import world


def test_weights_of_the_known_world_are_those_of_the_closed_form() -> None:
    log, target, _ = world.population()
    weights = weigh(log, target)
    assert weights.effective / len(log) == pytest.approx(0.47003525, abs=1e-8)
    assert weights.largest == pytest.approx(3.5, abs=1e-12)
    assert weights.weight.mean() == pytest.approx(1.0, abs=1e-12)
    assert (weights.unsupported, weights.clipped) == (0.0, 0.0)


def test_clipping_says_which_mass_it_left_out() -> None:
    log, target, _ = world.population()
    weights = weigh(log, target, clip=2.0)
    left_out = 0.5 * (0.6 - 2 * 0.25) + 0.5 * (0.7 - 2 * 0.2)
    assert weights.largest == 2.0
    assert weights.clipped == pytest.approx(left_out, abs=1e-12)
    assert weights.weight.mean() == pytest.approx(1.0 - left_out, abs=1e-12)


def test_what_the_log_could_never_draw_is_told_as_unsupported() -> None:
    log, target, _ = world.population()
    narrow = world.without_action(log, 2)
    assert weigh(narrow, target[log.action != 2]).unsupported == pytest.approx(0.2, abs=1e-12)


def test_a_target_that_is_no_lottery_is_refused() -> None:
    log, target, _ = world.population()
    for wrong in (target * 0.9, target[:, :2], -target):
        with pytest.raises(Misused, match="a lottery"):
            weigh(log, wrong)
