# SPDX-License-Identifier: Apache-2.0
"""Named places where the world may fail: a test stands there and raises, kills, waits or lies.

Rules:
1. a point is named in `POINTS` once and stands in the code where that happens
2. with nobody injecting, a point costs one comparison; nothing but a test's own code injects:
   there is no setting and no variable for it
3. what an injector raises is what the place itself could raise (an OSError, a lost connection), or
   the end of the process
Source: FoundationDB's BUGGIFY.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

Injector = Callable[[str], None]
"""Told the name of each point as it is passed; what it raises is raised there."""

POINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "begin.before": "a transaction that writes is about to begin",
        "begin.after": "the log head is locked, nothing is written",
        "commit.before": "everything is written, nothing is committed",
        "commit.after": "it is committed, and nobody was told",
    }
)
"""What stands at each point."""

_injector: Injector | None = None


def point(name: str) -> None:
    """Pass a named point. Errors: whatever a test injects there; nothing otherwise."""
    if _injector is not None:
        _injector(name)


@contextmanager
def injecting(injector: Injector) -> Iterator[None]:
    """Let an injector stand at every point of this process, for tests."""
    global _injector  # noqa: PLW0603 - one per process, as the failing world is
    before, _injector = _injector, injector
    try:
        yield
    finally:
        _injector = before
