# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from consent import lint, policies
from consent.overlays import overlaid
from consent.policy import AgeRules, Caps, Claim, Policy, Rule
from consent.words import Kind, Purpose, Step

STRICT = policies.load("strict-opt-in")
SNAPCHAT = policies.load("snapchat-2024")
TIKTOK, PLUS = (policies.load(f"tiktok-avatars-2023{tier}") for tier in ("", "+plus"))


def codes(policy: Policy, *tiers: Policy) -> list[str]:
    return [one.code for one in lint.findings(policy, tiers)]


def accepting(purpose: Purpose, *kinds: Kind) -> Rule:
    """Make a rule that lets a purpose through at one step."""
    return Rule(
        steps=frozenset({Step.READ}), purposes=frozenset({purpose}), kinds=frozenset(kinds)
    )


def first(policy: Policy, rule: Rule) -> Policy:
    return replace(policy, rules=(rule, *policy.rules))


@pytest.mark.parametrize("name", policies.names())
def test_nothing_is_wrong_with_a_shipped_policy(name: str) -> None:
    tiers = [policies.load(other) for other in policies.names() if overlaid(other) == name]
    assert lint.findings(policies.load(name), tiers) == ()


def test_a_rule_whose_every_cell_an_earlier_one_names_is_dead() -> None:
    late = replace(STRICT, rules=(*STRICT.rules, accepting(Purpose.IMAGINE, Kind.IMPLIED)))
    (found,) = lint.findings(late)
    assert (found.code, found.rule) == ("dead-rule", len(late.rules))


def test_a_rule_that_several_earlier_ones_cover_together_is_dead() -> None:
    both = Rule(
        steps=frozenset({Step.READ, Step.VIEW}),
        purposes=frozenset({Purpose.IMAGINE}),
        kinds=frozenset({Kind.EXPLICIT}),
    )
    assert codes(replace(STRICT, rules=(*STRICT.rules, both))) == ["dead-rule"]
    alive = replace(both, purposes=frozenset({Purpose.IMAGINE, Purpose.STORY}))
    assert codes(replace(STRICT, rules=(*STRICT.rules, alive))) == []


def test_a_limit_that_nobody_can_reach_is_dead() -> None:
    capped = {**STRICT.caps, Purpose.ADS: Caps(per_day=1, per_week=1)}
    assert codes(replace(STRICT, caps=capped)) == ["dead-cap"]


def test_what_is_implied_and_nowhere_accepted_is_dead() -> None:
    consent = replace(STRICT.consent, implies={Purpose.IMAGINE: (Purpose.STORY,)})
    assert codes(replace(STRICT, consent=consent, claims=())) == ["dead-basis"]


QUARANTINES: dict[str, dict[str, object]] = {
    "a time to be held back for, and no reason that holds anything back": {"quarantine": ()},
    "reasons that hold a picture back, for no time at all": {
        "quarantine_seconds": 0,
        "appeals": 0,
    },
    "an appeal, and nothing is held back that one could appeal for": {
        "quarantine_seconds": 0,
        "quarantine": (),
    },
}


@pytest.mark.parametrize("name", QUARANTINES)
def test_a_quarantine_that_holds_nothing_back_is_dead(name: str) -> None:
    moderation = replace(STRICT.moderation, **QUARANTINES[name])  # type: ignore[arg-type]
    (found,) = lint.findings(replace(STRICT, moderation=moderation))
    assert (found.code, found.detail) == ("dead-quarantine", name)


def test_an_appeal_without_selfies_to_be_judged_by_is_dead() -> None:
    selfies = replace(STRICT.selfies, delete_after_generation=True)
    assert codes(replace(STRICT, selfies=selfies, claims=())) == ["dead-quarantine"]


def test_what_is_held_back_goes_no_later_than_what_passed() -> None:
    portraits = replace(STRICT.portraits, retention_seconds=604_799)
    (found,) = lint.findings(replace(STRICT, portraits=portraits))
    assert found.code == "held-longer"
    assert found.detail.startswith("a picture is held back for 7 days, but one that passed")


BREAKING: dict[Claim, Policy] = {
    "notice-first": first(STRICT, accepting(Purpose.IMAGINE, Kind.EXPLICIT, Kind.IMPLIED)),
    "no-ads": replace(SNAPCHAT, claims=("no-ads",)),
    "no-training": replace(SNAPCHAT, claims=("no-training",)),
    "nothing-bundled": replace(SNAPCHAT, claims=("nothing-bundled",)),
    "minors-guarded": replace(STRICT, ages=AgeRules(minors="as-adult", unknown="as-adult")),
}


@pytest.mark.parametrize("claim", BREAKING)
def test_a_claim_that_is_not_true_of_all_facts_is_a_finding(claim: Claim) -> None:
    found = [one for one in lint.findings(BREAKING[claim]) if one.code == "claim-broken"]
    assert [one.detail.startswith(claim) for one in found] == [True]
    unclaimed = tuple(other for other in BREAKING[claim].claims if other != claim)
    assert codes(replace(BREAKING[claim], claims=unclaimed)) == []


def test_a_broken_claim_names_the_plainest_person_for_whom_it_is_false() -> None:
    (found,) = lint.findings(BREAKING["notice-first"])
    assert found.detail == (
        "notice-first (no step is allowed for who was not shown a notice): "
        "somebody whose basis for imagine is only implied can have their selfies read "
        "when they ask for one"
    )


def test_the_default_never_allows_a_step_to_who_was_shown_no_notice() -> None:
    assert "notice-first" in STRICT.claims
    assert {"no-ads", "no-training", "free-tier-equal"} <= set(STRICT.claims)


def test_privacy_that_only_payment_buys_is_a_finding_where_a_policy_claims_otherwise() -> None:
    assert codes(TIKTOK, PLUS) == []
    claiming = replace(TIKTOK, claims=("free-tier-equal",))
    (found,) = lint.findings(claiming, (PLUS,))
    assert found.code == "free-tier-worse"
    assert found.detail == (
        "selfies.delete_after_generation is no where nothing is paid "
        "and yes under tiktok-avatars-2023+plus"
    )


@pytest.mark.parametrize(
    ("part", "name", "paid", "worse"),
    [
        ("selfies", "retention_seconds", 60, True),
        ("selfies", "retention_seconds", 40_000_000, False),
        ("portraits", "retention_seconds", 60, True),
        ("selfies", "attest_adult", False, False),
        ("consent", "current_notice", False, False),
        ("consent", "term_days", 30, True),
        ("packs", "outputs", 300, False),
    ],
)
def test_paying_may_buy_more_but_not_more_privacy(
    part: str, name: str, paid: object, worse: bool
) -> None:
    tier = replace(STRICT, **{part: replace(getattr(STRICT, part), **{name: paid})})
    assert codes(STRICT, tier) == ["free-tier-worse"] * worse


def test_a_step_that_only_the_paid_tier_refuses_is_privacy_that_is_bought() -> None:
    refusing = Rule(
        steps=frozenset({Step.LEARN}),
        purposes=frozenset({Purpose.TELEMETRY}),
        kinds=frozenset(),
    )
    assert codes(STRICT, first(STRICT, refusing)) == ["free-tier-worse"]
    assert codes(first(STRICT, refusing), STRICT) == []


def test_every_claim_is_said_in_words() -> None:
    assert len(lint.claims(STRICT)) == len(STRICT.claims)
    assert "advertising is allowed at no step" in lint.claims(STRICT)


def test_what_is_no_number_cannot_be_more_private_than_another() -> None:
    assert lint._number(True) is True
    with pytest.raises(TypeError, match="expected a number"):
        lint._number("much")
