# SPDX-License-Identifier: Apache-2.0
"""How two policies differ: every decision over every fact there can be, and every other value.

A decision that differs comes with the plainest person for whom it does, and with the plainest who
was never asked, if there is one. Nothing is sampled: no difference found means that there is none.
Nobody in them has paused: that is the same under every policy (tests show that it hides nothing).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import product
from typing import Final

import numpy as np

from consent import arrays, factspace, wording
from consent.arrays import KINDS, VERDICTS
from consent.policy import Facts, Policy
from consent.words import Kind, Purpose, Step

_IMPLIED: Final = KINDS.index(Kind.IMPLIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One step and purpose that two policies decide differently, and for whom."""

    step: Step
    purpose: Purpose
    facts: Facts
    a: str
    b: str
    vectors: int
    meaning: str

    @property
    def flips(self) -> bool:
        """Say whether one of them allows what the other denies."""
        return "allow" in (self.a, self.b)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """One value beside the decisions that differs."""

    path: str
    a: object
    b: object
    meaning: str


def decisions(a: Policy, b: Policy) -> tuple[Difference, ...]:
    """Find every pair of verdicts that differ, each with its plainest facts; flips first."""
    found = [
        difference
        for step, purpose in product(Step, Purpose)
        for difference in _cell(a, b, step, purpose)
    ]
    return tuple(sorted(found, key=lambda one: not one.flips))


def _cell(a: Policy, b: Policy, step: Step, purpose: Purpose) -> Iterator[Difference]:
    if a.rule(step, purpose) is None and b.rule(step, purpose) is None:
        return
    space = factspace.facts((a, b), step, purpose)
    space = space.where(factspace.possible(space) & ~space.paused)
    first, second = (arrays.decide(policy, step, purpose, space) for policy in (a, b))
    oddity, unasked = factspace.oddity(space), space.kind == _IMPLIED
    met = zip(first.tolist(), second.tolist(), unasked.tolist(), strict=True)
    for said, other, implied in sorted(set(met)):
        if said != other:
            those = (first == said) & (second == other) & (unasked == implied)
            plainest = int(np.flatnonzero(those)[np.argmin(oddity[those])])
            facts, verdicts = space.one(plainest), (VERDICTS[said], VERDICTS[other])
            yield Difference(
                step=step,
                purpose=purpose,
                facts=facts,
                a=verdicts[0],
                b=verdicts[1],
                vectors=int(those.sum()),
                meaning=_meaning((a, b), verdicts, step, purpose, facts),
            )


def _meaning(
    policies: tuple[Policy, Policy],
    verdicts: tuple[str, str],
    step: Step,
    purpose: Purpose,
    facts: Facts,
) -> str:
    """Say in one sentence what the difference means to a person."""
    who = wording.somebody(facts, purpose, policies)
    what = wording.consequence(step, purpose)
    sides = list(zip(policies, verdicts, strict=True))
    allowing = [policy for policy, verdict in sides if verdict == "allow"]
    denials = [f"under {policy.id} ({said})" for policy, said in sides if said != "allow"]
    if allowing:
        sentence = f"{who} {what} under {allowing[0].id}, not {denials[0]}"
    else:
        sentence = f"that {who} {what} is denied {' and '.join(denials)}"
    return f"{sentence[0].upper()}{sentence[1:]}."


_UNCOMPARED: Final = frozenset({"id", "sha256", "text", "title", "summary", "rules", "caps"})
"""Names of a policy, and what decisions show already."""


def values(a: Policy, b: Policy) -> tuple[Unlike, ...]:
    """Find every other value that differs: retention, packs, labels, slots, what is implied."""
    mine, theirs = dict(leaves(a)), dict(leaves(b))
    return tuple(
        _unlike(a, b, path, mine.get(path), theirs.get(path))
        for path in sorted(mine.keys() | theirs.keys())
        if mine.get(path) != theirs.get(path)
    )


def leaves(policy: Policy) -> Iterator[tuple[str, object]]:
    """Walk the values of a policy that are no decisions: path and value."""
    for path, value in _walk("", policy):
        if path.partition(".")[0] not in _UNCOMPARED:
            yield path, value


def _walk(path: str, value: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(value):
        inner = {f.name: getattr(value, f.name) for f in fields(value)}
    elif isinstance(value, Mapping):
        inner = {str(key): one for key, one in value.items()}
    else:
        yield path, value
        return
    for name, one in inner.items():
        yield from _walk(f"{path}.{name}".lstrip("."), one)


def _unlike(a: Policy, b: Policy, path: str, mine: object, theirs: object) -> Unlike:
    first, second = wording.value(path, mine), wording.value(path, theirs)
    meaning = f"{path} is {first} under {a.id} and {second} under {b.id}."
    return Unlike(path=path, a=mine, b=theirs, meaning=meaning)
