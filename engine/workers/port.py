# SPDX-License-Identifier: Apache-2.0
"""What the engine wants of whoever works for it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from engine.planning import Ordered
from engine.plans import Plan
from generation.batching import Made
from generation.portraits import Request
from generation.studio import Between, nobody


class Workers(Protocol):
    """Plan and draw."""

    def order(self, plan: Plan) -> Ordered:
        """Select, choose and order for everybody."""
        ...

    def making(self, requests: Sequence[Request], between: Between = nobody) -> Iterator[Made]:
        """Make these requests; outcomes come in their order, as soon as they are written.

        `between` is told of requests before anything of them can be seen.
        """
        ...

    def take_turn(self) -> Counter[str]:
        """Make some of whatever waits, place it, count it; nothing counted: nothing waits."""
        ...
