# SPDX-License-Identifier: Apache-2.0
"""Workers that Ray runs."""

from engine.rooms import Rooms
from engine.workers.port import Workers


def joined(rooms: Rooms) -> Workers:
    """Take this process's cluster. Errors: Broken(unavailable) where there is none."""
    raise NotImplementedError(rooms.settings.workers)
