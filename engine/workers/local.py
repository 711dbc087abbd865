# SPDX-License-Identifier: Apache-2.0
"""Work in this process: the default."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine import planning, working
from engine.planning import Ordered
from engine.plans import Plan
from engine.rooms import Rooms
from generation.batching import Made
from generation.portraits import Request
from generation.studio import Between, nobody


@dataclass(frozen=True, slots=True)
class Local:
    """The rooms' own studio and planner."""

    rooms: Rooms

    def order(self, plan: Plan) -> Ordered:
        """Select, choose and order for everybody."""
        return planning.order(self.rooms, plan)

    def making(self, requests: Sequence[Request], between: Between = nobody) -> Iterator[Made]:
        """Make these requests, telling each outcome as soon as its batch is written."""
        return self.rooms.studio.making(requests, between)

    def take_turn(self) -> Counter[str]:
        """Make some of whatever waits."""
        return working.take_turn(self.rooms)
