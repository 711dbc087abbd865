# SPDX-License-Identifier: Apache-2.0
"""A policy as a value, and the one pure function that decides under it.

Rules, in the order in which `decide` applies them; the first that fails is the reason:
1. the policy names the step for this purpose          else policy-silent
2. it accepts some kind of basis for it                else policy-forbids
3. the person holds a basis for exactly this purpose   else withdrawn | not-granted
4. its term has not ended                              else expired
5. its kind is one that the rule accepts               else policy-forbids
6. the notice it quotes is current, where that counts  else notice-outdated
7. the person has not paused everything; they may look else paused
8. the place is not one that the policy stays out of   else policy-forbids
9. a minor is dealt with as the policy says            else age | guardian-required
10. what the rule needs is there (preview, confirmed)  else not-granted
11. the caps of day and week are not reached           else cap

So `paused` is said only to somebody who holds a basis, and no policy can say otherwise.

A policy that cannot be told apart from another by `decide` may still differ in its typed parts:
`consent/differences.py` compares both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from consent.promises import ExperimentRules, Labels, PortraitRules, ReportRules, SharingRules
from consent.words import Kind, Purpose, Reason, Step

Need = Literal["preview", "confirmed"]
AgeBand = Literal["adult", "minor"]
Treatment = Literal["as-adult", "guardian", "refused"]
Window = Literal["rolling-24h", "calendar-day"]
Startle = Literal["gentle", "dramatic", "eerie"]
Held = Literal[
    "nsfw", "identity-failed", "no-face", "multi-face", "moderation-failed", "unavailable"
]
Claim = Literal[
    "notice-first", "nothing-bundled", "no-ads", "no-training", "minors-guarded", "free-tier-equal"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For these steps and purposes, which kinds of basis count and what else is needed."""

    steps: frozenset[Step]
    purposes: frozenset[Purpose]
    kinds: frozenset[Kind]
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long a grant, a permit and a viewing session last, and what comes without a yes.

    Using a purpose implies others; a yes to a purpose bundles others, on until turned off.
    """

    term_days: int
    current_notice: bool
    permit_seconds: int
    view_seconds: int
    implies: Mapping[Purpose, tuple[Purpose, ...]]
    bundles: Mapping[Purpose, tuple[Purpose, ...]]

    def unasked(self) -> frozenset[Purpose]:
        """Name the purposes for which an implied basis can come to be."""
        both = (*self.implies.values(), *self.bundles.values())
        return frozenset(purpose for given in both for purpose in given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """At most so many requests or inserts of one purpose in a rolling day and week."""

    per_day: int
    per_week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfieRules:
    """What a selfie must be. Distances are dlib L2; brightness and nsfw are 0..1."""

    minimum: int
    maximum: int
    face_pixels: int
    sharpness: float
    brightness_low: float
    brightness_high: float
    nsfw_limit: float
    same_person_distance: float
    yaw_limit: float
    max_bytes: int
    max_pixels: int
    retention_seconds: int
    delete_after_generation: bool
    attest_self: bool
    attest_adult: bool
    all_or_nothing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRules:
    """How much one avatar pack may be, and how many a person may have made in a day."""

    styles: int
    outputs: int
    per_day: int
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRules:
    """What becomes of a minor, and of somebody whose age is not known."""

    minors: Treatment
    unknown: Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRules:
    """Where the policy does nothing at all: ISO 3166 codes such as US-IL."""

    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationRules:
    """Above which score (0..1) a portrait does not pass, and what becomes of those that do not.

    A reason in `quarantine` holds a picture back for `quarantine_seconds`, in which its owner may
    have it judged again `appeals` times; for any other reason it is destroyed at once.
    """

    nsfw_limit: float
    quarantine_seconds: int
    quarantine: tuple[Held, ...]
    appeals: int

    def held_for(self, reason: Reason) -> int:
        """Say for how many seconds a picture is held back; 0: it is refused and destroyed."""
        return self.quarantine_seconds if reason in self.quarantine else 0

    def may_appeal(self, judged: int) -> bool:
        """Say whether a picture may be judged again that was judged on appeal so often."""
        return judged < self.appeals


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRules:
    """The identity gate's margin, and how far a cohort face must be to count (dlib L2)."""

    margin: float
    cohort_distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRules:
    """Where in a page, and how often, an insert may stand."""

    first: int
    gap: int
    per_page: int
    per_day: int
    per_week: int
    per_session: int  #: in one reading of the feed, over all its pages
    cooldown_hours: int  #: from one new insert to the next
    least_organic: int
    hide_hours: int
    fewer_days: int
    fewer_factor: int
    scenario_days: int
    newcomer_per_week: int
    allow_sensitive_neighbour: bool
    most_sensitive: Startle


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingValues:
    """What each predicted reaction is worth, what an insert costs, how much is explored."""

    engage: float
    fewer: float
    report: float
    withdrawal: float
    cost_per_insert: float
    exploration: float
    temperature: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy file, content-addressed by the SHA-256 of its bytes."""

    id: str
    sha256: str
    text: str
    title: str
    summary: str
    jurisdiction: str
    claims: tuple[Claim, ...]
    rules: tuple[Rule, ...]
    consent: Terms
    caps: Mapping[Purpose, Caps]
    selfies: SelfieRules
    portraits: PortraitRules
    packs: PackRules
    ages: AgeRules
    regions: RegionRules
    moderation: ModerationRules
    identity: IdentityRules
    labels: Labels
    sharing: SharingRules
    reports: ReportRules
    experiments: ExperimentRules
    slots: SlotRules
    ranking: RankingValues

    def rule(self, step: Step, purpose: Purpose) -> Rule | None:
        """Find the first rule that names this step for this purpose."""
        return next((r for r in self.rules if step in r.steps and purpose in r.purposes), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a decision rests on, as of its transaction; what an opening discloses.

    That a guardian said yes is the kind `parental`. Age and region are None where nobody knows.
    `paused` is written only where it is so: before there were pauses, nobody had paused.
    """

    kind: Kind | None = None
    withdrawn: bool = False
    expired: bool = False
    notice_current: bool = True
    preview: bool = False
    confirmed: bool = False
    used_day: int = 0
    used_week: int = 0
    age_band: AgeBand | None = None
    region: str | None = None
    paused: bool = False

    def opening(self) -> dict[str, int | str | bool]:
        """Write the facts as canonical JSON carries them: no nulls, no floats."""
        told = {name: getattr(self, name) for name in self.__slots__}
        if not self.paused:
            del told["paused"]
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Allow:
    """The step may be taken."""


@dataclass(frozen=True, slots=True)
class Deny:
    """The step may not be taken."""

    reason: Reason


def decide(policy: Policy, step: Step, purpose: Purpose, facts: Facts) -> Allow | Deny:
    """Decide one step for one person under one policy. Pure, total, default deny."""
    rule = policy.rule(step, purpose)
    if rule is None:
        return Deny(Reason.POLICY_SILENT)
    if not rule.kinds:
        return Deny(Reason.POLICY_FORBIDS)
    reason = (
        _basis(policy, rule, facts)
        or _pause(step, facts)
        or _person(policy, facts)
        or _needs(rule, facts)
        or _caps(policy, step, purpose, facts)
    )
    return Deny(reason) if reason else Allow()


def _basis(policy: Policy, rule: Rule, facts: Facts) -> Reason | None:
    if facts.kind is None:
        return Reason.WITHDRAWN if facts.withdrawn else Reason.NOT_GRANTED
    if facts.expired:
        return Reason.EXPIRED
    if facts.kind not in rule.kinds:
        return Reason.POLICY_FORBIDS
    if policy.consent.current_notice and not facts.notice_current:
        return Reason.NOTICE_OUTDATED
    return None


UNPAUSED: Final = frozenset({Step.VIEW})
"""The steps that a pause does not stop: a person may look at what is theirs."""


def _pause(step: Step, facts: Facts) -> Reason | None:
    return Reason.PAUSED if facts.paused and step not in UNPAUSED else None


def _person(policy: Policy, facts: Facts) -> Reason | None:
    if facts.region in policy.regions.refused:
        return Reason.POLICY_FORBIDS
    if facts.age_band == "adult":
        return None
    treatment = policy.ages.minors if facts.age_band else policy.ages.unknown
    if treatment == "guardian" and facts.kind is not Kind.PARENTAL:
        return Reason.GUARDIAN_REQUIRED
    return Reason.AGE if treatment == "refused" else None


def _needs(rule: Rule, facts: Facts) -> Reason | None:
    met = {"preview": facts.preview, "confirmed": facts.confirmed}
    return None if all(met[need] for need in rule.needs) else Reason.NOT_GRANTED


CAPPED: Final = frozenset({Step.SELECT, Step.INSERT})
"""The steps that caps count."""


def _caps(policy: Policy, step: Step, purpose: Purpose, facts: Facts) -> Reason | None:
    caps = policy.caps.get(purpose)
    if caps is None or step not in CAPPED:
        return None
    reached = facts.used_day >= caps.per_day or facts.used_week >= caps.per_week
    return Reason.CAP if reached else None
