# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a policy that could be read: rules that cannot fire, claims that are false.

Rules, each with the code of its finding:
1. every rule decides something that no earlier rule decides            dead-rule
2. every limit is of a purpose that some rule lets be chosen            dead-cap
3. whatever is implied or bundled is accepted at some step as implied   dead-basis
4. what is held back has a reason, a time and somebody to appeal with   dead-quarantine
5. a picture that is held back goes no later than one that passed       held-longer
6. every claim holds over every fact there can be; one for which it
   does not is named                                                    claim-broken
7. where a policy claims it, no paid tier of it is more private         free-tier-worse
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from consent import arrays, differences, factspace, wording
from consent.arrays import AGES, KINDS, FactArrays, Flags
from consent.policy import CAPPED, Claim, Policy
from consent.words import Kind, Purpose, Step

Code = Literal[
    "dead-rule", "dead-cap", "dead-basis", "dead-quarantine", "held-longer",
    "claim-broken", "free-tier-worse",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong; a dead rule is counted from 1."""

    code: Code
    detail: str
    rule: int | None = None


def findings(policy: Policy, tiers: Sequence[Policy] = ()) -> tuple[Finding, ...]:
    """List what is wrong with a policy. `tiers` are the paid overlays of it."""
    return (
        *_dead_rules(policy),
        *_dead_caps(policy),
        *_dead_bases(policy),
        *_quarantine(policy),
        *_held(policy),
        *_broken(policy),
        *_worse_when_free(policy, tiers),
    )


def _dead_rules(policy: Policy) -> Iterator[Finding]:
    taken: set[tuple[Step, Purpose]] = set()
    for number, rule in enumerate(policy.rules, start=1):
        named = set(product(rule.steps, rule.purposes))
        if named <= taken:
            detail = f"rule {number} can never match: earlier rules name all of it"
            yield Finding(code="dead-rule", detail=detail, rule=number)
        taken |= named


def _dead_caps(policy: Policy) -> Iterator[Finding]:
    for purpose in policy.caps:
        rules = [policy.rule(step, purpose) for step in sorted(CAPPED)]
        if not any(rule is not None and rule.kinds for rule in rules):
            detail = f"the limit for {purpose} can never be reached: no rule lets it be chosen"
            yield Finding(code="dead-cap", detail=detail)


def _dead_bases(policy: Policy) -> Iterator[Finding]:
    for purpose in sorted(policy.consent.unasked()):
        rules = [policy.rule(step, purpose) for step in Step]
        if not any(rule is not None and Kind.IMPLIED in rule.kinds for rule in rules):
            detail = f"{purpose} comes without a question, and no step accepts an implied basis"
            yield Finding(code="dead-basis", detail=detail)


def _quarantine(policy: Policy) -> Iterator[Finding]:
    rules = policy.moderation
    if rules.quarantine_seconds and not rules.quarantine:
        detail = "a time to be held back for, and no reason that holds anything back"
        yield Finding(code="dead-quarantine", detail=detail)
    if rules.quarantine and not rules.quarantine_seconds:
        detail = "reasons that hold a picture back, for no time at all"
        yield Finding(code="dead-quarantine", detail=detail)
    if rules.appeals and not rules.quarantine_seconds:
        detail = "an appeal, and nothing is held back that one could appeal for"
        yield Finding(code="dead-quarantine", detail=detail)
    if rules.appeals and policy.selfies.delete_after_generation:
        detail = "an appeal never passes: no selfie is left to judge the picture by"
        yield Finding(code="dead-quarantine", detail=detail)


def _held(policy: Policy) -> Iterator[Finding]:
    held, kept = policy.moderation.quarantine_seconds, policy.portraits.retention_seconds
    if held > kept:
        path = "moderation.quarantine_seconds"
        longer, shorter = wording.value(path, held), wording.value(path, kept)
        detail = f"a picture is held back for {longer}, but one that passed is kept for {shorter}"
        yield Finding(code="held-longer", detail=detail)


# --- claims: never-allows properties, by enumeration


_Never = Callable[[Purpose, FactArrays], Flags]
"""Of which facts a claim says that no step is ever allowed for this purpose."""


def _unasked(purpose: Purpose, facts: FactArrays) -> Flags:
    """Nobody who was not shown a notice: only explicit and parental bases quote one."""
    del purpose
    unasked: Flags = np.isin(facts.kind, (KINDS.index(None), KINDS.index(Kind.IMPLIED)))
    return unasked


def _alone(purpose: Purpose, facts: FactArrays) -> Flags:
    """No minor without a guardian's yes."""
    del purpose
    minor: Flags = facts.age_band == AGES.index("minor")
    alone: Flags = minor & (facts.kind != KINDS.index(Kind.PARENTAL))
    return alone


def _of(barred: Purpose) -> _Never:
    return lambda purpose, facts: np.full(len(facts), purpose is barred)


_NEVER: Final[Mapping[Claim, tuple[str, _Never]]] = MappingProxyType(
    {
        "notice-first": ("no step is allowed for who was not shown a notice", _unasked),
        "no-ads": ("advertising is allowed at no step", _of(Purpose.ADS)),
        "no-training": ("training is allowed at no step", _of(Purpose.TRAINING)),
        "minors-guarded": ("no step is allowed for a minor without a guardian's yes", _alone),
    }
)
_OTHERWISE: Final[Mapping[Claim, str]] = MappingProxyType(
    {
        "nothing-bundled": "no yes brings another purpose with it, and no use does",
        "free-tier-equal": "privacy is never worse in the free tier",
    }
)


def claims(policy: Policy) -> tuple[str, ...]:
    """Say in words what a policy claims of itself."""
    words = {claim: words for claim, (words, _) in _NEVER.items()}
    return tuple({**words, **_OTHERWISE}[claim] for claim in policy.claims)


def _broken(policy: Policy) -> Iterator[Finding]:
    for claim in policy.claims:
        if claim in _NEVER:
            yield from _counterexample(policy, claim)
    unasked = sorted(policy.consent.unasked())
    if "nothing-bundled" in policy.claims and unasked:
        detail = f"nothing-bundled: {', '.join(unasked)} come without being asked for"
        yield Finding(code="claim-broken", detail=detail)


def _counterexample(policy: Policy, claim: Claim) -> Iterator[Finding]:
    """Find the first step and purpose at which a claim is false, and the plainest such person."""
    words, never = _NEVER[claim]
    for step, purpose in product(Step, Purpose):
        space = factspace.facts((policy,), step, purpose)
        space = space.where(factspace.possible(space))
        against = (arrays.decide(policy, step, purpose, space) == 0) & never(purpose, space)
        if against.any():
            oddity = factspace.oddity(space)
            plainest = int(np.flatnonzero(against)[np.argmin(oddity[against])])
            who = wording.somebody(space.one(plainest), purpose, (policy,))
            does = wording.consequence(step, purpose)
            yield Finding(code="claim-broken", detail=f"{claim} ({words}): {who} {does}")
            return


# --- tiers: paying must not buy privacy where a policy claims so


_MORE_PRIVATE: Final[Mapping[str, Callable[[int], int]]] = MappingProxyType(
    {
        "selfies.retention_seconds": lambda seconds: -seconds,
        "selfies.delete_after_generation": int,
        "selfies.attest_self": int,
        "selfies.attest_adult": int,
        "portraits.retention_seconds": lambda seconds: -seconds,
        "moderation.quarantine_seconds": lambda seconds: -seconds,
        "consent.term_days": lambda days: -days,
        "consent.current_notice": int,
    }
)
"""Values that matter to privacy, and how to measure them so that more is more private."""


def _worse_when_free(policy: Policy, tiers: Sequence[Policy]) -> Iterator[Finding]:
    if "free-tier-equal" not in policy.claims:
        return
    for paid in tiers:
        for detail in bought(policy, paid):
            yield Finding(code="free-tier-worse", detail=detail)


def bought(free: Policy, paid: Policy) -> Iterator[str]:
    """Say what privacy a paid tier has that the free one lacks."""
    mine, theirs = dict(differences.leaves(free)), dict(differences.leaves(paid))
    for path, measure in _MORE_PRIVATE.items():
        if measure(_number(theirs[path])) > measure(_number(mine[path])):
            less, more = (wording.value(path, of[path]) for of in (mine, theirs))
            yield f"{path} is {less} where nothing is paid and {more} under {paid.id}"
    for one in differences.decisions(free, paid):
        if one.a == "allow":
            yield one.meaning


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"expected a number or a yes or no, got {value!r}")
    return value
