# SPDX-License-Identifier: Apache-2.0
"""Steps (1) and (2) of a plan, for everybody or for one part of them by hash.

Parts may be planned at once by different processes: whose part somebody is follows from their id,
what is chosen for them from nobody else, and the id of their request from plan and person. So the
same comes of it however many planners there are.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from consent import faults
from consent.words import Subject
from engine import choosing, pregeneration, selection
from engine.plans import Plan
from engine.rooms import Rooms
from generation.portraits import Request

_BYTES: Final = 8
_BITS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of so many ranges of hashes of people."""

    number: int
    of: int

    def holds(self, subject: Subject) -> bool:
        """Say whether somebody belongs to it."""
        digest = hashlib.sha256(b"onlyou part 1" + subject.to_bytes(_BYTES, "big")).digest()
        return int.from_bytes(digest[:_BYTES], "big") * self.of >> _BITS == self.number


WHOLE: Final = Part(number=0, of=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What came of a part: what is to be drawn now, and how many of each kind there were."""

    requests: tuple[Request, ...]
    counted: Mapping[str, int]


def order(rooms: Rooms, plan: Plan, part: Part = WHOLE) -> Ordered:
    """Select, choose and order for a part of the people. A budget is for a whole plan alone."""
    selected = selection.due(rooms, plan, part.holds)  # (1)
    faults.point("plan.decided")
    turn = pregeneration.within(rooms, plan, selected.permits, before=selected.before)
    requests, nothing = choosing.order(rooms, turn.permits, turn.drawn)  # (2)
    faults.point("plan.ordered")
    counted = Counter(selected=len(selected.permits), denied=selected.denied, none=nothing)
    counted.update(turn.counted)
    return Ordered(requests=tuple(requests), counted=counted)
