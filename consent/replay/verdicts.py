# SPDX-License-Identifier: Apache-2.0
"""What another policy says of recorded decisions: once for each distinct question, then looked up.

A question is a step, a purpose and a facts vector. Where no facts are disclosed, the answer is
what it could be: over every fact there can be under which the recorded policy gives the recorded
verdict on the recorded basis. Often all of them agree, and then it is known after all.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from consent import arrays, factspace
from consent.arrays import VERDICTS, FactArrays, Flags, Verdicts
from consent.policy import CAPPED, Policy
from consent.replay.recorded import PURPOSES, STEPS, Recorded, Small

_PURPOSES: Final = len(PURPOSES)
_CODES: Final = len(STEPS) * _PURPOSES
_ALLOW: Final = VERDICTS.index("allow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a policy says of each recorded decision. Shapes: all (n,).

    Where facts are known `may_allow` is what `verdict` says; else the verdict is the recorded one
    unless all that is possible agrees on the other.
    """

    verdict: Verdicts
    uncapped: Verdicts  #: what it would be if nothing had been used yet
    may_allow: Flags
    may_deny: Flags

    @property
    def undecided(self) -> Flags:
        """Say which could be allowed and could be denied."""
        return self.may_allow & self.may_deny


def answers(recorded: Recorded, policy: Policy, known: dict[str, Policy]) -> Answers:
    """Ask a policy about every recorded decision. `known` are the recorded policies, by hash."""
    code = recorded.step.astype(np.int16) * _PURPOSES + recorded.purpose
    verdict = recorded.verdict.copy()
    uncapped = recorded.verdict.copy()
    opened = recorded.known
    if len(recorded.vectors):
        rows = (code[opened], recorded.facts[opened])
        verdict[opened] = table(policy, recorded.vectors, code)[rows]
        unused = _unused(recorded.vectors)
        uncapped[opened] = table(policy, unused, code)[rows]
    may_allow, may_deny = verdict == _ALLOW, verdict != _ALLOW
    made = Answers(verdict=verdict, uncapped=uncapped, may_allow=may_allow, may_deny=may_deny)
    if not opened.all():
        _imagine(recorded, policy, known, made)
    return made


def table(policy: Policy, vectors: FactArrays, code: np.ndarray) -> Verdicts:
    """Decide every question that occurs. Shapes: (steps x purposes, vectors)."""
    decided = np.zeros((_CODES, len(vectors)), np.uint8)
    for one in np.flatnonzero(np.bincount(code, minlength=_CODES)):
        step, purpose = STEPS[one // _PURPOSES], PURPOSES[one % _PURPOSES]
        decided[one] = arrays.decide(policy, step, purpose, vectors)
    return decided


def _unused(vectors: FactArrays) -> FactArrays:
    """Return the same facts with nothing used yet."""
    nothing = np.zeros(len(vectors), np.int64)
    return replace(vectors, used_day=nothing, used_week=nothing)


# --- decisions whose facts nobody can open


def _imagine(recorded: Recorded, policy: Policy, known: dict[str, Policy], made: Answers) -> None:
    """Fill in what could be said of decisions without facts."""
    rows = np.flatnonzero(~recorded.known)
    columns = (recorded.step, recorded.purpose, recorded.policy, recorded.verdict, recorded.basis)
    questions = np.stack([column[rows] for column in columns], axis=1)
    kinds, which = np.unique(questions, axis=0, return_inverse=True)
    for number, question in enumerate(kinds):
        those = rows[which.ravel() == number]
        recorded_by = known.get(recorded.policies[int(question[2])])
        possible = _possible(question, recorded_by, policy)
        allowed = possible == _ALLOW
        made.may_allow[those], made.may_deny[those] = bool(allowed.any()), not allowed.all()
        if allowed.all() or not allowed.any():
            made.verdict[those] = made.uncapped[those] = possible[0]


def _possible(question: Small, recorded_by: Policy | None, policy: Policy) -> Verdicts:
    """Return what a policy says over all facts that explain a recorded verdict; never empty."""
    step, purpose = STEPS[question[0]], PURPOSES[question[1]]
    both = [policy] if recorded_by is None else [policy, recorded_by]
    space = factspace.facts(both, step, purpose)
    fits = factspace.possible(space)
    if recorded_by is not None:
        fits &= arrays.decide(recorded_by, step, purpose, space) == question[3]
    for explained in (fits & (space.kind == question[4]), fits):
        if explained.any():
            return arrays.decide(policy, step, purpose, space.where(explained))
    return np.array([_ALLOW, VERDICTS.index("not-granted")], np.uint8)


def capped(policy: Policy, recorded: Recorded) -> Flags:
    """Say which decisions the policy counts against a cap."""
    steps = np.isin(recorded.step, [STEPS.index(step) for step in CAPPED])
    purposes = np.isin(recorded.purpose, [PURPOSES.index(purpose) for purpose in policy.caps])
    return np.asarray(steps & purposes)
