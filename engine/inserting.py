# SPDX-License-Identifier: Apache-2.0
"""From stored portraits to inserts, each under a permit of its own: step (4) of a plan.

Whoever makes portraits places those; the plan places whatever a crash left. Both may come at once:
what stands already is passed over.
"""

from collections import Counter
from collections.abc import Collection

from consent.gate import Ask, Denial, Insert, Permit
from consent.words import ObjectId, Purpose, Step
from engine.rooms import Rooms
from generation import album


def place(rooms: Rooms, among: Collection[ObjectId] | None = None) -> Counter[str]:
    """Place stored portraits that were made for the feed and do not stand there yet.

    `among` names those that are meant; None: all. Counts `inserted` and `denied`.
    """
    waiting = rooms.feed.inserts.unplaced(among)
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
    return Counter(inserted=inserted, denied=len(answers) - len(allowed))
