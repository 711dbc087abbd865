# SPDX-License-Identifier: Apache-2.0
"""One worker's turn: claim some of what waits, make it, place it, do what was confirmed for it.

Rules:
1. what is claimed is held under a lease; however this ends, it is let go of
2. who is denied on the way is refused with that reason, once; who is paused waits
3. what breaks is tried alone; what breaks alone is left for a while, and keeps nobody waiting
4. where all of a round break, that is said, and they are free at once: it may be this worker, or
   the weather. What had been claimed before is left for a while too, or a worker with only such
   requests would turn for ever, and no plan would begin
"""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Final

from consent.gate import Denial
from consent.paused import paused
from consent.telling import told
from consent.words import ObjectId, Reason
from engine import inserting, onward
from engine.rooms import Rooms
from generation import fates
from generation.batching import Made
from generation.leases import LATER, Terms
from generation.portraits import Elsewhere, Portrait, Refusal, Request
from generation.studio import Claim

ROUND: Final = 16
"""So many requests are claimed at once."""
BROKEN: Final = 600
"""Seconds for which a request is left that breaks by itself."""
_log: Final = logging.getLogger(__name__)


def take_turn(rooms: Rooms, most: int = ROUND) -> Counter[str]:
    """Make up to so many of what waits, whoever asked for it, and place it; count what came of it.

    Nothing counted means that nothing waits. Errors: what breaks for every one.
    """
    claim, going = _claimed(rooms, most)
    if not going:
        return Counter()
    try:
        made = _made(rooms, going, claim.terms)
    except Exception:
        _let_go(rooms, claim.terms)
        raise
    refuse(rooms, made)
    mine = [one.request.id for one in made if isinstance(one, Portrait)]
    counts = Counter(map(outcome, made))
    if mine:
        counts += inserting.place(rooms, mine)
    onward.go_on(rooms)
    return counts


def _claimed(rooms: Rooms, most: int) -> tuple[Claim, Sequence[Request]]:
    """Claim until there is something that can be made, or nothing waits."""
    while True:
        claim = rooms.studio.claim(most)
        going = _without_paused(rooms, claim.requests)
        if going or not claim.terms:
            return claim, going


def refuse(rooms: Rooms, made: Sequence[Made]) -> None:
    """Refuse whoever was denied on the way, but for who has paused."""
    denied: dict[ObjectId, Reason] = {
        one.object: one.reason
        for one in made
        if isinstance(one, Denial) and one.reason is not Reason.PAUSED
    }
    if denied:
        with rooms.consent.ledger.write() as writing:
            fates.refuse(writing, denied)


def outcome(one: Made) -> str:
    """Name what came of a request, as plans count it."""
    match one:
        case Elsewhere():
            return "elsewhere"
        case Portrait():
            return "made"
        case Refusal():
            return "refused"
        case Denial():
            return "dropped"


def _without_paused(rooms: Rooms, requests: Sequence[Request]) -> Sequence[Request]:
    """Leave those who have paused everything: asking for them would only fill the log."""
    if not requests:
        return ()
    people = {one.subject for one in requests}
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        resting = paused(connection, sorted(people), now)
    rooms.studio.leases.release([o.id for o in requests if o.subject in resting], later=LATER)
    return [one for one in requests if one.subject not in resting]


def _made(rooms: Rooms, some: Sequence[Request], held: Terms) -> tuple[Made, ...]:
    """Make requests; where that breaks, each of them alone. Errors: what breaks for every one."""
    mine = {one.id: held[one.id] for one in some}
    try:
        return tuple(rooms.studio.making(some, held=mine))
    except Exception:  # noqa: BLE001 - whose fault it is shows when each was tried
        if len(some) > 1:
            return _apart(rooms, some)
        _breaks(rooms, [one.id for one in some])
        return ()


def _apart(rooms: Rooms, some: Sequence[Request]) -> tuple[Made, ...]:
    made: list[Made] = []
    broke: list[ObjectId] = []
    for one in some:
        try:
            made += rooms.studio.make([one])
        except Exception:
            broke.append(one.id)
            if len(broke) == len(some):
                raise
    if broke:
        _breaks(rooms, broke)
    return tuple(made)


def _let_go(rooms: Rooms, held: Terms) -> None:
    again = [one for one, term in held.items() if term > 1]
    rooms.studio.leases.release(held.keys() - set(again))
    if again:
        _breaks(rooms, again)


def _breaks(rooms: Rooms, broke: Sequence[ObjectId]) -> None:
    rooms.studio.leases.put_off(broke, BROKEN)
    _log.error("requests break: they wait", extra=told(count=len(broke)))
