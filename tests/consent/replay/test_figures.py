# SPDX-License-Identifier: Apache-2.0
"""Figures and what undisclosed facts could make of them: every completion lies within."""

from itertools import product

import pytest

from consent.policy import Facts
from consent.replay import figures
from consent.replay.comparison import compare
from consent.replay.run import Mode, recorded_policies, replay
from consent.verify import Decided
from consent.words import Kind, Step
from tests.consent.replay.histories import Ask, columns, drawn, shipped, told

STRICT = shipped("strict-opt-in")


def test_flips_name_step_purpose_and_the_reason_of_the_denying_side() -> None:
    asks = [Ask(facts=Facts(kind=Kind.IMPLIED)), Ask(step=Step.VIEW), Ask(facts=Facts())]
    found = replay(columns(told(asks, "instagram-2025"), "instagram-2025"), STRICT)
    assert found["flips"] == [
        {
            "step": "select",
            "purpose": "feed_insert",
            "reason": "policy-forbids",
            "count": 1,
            "from": "allow",
            "to": "deny",
            "asked": True,
        }
    ]
    assert found["reasons"] == [
        {"from": "allow", "to": "allow", "count": 1},
        {"from": "allow", "to": "policy-forbids", "count": 1},
        {"from": "not-granted", "to": "not-granted", "count": 1},
    ]
    assert found["flips_by"]["kind"] == [{"kind": "implied", "count": 1}]
    assert (found["first_seq"], found["last_seq"]) == (0, 0)


def test_what_was_done_counts_only_where_it_was_done() -> None:
    implied = Facts(kind=Kind.IMPLIED)
    asks = [
        Ask(step=step, facts=implied, spent=spent)
        for step, spent in product((Step.READ, Step.INSERT, Step.VIEW), (True, False))
    ]
    found = replay(columns(told(asks, "snapchat-2024"), "snapchat-2024"), STRICT)
    gone = found["effects_gone"]
    assert {name: gone[name] for name in ("selfie_reads", "inserts")} == {
        "selfie_reads": 1,
        "inserts": 1,
    }
    assert found["selfie_reads_without_basis"] == 1


def test_kinds_and_rates_are_pairs_of_counts() -> None:
    asks = [Ask(), Ask(facts=Facts(kind=Kind.IMPLIED)), Ask(facts=Facts(), opened=False)]
    found = replay(columns(told(asks, "instagram-2025"), "instagram-2025"), STRICT)
    assert found["by_kind"] == [
        {"kind": "explicit", "decisions": 1, "allowed": 1, "allowed_now": 1},
        {"kind": "implied", "decisions": 1, "allowed": 1, "allowed_now": 0},
        {"kind": "none", "decisions": 1, "allowed": 0, "allowed_now": 0},
    ]
    assert found["denial_rate"] == {
        "recorded": {"denied": 0, "of": 2},
        "target": {"denied": 1, "of": 2},
    }


def test_nothing_undisclosed_means_exact_figures() -> None:
    recorded = columns(told([Ask(), Ask(facts=Facts())]), "strict-opt-in")
    found = compare(recorded, shipped("lensa-2022"), recorded_policies(recorded), closed=True)
    assert all(one["low"] == one["high"] for one in figures.bounds(found).values())


@pytest.mark.parametrize("mode", ["pointwise", "closed-loop"])
@pytest.mark.parametrize("seed", range(4))
def test_the_truth_lies_within_the_bounds(seed: int, mode: Mode) -> None:
    """Disclose a history in full: its figures lie where those of the closed one said."""
    everything = drawn(seed, 250, "instagram-2025", opened=1)
    sealed = [
        event._replace(facts=None)
        if isinstance(event, Decided) and event.tag == "person 1"
        else event
        for event in everything
    ]
    for name in ("strict-opt-in", "snapchat-2024", "lensa-2022"):
        told_all = replay(columns(everything, "instagram-2025"), shipped(name), mode)
        limits = replay(columns(sealed, "instagram-2025"), shipped(name), mode)["bounds_of"]
        for cell, count in told_all["table"].items():
            assert limits[cell]["low"] <= count <= limits[cell]["high"], (name, cell)
        for what, count in told_all["effects_gone"].items():
            assert limits[what]["low"] <= count <= limits[what]["high"], (name, what)
        affected = limits["people_affected"]
        assert affected["low"] <= told_all["people_affected"] <= affected["high"]
