# SPDX-License-Identifier: Apache-2.0
"""Whether what runs here is what was tested together: Python, and every package that we need.

What the package itself asks for must be there; what was tested stands in `constraints.txt`, or,
where only the package is, in `data/tested.txt`, which `make lock` writes from it.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.checks import Check

_US: Final = "onlyou"
_PINS: Final = "constraints.txt"
_BROUGHT: Final = "tested.txt"
"""The engine's own part of it, which comes with the package."""
_TESTED: Final = (3, 11)
_NAMED: Final = 5


def checks() -> Iterator[Check]:
    """Look at Python and at the packages."""
    yield _python()
    yield _here()


@cache
def _here() -> Check:
    """Look once a process: what is installed stays as it is while it runs."""
    return _packages(needed(), pins())


def _python() -> Check:
    here = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    if sys.version_info[:2] == _TESTED:
        return Check("python", True, here)
    tested = ".".join(map(str, _TESTED))
    return Check("python", None, f"{here}: everything was tested with {tested}")


def _packages(needed: Mapping[str, str | None], pinned: Mapping[str, str]) -> Check:
    """Compare what is needed and installed with what was tested."""
    missing = sorted(name for name, version in needed.items() if version is None)
    if missing:
        return Check("packages", False, f"not installed as it is needed: {_some(missing)}")
    other = sorted(
        f"{name} {version} (tested: {pinned.get(name, 'none')})"
        for name, version in needed.items()
        if pinned.get(name) != _public(version or "")
    )
    if other:
        return Check("packages", None, f"{len(needed)}, not as tested: {_some(other)}")
    return Check("packages", True, f"{len(needed)}, as they were tested together")


def needed(root: str = _US) -> dict[str, str | None]:
    """Name all that a package needs here, and what those need: versions, None where one lacks.

    A version that a requirement forbids counts as lacking. Extras that nobody asked for do not
    count.
    """
    here = _installed(root)
    return closure(here.asks(frozenset()) if here else ())


def closure(asked_for: Iterable[Requirement]) -> dict[str, str | None]:
    """Follow requirements to their end: each package's version here, None where it lacks."""
    found: dict[str, str | None] = {}
    followed: set[tuple[str, frozenset[str]]] = set()
    waiting = list(asked_for)
    while waiting:
        asked = waiting.pop()
        name, extras = canonicalize_name(asked.name), frozenset(asked.extras)
        here = _installed(name)
        good = here is not None and asked.specifier.contains(here.version, prereleases=True)
        if here is None or not good:
            found[name] = None
        elif found.setdefault(name, here.version) and (name, extras) not in followed:
            followed.add((name, extras))
            waiting += here.asks(extras)
    return found


def pins() -> dict[str, str]:
    """Read which versions were tested together."""
    lines = (line.split("#")[0].strip() for line in _pinned().splitlines())
    pairs = (line.partition("==") for line in lines if "==" in line)
    return {canonicalize_name(name): version for name, _, version in pairs}


def _pinned() -> str:
    beside = Path(__file__).parent.parent / _PINS
    if beside.exists():
        return beside.read_text("utf-8")
    return (resources.files("data") / _BROUGHT).read_text("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Installed:
    """One package that is here: its version, and what it asks for."""

    version: str
    requires: tuple[Requirement, ...]

    def asks(self, extras: frozenset[str]) -> Iterator[Requirement]:
        """Yield what it asks for here, with these extras."""
        wanted = [{"extra": extra} for extra in ("", *sorted(extras))]
        for one in self.requires:
            if one.marker is None or any(one.marker.evaluate(where) for where in wanted):
                yield one


def _installed(name: str) -> _Installed | None:
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    requires = tuple(map(Requirement, told.get_all("Requires-Dist") or ()))
    return _Installed(version=told["Version"], requires=requires)


def _public(version: str) -> str:
    """Drop where a package was built for: torch 2.9+cpu is torch 2.9."""
    return version.partition("+")[0]


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
