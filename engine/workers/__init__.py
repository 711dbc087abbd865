# SPDX-License-Identifier: Apache-2.0
"""Where plans are made and portraits drawn: in this process, or by others that Ray runs.

Whoever works opens the home by itself, asks the gate itself and writes its own entries: what goes
between processes are ids, counts and closed words. What makes each portrait exist once are leases,
terms and the rows' keys, wherever the work is done.
"""

from engine.rooms import Rooms
from engine.workers.local import Local
from engine.workers.port import Workers

__all__ = ["Workers", "of"]


def of(rooms: Rooms) -> Workers:
    """Take the workers that the settings name. Errors: Misused(unknown-key) for others.

    Broken(unavailable) where they cannot be started.
    """
    if rooms.settings.workers == "local":
        return Local(rooms)
    from engine.workers.cluster import joined  # noqa: PLC0415 - Ray is loaded where it is used

    return joined(rooms)
