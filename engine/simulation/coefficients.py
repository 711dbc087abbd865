# SPDX-License-Identifier: Apache-2.0
"""The numbers a simulation rests on: each named, with a range to sweep and where it is from.

They stand in `data/simulation.toml`, a table a topic; `engage.rest` is `rest` of `[engage]`. A
source that begins with "assumption" says that nobody measured it. A run names the hash of all.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from consent.errors import Broken, Misused
from consent.words import Reason

_KEYS: Final = ("value", "low", "high", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """One number, the range it is swept over, and what it is and is from."""

    name: str
    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """All of them, in the order of the file."""

    listed: tuple[Coefficient, ...]

    def known(self) -> dict[str, float]:
        """Name every value, as the functions of this room take them."""
        return {one.name: one.value for one in self.listed}

    def but(self, name: str, value: float) -> "Coefficients":
        """Set one of them otherwise. Errors: Misused(unknown-key) for no such name."""
        if name not in {one.name for one in self.listed}:
            raise Misused(Reason.UNKNOWN_KEY, f"no coefficient {name!r} in the simulation")
        changed = (replace(one, value=value) if one.name == name else one for one in self.listed)
        return Coefficients(listed=tuple(changed))

    @property
    def sha256(self) -> str:
        """Name exactly these values and ranges."""
        content = json.dumps([asdict(one) for one in self.listed], separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


@cache
def shipped() -> Coefficients:
    """Read the coefficients that come with the package."""
    return parse((files("data") / "simulation.toml").read_text("utf-8"))


def parse(text: str) -> Coefficients:
    """Read a file of coefficients. Errors: Broken(unknown-key): it is not fit."""
    try:
        table = tomllib.loads(text)
        listed = [
            _one(f"{topic}.{name}", given)
            for topic, names in table.items()
            for name, given in names.items()
        ]
    except (tomllib.TOMLDecodeError, AttributeError, TypeError, ValueError) as error:
        raise Broken(Reason.UNKNOWN_KEY, f"simulation file refused: {error}") from error
    return Coefficients(listed=tuple(listed))


def _one(name: str, given: Mapping[str, Any]) -> Coefficient:
    if set(given) != set(_KEYS):
        raise ValueError(f"{name}: expected the keys {', '.join(_KEYS)}, got {sorted(given)}")
    numbers = {key: _number(name, given[key]) for key in ("value", "low", "high")}
    if not numbers["low"] <= numbers["value"] <= numbers["high"]:
        raise ValueError(f"{name}: the value lies outside of its own range")
    if not numbers["low"] < numbers["high"]:
        raise ValueError(f"{name}: a range from {numbers['low']} to itself sweeps nothing")
    return Coefficient(name=name, source=_text(name, given["source"]), **numbers)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    return float(value)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"{name}: expected a text, got {value!r}")
    return value
