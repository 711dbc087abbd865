# SPDX-License-Identifier: Apache-2.0
"""From stored portraits to inserts, each under a permit of its own: step (4) of a plan.

Whoever makes portraits places those; the plan places whatever a crash left. Both may come at once:
what stands already is passed over.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from consent.gate import Ask, Denial, Insert, Permit
from consent.words import ObjectId, Purpose, Step
from engine.rooms import Rooms
from feed.inserts import Waiting
from generation import album

PART: Final = 1_000
"""Portraits placed at once: what is placed stays, whatever becomes of those after it."""


def place(rooms: Rooms, only: Collection[ObjectId] | None = None) -> Counter[str]:
    """Place stored portraits that were made for the feed and do not stand there yet.

    `only` names those that are meant; None: all. Counts `inserted` and `denied`.
    """
    waiting = rooms.feed.inserts.unplaced(only)
    counts = Counter(inserted=0, denied=0)
    for start in range(0, len(waiting), PART):
        counts.update(_placed(rooms, waiting[start : start + PART]))
    return counts


def _placed(rooms: Rooms, waiting: Sequence[Waiting]) -> Mapping[str, int]:
    """Ask for some of them and place whoever may be placed, in one transaction each."""
    asks: list[Ask[Insert]] = [
        Ask(
            step=Step.INSERT,
            subject=one.subject,
            purpose=Purpose.FEED_INSERT,
            object=one.object,
            request=one.object,
        )
        for one in waiting
    ]
    answers = rooms.consent.gate.ask_all(asks)
    allowed = [
        (answer, one.scenario)
        for answer, one in zip(answers, waiting, strict=True)
        if isinstance(answer, Permit)
    ]
    permits = [permit for permit, _ in allowed]
    with rooms.consent.ledger.read() as connection:
        known = album.marks(connection, [permit.object for permit in permits])
    done = rooms.feed.inserts.place(
        permits,
        [scenario for _, scenario in allowed],
        [known.get(permit.object) for permit in permits],
    )
    inserted = sum(not isinstance(one, Denial) for one in done)
    return {"inserted": inserted, "denied": len(answers) - len(allowed)}
