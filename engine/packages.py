# SPDX-License-Identifier: Apache-2.0
"""Whether what runs here is what was tested together: Python, and every package that we need.

What the package itself asks for must be there; what was tested stands in `constraints.txt`, or,
where only the package is, in `data/tested.txt`, which `make lock` writes from it.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
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
    yield _packages(needed(), pins())


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
    return closure(_requirements(root, frozenset()))


def closure(asked_for: Iterable[Requirement]) -> dict[str, str | None]:
    """Follow requirements to their end: each package's version here, None where it lacks."""
    found: dict[str, str | None] = {}
    waiting = list(asked_for)
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        version = _version(asked)
        if name in found and (found[name] is None or version is not None):
            continue
        found[name] = version
        if version is not None:
            waiting += _requirements(name, frozenset(asked.extras))
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


def _requirements(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    try:
        asked = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for one in map(Requirement, asked):
        wanted = [{"extra": extra} for extra in ("", *sorted(extras))]
        if one.marker is None or any(one.marker.evaluate(where) for where in wanted):
            yield one


def _version(asked: Requirement) -> str | None:
    try:
        version = metadata.version(asked.name)
    except metadata.PackageNotFoundError:
        return None
    return version if asked.specifier.contains(version, prereleases=True) else None


def _public(version: str) -> str:
    """Drop where a package was built for: torch 2.9+cpu is torch 2.9."""
    return version.partition("+")[0]


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
