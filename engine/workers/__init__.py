# SPDX-License-Identifier: Apache-2.0
"""Where plans are made and portraits drawn: in this process, or by others that Ray runs.

Whoever works opens the home by itself, asks the gate itself and writes its own entries: what goes
between processes are ids, counts and closed words. What makes each portrait exist once are leases,
terms and the rows' keys, wherever the work is done.
"""

from collections.abc import Callable
from typing import Final

from consent.errors import Misused
from consent.words import Reason
from engine.rooms import Rooms
from engine.workers.local import Local
from engine.workers.port import Workers

__all__ = ["Workers", "of", "offer"]

_OFFERED: Final[dict[str, Callable[[Rooms], Workers]]] = {"local": Local}


def offer(kind: str, taking: Callable[[Rooms], Workers]) -> None:
    """Name an adapter; `engine.wiring` does, so that nobody else loads what it needs."""
    _OFFERED[kind] = taking


def of(rooms: Rooms) -> Workers:
    """Take the workers that the settings name. Errors: Misused(unknown-key) for others.

    Broken(unavailable) where they cannot be started.
    """
    kind = rooms.settings.workers
    if kind not in _OFFERED:
        here = ", ".join(sorted(_OFFERED))
        raise Misused(Reason.UNKNOWN_KEY, f"no workers {kind!r}; here are {here}")
    return _OFFERED[kind](rooms)
