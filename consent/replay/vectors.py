# SPDX-License-Identifier: Apache-2.0
"""Distinct facts, each kept once: a history has millions of decisions on a few hundred of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from consent.arrays import AGES, KINDS, FactArrays
from consent.policy import Facts
from consent.replay.recorded import UNKNOWN
from consent.words import Kind

_Key = tuple[tuple[str, Any], ...]


class Vectors:
    """Number facts in the order in which they are first met."""

    def __init__(self) -> None:
        self._written: dict[_Key, int] = {}
        self._facts: dict[Facts, int] = {}

    def number(self, opened: Mapping[str, Any] | None) -> int:
        """Return the number of disclosed facts, UNKNOWN for none."""
        if opened is None:
            return UNKNOWN
        key = tuple(opened.items())
        found = self._written.get(key)
        if found is None:
            found = self._number(opened)
            self._written[key] = found
        return found

    def _number(self, opened: Mapping[str, Any]) -> int:
        try:
            facts = read(opened)
        except ValueError:
            return UNKNOWN
        return self._facts.setdefault(facts, len(self._facts))

    def columns(self) -> FactArrays:
        """Return all facts so far, a column each."""
        return columns(list(self._facts))


def read(opened: Mapping[str, Any]) -> Facts:
    """Read facts as an opening writes them; what this version does not know is passed over.

    Errors: ValueError for a kind or an age that is none, the writer's fault.
    """
    kind, age = opened.get("kind"), opened.get("age_band")
    if age not in AGES:
        raise ValueError(f"expected one of {AGES}, got {age!r}")
    return Facts(
        kind=None if kind is None else Kind(kind),
        withdrawn=opened.get("withdrawn", False),
        expired=opened.get("expired", False),
        notice_current=opened.get("notice_current", True),
        preview=opened.get("preview", False),
        confirmed=opened.get("confirmed", False),
        used_day=opened.get("used_day", 0),
        used_week=opened.get("used_week", 0),
        age_band=age,
        region=opened.get("region"),
        paused=opened.get("paused", False),
    )


def columns(facts: list[Facts]) -> FactArrays:
    """Write facts as columns, so that a policy decides over all of them at once."""
    regions = (None, *sorted({one.region for one in facts if one.region is not None}))

    def numbers(values: list[int]) -> Any:  # noqa: ANN401 - a column of numbers
        return np.array(values, np.int64)

    def flags(name: str) -> Any:  # noqa: ANN401 - a column of flags
        return np.array([getattr(one, name) for one in facts], np.bool_)

    return FactArrays(
        kind=numbers([KINDS.index(one.kind) for one in facts]),
        withdrawn=flags("withdrawn"),
        expired=flags("expired"),
        notice_current=flags("notice_current"),
        preview=flags("preview"),
        confirmed=flags("confirmed"),
        age_band=numbers([AGES.index(one.age_band) for one in facts]),
        region=numbers([regions.index(one.region) for one in facts]),
        used_day=numbers([one.used_day for one in facts]),
        used_week=numbers([one.used_week for one in facts]),
        regions=regions,
        paused=flags("paused"),
    )
