# SPDX-License-Identifier: Apache-2.0
"""Decisions as tables. The golden files were read against DESIGN section 5, line by line."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import policies
from consent.policy import AgeRules, Allow, Deny, Facts, decide
from consent.words import Kind, Purpose, Reason, Step
from tests.consent.decisions import STANDINGS, table, verdict

SHIPPED = policies.names()
STRICT, INSTAGRAM = (policies.load(name) for name in ("strict-opt-in", "instagram-2025"))
YES = STANDINGS["explicit"]
NEVER = (Purpose.ADS, Purpose.TRAINING)
SOLD = {
    ("snapchat-2024", Purpose.ADS),
    ("snapchat-2024", Purpose.TRAINING),
    ("lensa-2022", Purpose.TRAINING),
}
"""Who allows what no other policy does, and brings it along with a yes to something else."""
FACTS = st.builds(
    Facts,
    kind=st.none() | st.sampled_from(Kind),
    withdrawn=st.booleans(),
    expired=st.booleans(),
    notice_current=st.booleans(),
    preview=st.booleans(),
    confirmed=st.booleans(),
    used_day=st.integers(0, 60),
    used_week=st.integers(0, 300),
    age_band=st.sampled_from([None, "adult", "minor"]),
    region=st.sampled_from([None, "US-IL", "US-CA"]),
    paused=st.booleans(),
)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_decision_is_the_one_in_the_golden_table(name: str) -> None:
    golden = Path(__file__).parent / "golden" / f"{name}.txt"
    assert table(policies.load(name)) == golden.read_text(), (
        f"if this change is meant: python -m tests.consent.decisions {name} > {golden.name}"
    )


@pytest.mark.parametrize(
    ("name", "purpose"),
    [(name, p) for name in SHIPPED for p in NEVER if (name, p) not in SOLD],
)
@given(st.sampled_from(Step), FACTS)
def test_advertising_and_training_are_never_allowed(
    name: str, purpose: Purpose, step: Step, facts: Facts
) -> None:
    assert decide(policies.load(name), step, purpose, facts) == Deny(Reason.POLICY_FORBIDS)


@pytest.mark.parametrize(("name", "purpose"), sorted(SOLD))
def test_what_is_said_of_others_is_modelled_and_not_softened(name: str, purpose: Purpose) -> None:
    policy = policies.load(name)
    assert purpose in policy.consent.bundles[Purpose.LIKENESS]
    never_asked = replace(YES, kind=Kind.IMPLIED)
    assert "allow" in {verdict(policy, step, purpose, never_asked) for step in Step}


@pytest.mark.parametrize("name", SHIPPED)
@given(st.sampled_from(Step), st.sampled_from(Purpose), FACTS)
def test_nobody_without_a_basis_is_ever_allowed_anything(
    name: str, step: Step, purpose: Purpose, facts: Facts
) -> None:
    assert isinstance(decide(policies.load(name), step, purpose, replace(facts, kind=None)), Deny)


@given(st.sampled_from(Step), st.sampled_from(Purpose), FACTS)
def test_under_the_default_nothing_is_ever_implied(
    step: Step, purpose: Purpose, facts: Facts
) -> None:
    assert isinstance(decide(STRICT, step, purpose, replace(facts, kind=Kind.IMPLIED)), Deny)
    assert not STRICT.consent.implies


@given(st.sampled_from(Step), st.sampled_from(Purpose), FACTS)
def test_the_default_allows_nothing_that_the_rollout_of_2025_did_not(
    step: Step, purpose: Purpose, facts: Facts
) -> None:
    if isinstance(decide(STRICT, step, purpose, facts), Allow) and facts.kind is Kind.EXPLICIT:
        roomy = replace(facts, used_day=0, used_week=0, region=None)
        assert isinstance(decide(INSTAGRAM, step, purpose, roomy), Allow)


def test_using_the_edit_tool_was_enough_in_2025_and_is_not_here() -> None:
    used_the_tool = replace(YES, kind=Kind.IMPLIED, preview=False)
    assert verdict(INSTAGRAM, Step.INSERT, Purpose.FEED_INSERT, used_the_tool) == "allow"
    assert verdict(STRICT, Step.INSERT, Purpose.FEED_INSERT, used_the_tool) == "policy-forbids"


def test_a_step_that_no_rule_names_is_denied_as_silence() -> None:
    empty = replace(STRICT, rules=())
    assert decide(empty, Step.VIEW, Purpose.IMAGINE, YES) == Deny(Reason.POLICY_SILENT)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(YES, kind=None), "not-granted"),
        (replace(YES, kind=None, withdrawn=True), "withdrawn"),
        (replace(YES, expired=True, kind=Kind.IMPLIED), "expired"),
        (replace(YES, kind=Kind.IMPLIED, notice_current=False), "policy-forbids"),
        (replace(YES, notice_current=False, preview=False), "notice-outdated"),
        (replace(YES, kind=None, paused=True), "not-granted"),
        (replace(YES, notice_current=False, paused=True), "notice-outdated"),
        (replace(YES, paused=True, preview=False, age_band="minor"), "paused"),
        (replace(YES, preview=False, used_day=9), "not-granted"),
        (replace(YES, notice_current=False, age_band="minor"), "notice-outdated"),
        (replace(YES, age_band="minor", preview=False), "guardian-required"),
        (replace(YES, used_day=1), "cap"),
        (replace(YES, used_week=3), "cap"),
        (YES, "allow"),
    ],
)
def test_the_first_rule_that_fails_is_the_reason(facts: Facts, reason: str) -> None:
    assert verdict(STRICT, Step.INSERT, Purpose.FEED_INSERT, facts) == reason


@pytest.mark.parametrize(
    ("minors", "unknown", "age", "kind", "said"),
    [
        ("refused", "as-adult", "minor", Kind.PARENTAL, "age"),
        ("guardian", "as-adult", "minor", Kind.EXPLICIT, "guardian-required"),
        ("guardian", "as-adult", "minor", Kind.PARENTAL, "allow"),
        ("as-adult", "refused", "minor", Kind.EXPLICIT, "allow"),
        ("as-adult", "refused", None, Kind.EXPLICIT, "age"),
        ("as-adult", "guardian", None, Kind.EXPLICIT, "guardian-required"),
        ("refused", "refused", "adult", Kind.EXPLICIT, "allow"),
    ],
)
def test_a_minor_and_an_unknown_age_are_dealt_with_as_the_policy_says(
    minors: str, unknown: str, age: Any, kind: Kind, said: str
) -> None:
    ages = AgeRules(minors=minors, unknown=unknown)  # type: ignore[arg-type]
    facts = replace(YES, age_band=age, kind=kind)
    assert verdict(replace(STRICT, ages=ages), Step.READ, Purpose.IMAGINE, facts) == said


def test_where_a_policy_stays_out_nothing_is_done() -> None:
    there, elsewhere = (replace(YES, region=region) for region in ("US-IL", "US-CA"))
    assert verdict(INSTAGRAM, Step.ENROL, Purpose.LIKENESS, there) == "policy-forbids"
    assert verdict(INSTAGRAM, Step.ENROL, Purpose.LIKENESS, elsewhere) == "allow"


def test_five_minutes_ten_selfies_and_one_pack_a_day_are_values_of_a_file() -> None:
    tiktok, plus = (policies.load(f"tiktok-avatars-2023{tier}") for tier in ("", "+plus"))
    assert (tiktok.selfies.minimum, tiktok.selfies.maximum) == (3, 10)
    assert (tiktok.packs.styles, tiktok.packs.outputs, tiktok.packs.per_day) == (5, 30, 1)
    assert tiktok.selfies.retention_seconds == tiktok.portraits.retention_seconds == 300
    assert not tiktok.selfies.delete_after_generation
    assert plus == replace(
        tiktok,
        **{name: getattr(plus, name) for name in ("id", "sha256", "text", "title", "summary")},
        selfies=replace(tiktok.selfies, delete_after_generation=True),
    )


@given(FACTS)
def test_an_opening_tells_every_fact_and_no_more(facts: Facts) -> None:
    opened = facts.opening()
    rebuilt = Facts(**{**opened, "kind": Kind(opened["kind"]) if "kind" in opened else None})  # type: ignore[arg-type]
    assert rebuilt == facts
    assert None not in opened.values()


def test_a_policy_says_how_long_a_picture_is_held_back_and_how_often_it_is_judged_again() -> None:
    rules = replace(STRICT.moderation, quarantine=("nsfw",), quarantine_seconds=60, appeals=2)
    assert [rules.held_for(reason) for reason in (Reason.NSFW, Reason.NO_FACE)] == [60, 0]
    assert [rules.may_appeal(judged) for judged in range(4)] == [True, True, False, False]
