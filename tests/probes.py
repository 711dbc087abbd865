# SPDX-License-Identifier: Apache-2.0
"""Probes: what shows that a value of a policy drives code. Every room registers its own.

A probe names the values it answers for and computes an outcome from a policy. Changing a value
must change the outcome of a probe that answers for it (tests/consent/test_policies.py). Rooms
register in `tests/<room>/probes.py`; a probe is a function of the policy alone, and quick.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from consent.policy import Policy

Probe = Callable[[Policy], object]
PROBES: list[tuple[tuple[str, ...], Probe]] = []
SMALL = 10_000
"""Numbers below it change by one, larger ones double: nobody sends one pixel too many."""
CHOICES = {
    "as-adult": "refused",
    "guardian": "refused",
    "rolling-24h": "calendar-day",
    "calendar-day": "rolling-24h",
    "gentle": "dramatic",
    "dramatic": "eerie",
    "eerie": "gentle",
}
"""Words of a closed list change into another of the list."""
DESCRIBING = ("source", "as_of", "confidence")
"""Keys that say where a value is from; they are no values."""


def probe(*paths: str) -> Callable[[Probe], Probe]:
    """Register a probe for the values whose path begins with one of these: `slots.gap`, `rule`."""

    def register(function: Probe) -> Probe:
        PROBES.append((paths, function))
        return function

    return register


def gather() -> None:
    """Import every room's probes."""
    for found in sorted(Path(__file__).parent.glob("*/probes.py")):
        import_module(f"tests.{found.parent.name}.probes")


def answering(path: str) -> list[Probe]:
    """List the probes that answer for a value."""
    return [f for paths, f in PROBES if any(_within(path, of) for of in paths)]


def _within(path: str, of: str) -> bool:
    return path == of or path.startswith(f"{of}.")


def values(text: str) -> Iterator[tuple[str, Any]]:
    """Walk all values of a policy file: path and value."""
    yield from _walk("", tomllib.loads(text))


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and "value" in value:
        yield path, value["value"]
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in DESCRIBING:
                yield from _walk(f"{path}.{key}".lstrip("."), inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, inner in enumerate(value):
            yield from _walk(f"{path}.{place}", inner)
    else:
        yield path, value


def changes(value: Any) -> Iterator[Any]:
    """Yield other values of the same type."""
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1 if value < SMALL else value * 2
        case float():
            yield value * 1.25 + 0.001
        case str():
            yield CHOICES.get(value, value + " (changed)")
        case list():
            yield from ([w for w in value if w != word] for word in value)


def changed(text: str, path: str, value: Any) -> str:
    """Write the policy file with one value changed."""
    way = [int(part) if part.isdigit() else part for part in path.split(".")]
    return "\n".join(_written(_put(_table(text), way, value))) + "\n"


@cache
def _table(text: str) -> Mapping[str, Any]:
    """Read a file once for all its changes; nobody may write into what this returns."""
    return tomllib.loads(text)


def _put(inner: Any, way: Sequence[int | str], value: Any) -> Any:
    """Copy what lies on the way to a value, with another one at its end."""
    if not way:
        return inner | {"value": value} if isinstance(inner, dict) else value
    copied = copy(inner)
    copied[way[0]] = _put(inner[way[0]], way[1:], value)
    return copied


def _written(table: Mapping[str, Any]) -> Iterator[str]:
    """Write TOML: the standard library only reads it. Inline tables serve as well as headers."""
    return (f"{key} = {_literal(value)}" for key, value in table.items())


def _literal(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{ " + ", ".join(_written(value)) + " }"
        case list():
            return "[" + ", ".join(map(_literal, value)) + "]"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case _:
            return repr(value)
