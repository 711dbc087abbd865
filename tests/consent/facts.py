# SPDX-License-Identifier: Apache-2.0
"""All fact vectors of a policy, as values and as rows, shared by those who hold forms equal."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from functools import cache
from itertools import product

import pytest
from _pytest.mark.structures import ParameterSet

from consent import arrays, factspace, policies
from consent.arrays import VERDICTS, FactArrays
from consent.policy import Allow, Facts, Policy, decide
from consent.words import Purpose, Step

_NAMES = {f.name for f in fields(Facts)}
CELLS = tuple(product(Step, Purpose))


def widths(space: FactArrays) -> set[tuple[str, str]]:
    """Say which column is of which type where it is not the one that is declared: none is."""
    flags = {name for name, value in asdict(Facts()).items() if isinstance(value, bool)}
    found = {f.name: str(getattr(space, f.name).dtype) for f in fields(space) if f.name in _NAMES}
    return {(n, of) for n, of in found.items() if of != ("bool" if n in flags else "int64")}


def spaces(policy: Policy) -> Iterator[tuple[Step, Purpose, FactArrays]]:
    """Walk every step and purpose with all facts that the policy might tell apart."""
    for step, purpose in CELLS:
        yield step, purpose, factspace.facts((policy,), step, purpose)


@cache
def listed(name: str, step: Step, purpose: Purpose) -> tuple[Facts, ...]:
    """List the vectors of one step and purpose as values; equal lists are made once."""
    space = factspace.facts((policies.load(name),), step, purpose)
    counts = [tuple(sorted({*used.tolist()})) for used in (space.used_day, space.used_week)]
    key = (space.regions, *counts)
    if key not in _MADE:
        _MADE[key] = tuple(space.one(n) for n in range(len(space)))
    return _MADE[key]


_MADE: dict[tuple[object, ...], tuple[Facts, ...]] = {}


def scalar(policy: Policy, step: Step, purpose: Purpose) -> list[str]:
    """Decide all vectors one by one."""
    decided = (decide(policy, step, purpose, one) for one in listed(policy.id, step, purpose))
    return ["allow" if isinstance(one, Allow) else str(one.reason) for one in decided]


@cache
def decided(name: str, step: Step, purpose: Purpose) -> Sequence[str]:
    """Decide all vectors of a shipped policy one by one, once for whoever compares with them."""
    return scalar(policies.load(name), step, purpose)


def each_policy() -> list[ParameterSet]:
    """Name every shipped policy; all that walk its facts stay in one process."""
    return [
        pytest.param(name, id=name, marks=pytest.mark.xdist_group(f"facts-{name}"))
        for name in policies.names()
    ]


def vectors(policy: Policy, step: Step, purpose: Purpose, space: FactArrays) -> list[str]:
    """Decide all vectors at once."""
    return [VERDICTS[code] for code in arrays.decide(policy, step, purpose, space).tolist()]
