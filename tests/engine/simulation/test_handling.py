# SPDX-License-Identifier: Apache-2.0
"""What an arm comes to, in numbers, follows from its treatment alone."""

import numpy as np
import pytest

from consent import policies
from engine.simulation.handling import Handling, handling, of_people
from feed.experiments.plan import Arm
from feed.experiments.treatments import treatment


def resolved(**levers: int | str | bool) -> Handling:
    arm = Arm(id="a", title="A", levers=levers)
    return handling(treatment(arm, policies.load("strict-opt-in")))


def test_the_strict_policy_asks_with_a_card_and_counts_no_use_as_a_yes() -> None:
    assert resolved() == Handling(
        implied=0.0, carded=1.0, plain=0.0, vague=0.0,
        says_who=1.0, leads=1.0, says_made=1.0, early=0.0, filtered=0.0,
    )  # fmt: skip


def test_the_rollout_of_2025_counts_use_as_a_yes_shows_no_card_and_stands_earlier() -> None:
    rollout = resolved(policy="instagram-2025")
    assert (rollout.implied, rollout.carded, rollout.says_made) == (1.0, 0.0, 0.0)
    assert rollout.early == 2.0


@pytest.mark.parametrize(
    ("words", "says", "leads"),
    [
        ("Only you can see this", 1.0, 1.0),
        ("Private: only you see this", 1.0, 1.0),
        ("Imagined for you", 0.0, 0.0),
        ("Here is one that nobody but you sees", 1.0, 0.0),
        ("Private things", 0.0, 0.0),
    ],
)
def test_a_label_counts_by_what_it_says(words: str, says: float, leads: float) -> None:
    made = resolved(visible_to=words)
    assert (made.says_who, made.leads) == (says, leads)


def test_notice_card_and_recipe_are_read_off_the_arm() -> None:
    assert resolved(notice="vague").vague == 1.0
    assert resolved(notice="plain").plain == 1.0
    assert resolved(preview=False).carded == 0.0
    assert resolved(recipe="filter").filtered == 1.0


def test_arms_are_spread_over_the_people_in_them() -> None:
    spread = of_people([resolved(), resolved(recipe="filter")], np.array([1, 0, 1]))
    assert spread["filtered"].tolist() == [1.0, 0.0, 1.0]
    assert spread["carded"].tolist() == [1.0, 1.0, 1.0]
