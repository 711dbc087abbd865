# SPDX-License-Identifier: Apache-2.0
"""Policies are compared among the same people, to the end, with nothing stopped."""

from engine.simulation import outcomes
from feed.experiments import files
from tests.engine.simulation import crowd


def test_what_is_compared_are_the_experiments_policy_and_those_of_its_arms() -> None:
    assert outcomes.compared(files.load("cohort")) == ("strict-opt-in", "instagram-2025")
    assert outcomes.compared(files.load("frequency")) == ("strict-opt-in",)


def test_by_default_more_are_reached_and_more_turn_it_off_than_when_asked_first() -> None:
    asked, default = outcomes.outcomes(crowd.setup(), ("strict-opt-in", "instagram-2025"), 600, 8)
    assert default.reached > 1.5 * asked.reached
    assert default.withdrew > 2 * asked.withdrew
    assert default.taken_for_ad > 3 * asked.taken_for_ad
    assert asked.knew_why / asked.shown > 2 * default.knew_why / default.shown


def test_an_outcome_is_what_people_under_the_policy_come_to() -> None:
    (found,) = outcomes.outcomes(crowd.setup(), ("instagram-2025",), 300, 4)
    counted = crowd.block("instagram-2025", people=300, days=4).counted
    assert (found.people, found.days) == (300, 4)
    assert found.shown == counted["shown"].sum()
    assert found.reached == (counted["shown"] > 0).sum()
    assert found.surprised == counted["surprised"].sum()
