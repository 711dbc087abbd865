# SPDX-License-Identifier: Apache-2.0
"""A policy over many facts at once: the second form of `decide`, with NumPy.

It is the same function as `consent.policy.decide`; tests hold the two, the SQL form
(consent/cases.py) and the stand-alone verifier's own equal over every fact there can be.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent.policy import CAPPED, UNPAUSED, AgeBand, Facts, Policy, Rule, Treatment
from consent.words import Kind, Purpose, Reason, Step

VERDICTS: Final = ("allow", *map(str, Reason))
"""What a verdict's number means: 0 is allow, the others are the closed list of reasons."""
KINDS: Final[tuple[Kind | None, ...]] = (Kind.EXPLICIT, Kind.IMPLIED, Kind.PARENTAL, None)
AGES: Final[tuple[AgeBand | None, ...]] = (None, "adult", "minor")
_MINOR: Final = AGES.index("minor")

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Verdicts = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactArrays:
    """The facts of n decisions, a column each. Shapes: all (n,).

    `kind` and `age_band` are places in KINDS and AGES, `region` in `regions`.
    """

    kind: Numbers
    withdrawn: Flags
    expired: Flags
    notice_current: Flags
    preview: Flags
    confirmed: Flags
    age_band: Numbers
    region: Numbers
    used_day: Numbers
    used_week: Numbers
    regions: tuple[str | None, ...]
    paused: Flags

    def __len__(self) -> int:
        return len(self.kind)

    def one(self, place: int) -> Facts:
        """Return the facts of one decision."""
        flags = ("withdrawn", "expired", "notice_current", "preview", "confirmed", "paused")
        return Facts(
            kind=KINDS[self.kind[place]],
            age_band=AGES[self.age_band[place]],
            region=self.regions[self.region[place]],
            used_day=int(self.used_day[place]),
            used_week=int(self.used_week[place]),
            **{name: bool(getattr(self, name)[place]) for name in flags},
        )

    def where(self, chosen: Flags) -> "FactArrays":
        """Return the chosen decisions only."""
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "regions"}
        kept = {name: column[chosen] for name, column in columns.items()}
        return FactArrays(regions=self.regions, **kept)


def decide(policy: Policy, step: Step, purpose: Purpose, facts: FactArrays) -> Verdicts:
    """Decide one step for one purpose over many facts. Shapes: (n,), numbers of VERDICTS."""
    rule = policy.rule(step, purpose)
    if rule is None or not rule.kinds:
        reason = Reason.POLICY_SILENT if rule is None else Reason.POLICY_FORBIDS
        return np.full(len(facts), VERDICTS.index(reason), np.uint8)
    checks = [
        *_basis(policy, rule, facts),
        *([] if step in UNPAUSED else [(facts.paused, Reason.PAUSED)]),
        *_person(policy, facts),
        *_needs(rule, facts),
        *_caps(policy, step, purpose, facts),
    ]
    codes = [np.uint8(VERDICTS.index(reason)) for _, reason in checks]
    return np.select([fails for fails, _ in checks], codes, np.uint8(0)).astype(np.uint8)


_Check = tuple[Flags, Reason]


def _basis(policy: Policy, rule: Rule, facts: FactArrays) -> list[_Check]:
    nothing = facts.kind == KINDS.index(None)
    accepted = np.isin(facts.kind, [KINDS.index(kind) for kind in rule.kinds])
    checks: list[_Check] = [
        (nothing & facts.withdrawn, Reason.WITHDRAWN),
        (nothing, Reason.NOT_GRANTED),
        (facts.expired, Reason.EXPIRED),
        (~accepted, Reason.POLICY_FORBIDS),
    ]
    if policy.consent.current_notice:
        checks.append((~facts.notice_current, Reason.NOTICE_OUTDATED))
    return checks


def _person(policy: Policy, facts: FactArrays) -> list[_Check]:
    out = [place for place, name in enumerate(facts.regions) if name in policy.regions.refused]
    minor, unknown = facts.age_band == _MINOR, facts.age_band == AGES.index(None)
    return [
        (np.isin(facts.region, out), Reason.POLICY_FORBIDS),
        *_treated(policy.ages.minors, minor, facts),
        *_treated(policy.ages.unknown, unknown, facts),
    ]


def _treated(treatment: Treatment, those: Flags, facts: FactArrays) -> list[_Check]:
    if treatment == "guardian":
        return [(those & (facts.kind != KINDS.index(Kind.PARENTAL)), Reason.GUARDIAN_REQUIRED)]
    return [(those, Reason.AGE)] if treatment == "refused" else []


def _needs(rule: Rule, facts: FactArrays) -> list[_Check]:
    met = {"preview": facts.preview, "confirmed": facts.confirmed}
    return [(~met[need], Reason.NOT_GRANTED) for need in sorted(rule.needs)]


def _caps(policy: Policy, step: Step, purpose: Purpose, facts: FactArrays) -> list[_Check]:
    caps = policy.caps.get(purpose)
    if caps is None or step not in CAPPED:
        return []
    reached = (facts.used_day >= caps.per_day) | (facts.used_week >= caps.per_week)
    return [(reached, Reason.CAP)]
