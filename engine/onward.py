# SPDX-License-Identifier: Apache-2.0
"""What happens when a job is done, because its person said so with the order or the policy does.

Rules:
1. what a person confirmed is done once, under a permit of its own; that it is done and that it is
   no longer to do stand in one transaction, so that what they take back stays taken back
2. where the policy says so, selfies are destroyed as soon as all that their person ordered is
   made: those that were opened for it, and none that came since
3. while its person has paused everything, what was confirmed waits
4. what breaks for one person is said, tried again the next time, and keeps nobody else waiting
5. whoever makes what waits calls this afterwards, in whatever process; what a crash left is found
"""

import logging
from contextlib import suppress
from typing import Final

from consent.errors import Broken, Misused
from consent.gate import Ask, Permit, Share
from consent.paused import paused
from consent.words import Step
from consent.writing import Writing
from engine import jobs
from engine.jobs import Job
from engine.rooms import Rooms
from feed.shares import PURPOSE_OF, Audience
from generation import fates
from generation.fates import End

_log: Final = logging.getLogger(__name__)


def go_on(rooms: Rooms) -> None:
    """Do what is due of all jobs that are done."""
    for owed in jobs.owing(rooms):
        if not owed.open:
            _safely(rooms, owed)
    if rooms.consent.policy.selfies.delete_after_generation:
        _destroy(rooms)


def _safely(rooms: Rooms, owed: Job) -> None:
    """Show what one job made, in a transaction of its own."""
    try:
        with rooms.consent.ledger.write() as writing:
            _show(rooms, writing, owed)
    except Exception:  # noqa: BLE001 - of whatever kind: the jobs of others are due as well
        _log.exception("what was confirmed for a job could not be done; it is tried again")


def _destroy(rooms: Rooms) -> None:
    """Destroy the selfies of everybody for whom all is made that they ordered."""
    with rooms.consent.ledger.read() as connection:
        used = fates.used(connection, jobs.parts())
    for subject, one in used:
        try:
            with suppress(Misused):  # somebody destroyed it first
                rooms.consent.withdrawals.destroy(subject, one)
        except Broken:
            _log.exception("a selfie that is due could not be destroyed; it is tried again")


def _show(rooms: Rooms, writing: Writing, owed: Job) -> None:
    """Show what was made to the audience that was confirmed; a no ends it, the portrait stays."""
    if paused(writing.connection, [owed.subject], writing.now):
        return
    audience = jobs.settle(writing, owed)
    if audience is None:  # somebody else was faster
        return
    ids = [part.id for part in owed.parts]
    became = fates.fates(writing.connection, owed.subject, ids, writing.now)
    asks: list[Ask[Share]] = [
        Ask(
            step=Step.SHARE,
            subject=owed.subject,
            purpose=PURPOSE_OF[Audience(audience)],
            object=one.id,
            request=one.id,
            confirmed=True,
        )
        for one in became.values()
        if one.end is End.MADE
    ]
    for answer in rooms.consent.gate.answer(writing, asks):
        if isinstance(answer, Permit):
            rooms.feed.shares.put(writing, answer, Audience(audience))
