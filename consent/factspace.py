# SPDX-License-Identifier: Apache-2.0
"""Every fact that policies can tell apart: finite, so that claims about them are enumerated.

Rules:
1. a count matters only below, at and between caps: 0, one less than each cap, each cap
2. a region matters only when a policy names it; all others are one
3. each axis begins with its plainest value, so that the plainest counterexample comes first
4. a pause stops whatever a basis would have allowed: it comes last, beside each basis alone
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Final

import numpy as np

from consent.arrays import AGES, KINDS, FactArrays, Flags, Numbers
from consent.policy import CAPPED, Policy
from consent.words import Purpose, Step

_FLAGS: Final = {
    "withdrawn": False,
    "expired": False,
    "notice_current": True,
    "preview": True,
    "confirmed": True,
}
"""The plainest value of each flag: nothing ended, everything shown."""
_EARLIER: Final = ("withdrawn", "expired", "notice_current")


def facts(policies: Sequence[Policy], step: Step, purpose: Purpose) -> FactArrays:
    """Return every fact vector that some of the policies may tell from another, plainest first.

    Its arrays are shared by whoever asks for the same, so they cannot be written into.
    """
    regions = (None, *sorted({name for policy in policies for name in policy.regions.refused}))
    return _space(regions, *_counts(policies, step, purpose))


@lru_cache(maxsize=8)  # most steps and purposes have no caps, so their vectors are the same
def _space(
    regions: tuple[str | None, ...], days: tuple[int, ...], weeks: tuple[int, ...]
) -> FactArrays:
    axes: list[Sequence[int]] = [range(len(KINDS)), *[(0, 1)] * len(_FLAGS)]
    axes += [range(len(AGES)), range(len(regions)), days, weeks]
    kind, *flags, age, region, day, week = _every(axes)
    columns = {
        name: (flag == 0) if plain else (flag == 1)
        for (name, plain), flag in zip(_FLAGS.items(), flags, strict=True)
    }
    space = FactArrays(
        kind=kind,
        age_band=age,
        region=region,
        used_day=day,
        used_week=week,
        regions=regions,
        paused=np.zeros(len(kind), np.bool_),
        **columns,
    )
    whole = _with_pauses(space)
    for name in _EACH:
        getattr(whole, name).setflags(write=False)
    return whole


def _with_pauses(space: FactArrays) -> FactArrays:
    """Add each basis once more, paused, where all else is plainest."""
    plain = space.where(_later(space) == 0)
    paused = replace(plain, paused=~plain.paused)
    both = {name: np.concatenate([getattr(space, name), getattr(paused, name)]) for name in _EACH}
    return FactArrays(regions=space.regions, **both)


_EACH: Final = tuple(f.name for f in fields(FactArrays) if f.name != "regions")


def _later(space: FactArrays) -> Numbers:
    """Count of each vector, of what the rules after a pause look at, all that is not plainest."""
    odd: Numbers = (space.age_band != 0).astype(np.int64) + (space.region != 0)
    odd += (space.used_day != 0).astype(np.int64) + (space.used_week != 0)
    return odd + ~space.preview + ~space.confirmed


def _counts(
    policies: Iterable[Policy], step: Step, purpose: Purpose
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """List the counts of a day and of a week at which some policy changes its mind."""
    capped = [p.caps[purpose] for p in policies if purpose in p.caps and step in CAPPED]
    days = {0} | {n for caps in capped for n in (max(caps.per_day - 1, 0), caps.per_day)}
    weeks = days | {n for caps in capped for n in (max(caps.per_week - 1, 0), caps.per_week)}
    return tuple(sorted(days)), tuple(sorted(weeks))


def _every(axes: Sequence[Sequence[int]]) -> list[Numbers]:
    """Return the columns of the product of all axes, the first axis slowest."""
    grids = np.meshgrid(*[np.asarray(axis, np.int64) for axis in axes], indexing="ij")
    return [grid.ravel() for grid in grids]


def possible(space: FactArrays) -> Flags:
    """Say which vectors can be met with: facts of a basis need one, a day is within its week."""
    held: Flags = space.kind != KINDS.index(None)
    plain = ~space.expired & space.notice_current & space.preview & space.confirmed
    unused = (space.used_day == 0) & (space.used_week == 0)
    reached = space.used_day <= space.used_week
    met: Flags = (held & ~space.withdrawn & reached) | (~held & plain & unused)
    return met


def oddity(space: FactArrays) -> Numbers:
    """Count how many facts of each vector are not the plainest there are."""
    odd: Numbers = _later(space) + (space.kind != 0) + space.paused
    for name in _EARLIER:
        odd += getattr(space, name) != _FLAGS[name]
    return odd
