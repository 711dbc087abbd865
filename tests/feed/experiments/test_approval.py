# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest

from consent import policies
from consent.errors import Misused
from consent.policy import Policy
from consent.words import Purpose, Reason
from feed.experiments import approval, files
from feed.experiments.plan import Arm, Experiment

STRICT = policies.load("strict-opt-in")
INSTAGRAM = policies.load("instagram-2025")
LABEL = files.load("label")


def _why(policy: Policy, **levers: Any) -> tuple[str, ...]:
    return tuple(approval.not_admitted(Arm(id="b", title="B", levers=levers), policy))


def test_the_policy_of_every_shipped_experiment_admits_its_arms() -> None:
    for name in files.names():
        one = files.load(name)
        assert approval.refusals(one, policies.load(one.policy)) == ()
        approval.approve(one, policies.load(one.policy))


@pytest.mark.parametrize(
    ("levers", "words"),
    [
        ({"first": 2}, "first 2 is below the 3 that strict-opt-in allows"),
        ({"gap": 3}, "gap 3 is below the 4 that strict-opt-in allows"),
        ({"per_day": 2}, "per_day 2 is above the 1 of strict-opt-in (caps.feed_insert.per_day)"),
        ({"visible_to": "Look at this!"}, "does not admit the label 'Look at this!'"),
        ({"preview": False}, "asks before the first insert, and no arm may leave that out"),
    ],
)
def test_an_arm_beyond_what_a_policy_allows_is_refused_with_the_bound(
    levers: dict[str, Any], words: str
) -> None:
    (why,) = _why(STRICT, **levers)
    assert words in why


def test_an_arm_may_go_up_to_the_bounds() -> None:
    assert _why(STRICT, first=3, gap=4, per_day=1, per_week=3, cooldown_hours=0) == ()
    assert _why(STRICT, preview=True, ranker="uniform", recipe="filter") == ()
    assert _why(STRICT, visible_to=STRICT.labels.visible_to) == ()
    assert _why(INSTAGRAM, preview=False, per_day=3, first=2) == ()


def test_what_a_week_may_hold_is_bounded_by_the_experiments_and_by_the_caps() -> None:
    assert len(_why(STRICT, per_week=4)) == 2
    assert list(_why(INSTAGRAM, per_week=15)) == [
        "per_week 15 is above the 14 of instagram-2025 (caps.feed_insert.per_week)"
    ]
    uncapped = replace(STRICT, caps={Purpose.IMAGINE: STRICT.caps[Purpose.IMAGINE]})
    assert len(_why(uncapped, per_week=4)) == 1
    assert _why(uncapped, per_day=90) == ()


def test_a_kind_of_lever_that_a_policy_does_not_list_is_refused() -> None:
    lensa = policies.load("lensa-2022")
    (why,) = _why(lensa, ranker="best")
    assert why == "lensa-2022 admits no arm on ranker (ranker); it admits none at all"
    listing = replace(STRICT, experiments=replace(STRICT.experiments, levers=("gap", "label")))
    (why,) = _why(listing, per_week=1)
    assert why.endswith("admits no arm on frequency (per_week); it admits gap, label")


def test_what_is_only_simulated_is_not_for_a_policy_to_admit() -> None:
    lensa = policies.load("lensa-2022")
    arm = Arm(id="b", title="B", levers={"policy": "instagram-2025", "notice": "vague"})
    assert tuple(approval.not_admitted(arm, lensa)) == ()


def test_every_arm_is_named_with_its_reason_and_nothing_is_started() -> None:
    arms = (LABEL.arms[0], Arm(id="b", title="B", levers={"gap": 1, "visible_to": "Everybody!"}))
    with pytest.raises(Misused, match="experiment 'label' is not started") as refused:
        approval.approve(replace(LABEL, arms=arms), STRICT)
    assert refused.value.reason is Reason.POLICY_FORBIDS
    assert "arm 'b': gap 1" in refused.value.sentence
    assert "'Everybody!'" in refused.value.sentence


def test_another_policy_than_the_named_one_does_not_count() -> None:
    assert approval.refusals(LABEL, INSTAGRAM) == (
        "policy 'strict-opt-in' is to admit its arms, and here is 'instagram-2025'",
    )


def _in(namespace: str, low: int, high: int, name: str = "other") -> Experiment:
    return replace(LABEL, id=name, namespace=namespace, segments=(low, high))


@pytest.mark.parametrize(
    ("other", "apart"),
    [
        (_in("wording", 500, 1000), True),
        (_in("wording", 499, 1000), False),
        (_in("wording", 0, 1), False),
        (_in("placement", 0, 1000), True),
        (_in("wording", 0, 1000, "mine"), True),
    ],
)
def test_two_experiments_of_one_namespace_share_nobody(other: Experiment, apart: bool) -> None:
    mine = _in("wording", 0, 500, "mine")
    assert (approval.overlaps(mine, [other]) == ()) is apart
    if apart:
        approval.keep_apart(mine, [other])
    else:
        with pytest.raises(Misused, match="would share people with it") as refused:
            approval.keep_apart(mine, [_in("placement", 0, 9), other])
        assert refused.value.reason is Reason.STALE


def test_too_few_people_start_nothing() -> None:
    enough = {arm.id: LABEL.needed for arm in LABEL.arms}
    approval.enough(LABEL, enough)
    with pytest.raises(Misused, match="'private' would have 499 people and needs 500") as refused:
        approval.enough(LABEL, enough | {"private": 499})
    assert refused.value.reason is Reason.UNAVAILABLE
    assert len(approval.shortages(LABEL, {})) == len(LABEL.arms)
