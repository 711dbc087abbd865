# SPDX-License-Identifier: Apache-2.0
"""Which arm somebody is in: a function of a salt and a name that means nothing, never stored.

    u = first 64 bits of SHA-256(salt || 0x00 || name) / 2^64

one u for the segment of a namespace, another for the arm, a third for the ramp: who is in an
experiment says nothing about the arm, nor about any other namespace. Whoever is in stays in as
the ramp widens.
Source: Bakshy, Eckles, Bernstein, "PlanOut", WWW'14 (hashing, namespaces, segments).
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from feed.experiments.plan import SEGMENTS, Experiment

HOLDOUT: Final = "holdout"
_BYTES: Final = 8
_TWO_TO_64: Final = 2.0**64


def unit(salt: bytes, what: str, name: bytes) -> float:
    """Place a name in [0, 1), evenly, and independently for each `what`."""
    digest = hashlib.sha256(b"\x00".join((salt, what.encode(), name))).digest()
    return int.from_bytes(digest[:_BYTES], "big") / _TWO_TO_64


def held_out(salt: bytes, name: bytes, permille: int) -> bool:
    """Say whether somebody belongs to those who are never shown any."""
    return unit(salt, HOLDOUT, name) * SEGMENTS < permille


def arm_of(experiment: Experiment, salt: bytes, name: bytes, day: int) -> str | None:
    """Name somebody's arm on a day, counted from 1; None for who is not in it."""
    low, high = experiment.segments
    if not low <= unit(salt, f"segment {experiment.namespace}", name) * SEGMENTS < high:
        return None
    if unit(salt, f"ramp {experiment.id}", name) * 100 >= experiment.percent(day):
        return None
    return _pick(experiment, unit(salt, f"arm {experiment.id}", name))


def arms_of(
    experiment: Experiment, salt: bytes, names: Sequence[bytes], day: int
) -> list[str | None]:
    """Name the arms of many."""
    return [arm_of(experiment, salt, name, day) for name in names]


def _pick(experiment: Experiment, at: float) -> str:
    target = at * sum(one.share for one in experiment.arms)
    for one in experiment.arms:
        target -= one.share
        if target < 0:
            return one.id
    return experiment.arms[-1].id
