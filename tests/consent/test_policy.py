# SPDX-License-Identifier: Apache-2.0
"""Decisions as tables. The golden files were read against DESIGN section 5, line by line."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import policies
from consent.policy import Allow, Deny, Facts, Policy, decide
from consent.words import Kind, Purpose, Reason, Step
from tests.consent.decisions import STANDINGS, table, verdict

SHIPPED = policies.names()
STRICT, INSTAGRAM = (policies.load(name) for name in ("strict-opt-in", "instagram-2025"))
YES = STANDINGS["explicit"]
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
)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_decision_is_the_one_in_the_golden_table(name: str) -> None:
    golden = Path(__file__).parent / "golden" / f"{name}.txt"
    assert table(policies.load(name)) == golden.read_text(), (
        f"if this change is meant: python -m tests.consent.decisions {name} > {golden.name}"
    )


@pytest.mark.parametrize("name", SHIPPED)
@given(st.sampled_from(Step), FACTS)
def test_advertising_and_training_are_never_allowed(name: str, step: Step, facts: Facts) -> None:
    for purpose in (Purpose.ADS, Purpose.TRAINING):
        assert decide(policies.load(name), step, purpose, facts) == Deny(Reason.POLICY_FORBIDS)


@pytest.mark.parametrize("policy", [STRICT, INSTAGRAM], ids=SHIPPED[::-1])
@given(st.sampled_from(Step), st.sampled_from(Purpose), FACTS)
def test_nobody_without_a_basis_is_ever_allowed_anything(
    policy: Policy, step: Step, purpose: Purpose, facts: Facts
) -> None:
    assert isinstance(decide(policy, step, purpose, replace(facts, kind=None)), Deny)


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
        roomy = replace(facts, used_day=0, used_week=0)
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
        (replace(YES, preview=False, used_day=9), "not-granted"),
        (replace(YES, used_day=1), "cap"),
        (replace(YES, used_week=3), "cap"),
        (YES, "allow"),
    ],
)
def test_the_first_rule_that_fails_is_the_reason(facts: Facts, reason: str) -> None:
    assert verdict(STRICT, Step.INSERT, Purpose.FEED_INSERT, facts) == reason


@given(FACTS)
def test_an_opening_tells_every_fact_and_no_more(facts: Facts) -> None:
    opened = facts.opening()
    rebuilt = Facts(**{**opened, "kind": Kind(opened["kind"]) if "kind" in opened else None})  # type: ignore[arg-type]
    assert rebuilt == facts
    assert None not in opened.values()
