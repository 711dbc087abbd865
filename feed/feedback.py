# SPDX-License-Identifier: Apache-2.0
"""What a person says about their feed, taken at once and once; it shows on the next page.

Rules:
1. an event is taken once, whoever repeats it
2. acts on one's own feed need no permit; what the ranking learns from one does (feed/memory)
3. `stop` withdraws `feed_insert`, whatever it was said of, and needs nothing to still be there
4. `accept` and `hide` on the card that asks are its answers: yes, and not now
5. `undo` takes back the last `hide` or `fewer` on an item, with what was learned from it
6. an item is the person's own insert or a post; anybody else's insert is as unknown as none
7. `report` is also written down to be answered (feed/reports), in the same transaction
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection

from consent.chance import Chance, identifier
from consent.grants import Grants
from consent.ledger import Ledger
from consent.withdrawal import Withdrawals
from consent.words import ObjectId, Purpose, Subject
from consent.writing import Writing
from feed import acts
from feed.acts import LESSONS, UNDOABLE, Event, Keeping, Kind, On, Target
from feed.memory import Memory
from feed.reports import About, Reports

__all__ = ["UNDOABLE", "Event", "Feedback", "Kind", "Result"]

Status = Literal["done", "duplicate"]
_PURPOSE: Final = Purpose.FEED_INSERT
_Said = tuple[Subject, Event, Target | None, ObjectId]
_ABOUT: Final = {On.INSERT: About.PORTRAIT, On.POST: About.POST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of an event."""

    event_id: str
    status: Status


class Feedback:
    """Take acts."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        grants: Grants,
        withdrawals: Withdrawals,
        memory: Memory,
        reports: Reports,
        chance: Chance,
    ) -> None:
        self._ledger = ledger
        self._grants = grants
        self._withdrawals = withdrawals
        self._memory = memory
        self._reports = reports
        self._chance = chance

    def record(self, viewer: Subject, events: Sequence[Event]) -> tuple[Result, ...]:
        """Take a person's acts in their order; a repeated one changes nothing.

        Errors: Misused(unknown-key) for an item that is not in their feed or an act that cannot be
        said of it, before any of the acts is taken.
        """
        with self._ledger.read() as connection:
            about = [_target(connection, viewer, event) for event in events]
        done = zip(events, about, strict=True)
        return tuple(
            Result(event_id=event.event_id, status=self._take(viewer, event, target))
            for event, target in done
        )

    def _take(self, viewer: Subject, event: Event, about: Target | None) -> Status:
        lesson = ObjectId(identifier(self._chance))
        if self._ends_here(viewer, event, about):
            return "duplicate"
        if not self._ledger.together(self._notes, (viewer, event, about, lesson)):
            return "duplicate"
        if about is not None and about.scenario is not None and event.kind in LESSONS:
            self._memory.learn(viewer, lesson, kind=event.kind, scenario=about.scenario)
        return "done"

    def _ends_here(self, viewer: Subject, event: Event, about: Target | None) -> bool:
        """Do what has a transaction of its own; say whether the event was taken before."""
        answers = about is not None and about.on is On.CARD
        if not answers and event.kind is not Kind.STOP:
            return about is None
        with self._ledger.read() as connection:
            if acts.taken(connection, viewer, event):
                return True
        if answers:
            self._grants.answer_preview(viewer, accepted=event.kind is Kind.ACCEPT)
        if event.kind is Kind.STOP:
            self._withdrawals.withdraw(viewer, _PURPOSE)
        return False

    def _notes(self, writing: Writing, said: Sequence[_Said]) -> Sequence[bool]:
        keeping = Keeping(writing)
        taken = [self._note(writing, keeping, one) for one in said]
        keeping.write()
        return taken

    def _note(self, writing: Writing, keeping: Keeping, said: _Said) -> bool:
        viewer, event, about, lesson = said
        if not keeping.note(viewer, event):
            return False
        if about is not None:
            keeping.keep(viewer, event, about, lesson)
            if event.kind is Kind.REPORT:
                self._reports.keep(writing, viewer, _ABOUT[about.on], about.item, event.why)
        return True


def _target(connection: Connection, viewer: Subject, event: Event) -> Target | None:
    """Find what is meant; None for `stop`, and for what was taken before."""
    if event.kind is Kind.STOP or acts.taken(connection, viewer, event):
        return None
    return acts.target(connection, viewer, event)
