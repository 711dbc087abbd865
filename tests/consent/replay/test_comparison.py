# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from consent.policy import Facts
from consent.replay.comparison import compare
from consent.replay.run import recorded_policies
from consent.words import Kind, Step
from tests.consent.replay.histories import AGREED, Ask, columns, shipped, told

STRICT = shipped("strict-opt-in")
UNSURE = Ask(opened=False, facts=Facts(kind=Kind.EXPLICIT))
"""Allowed under instagram-2025; under the default it depends on a preview nobody can look up."""


def test_only_what_cannot_be_told_is_shaky_when_the_history_stands() -> None:
    recorded = columns(told([UNSURE, Ask(object="other")], "instagram-2025"), "instagram-2025")
    found = compare(recorded, STRICT, recorded_policies(recorded), closed=False)
    assert found.shaky.tolist() == [True, False]
    assert found.flips.tolist() == [False, False]


def test_in_the_loop_all_that_may_follow_from_it_is_shaky_too() -> None:
    asks = [
        UNSURE,
        Ask(step=Step.VIEW),
        Ask(facts=replace(AGREED, preview=False)),
        Ask(tag="bob", object="other"),
    ]
    recorded = columns(told(asks, "instagram-2025"), "instagram-2025")
    found = compare(recorded, STRICT, recorded_policies(recorded), closed=True)
    assert found.shaky.tolist() == [True, True, False, False]


def test_a_flip_is_a_change_of_side_not_of_reason() -> None:
    silent = Ask(facts=Facts())
    recorded = columns(told([silent, Ask()]), "strict-opt-in")
    found = compare(recorded, shipped("lensa-2022"), recorded_policies(recorded), closed=False)
    assert found.then.tolist() == [False, True]
    assert found.now.tolist() == [False, False]
    assert found.flips.tolist() == [False, True]
