# SPDX-License-Identifier: Apache-2.0
"""What happens when a job is done, because its person said so with the order or the policy does.

Rules:
1. what a person confirmed is done once, under a permit of its own; that it is done and that it is
   no longer to do stand in one transaction, so that what they take back stays taken back
2. whoever makes what waits calls this afterwards, in whatever process; what a crash left is found
"""

from engine.rooms import Rooms


def go_on(rooms: Rooms) -> None:
    """Do what is due of all jobs that are done."""
    del rooms
