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

from consent.chance import Chance, identifier
from consent.grants import Grants
from consent.ledger import Ledger
from consent.withdrawal import Withdrawals
from consent.words import ObjectId, Purpose, Subject
from consent.writing import Writing
from feed import acts
from feed.acts import LESSONS, UNDOABLE, Event, Kind, On, Target
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
        for event in events:
            self._target(viewer, event)
        return tuple(
            Result(event_id=event.event_id, status=self._take(viewer, event)) for event in events
        )

    def _target(self, viewer: Subject, event: Event) -> Target | None:
        """Find what is meant; None for `stop`, and for what was taken before."""
        with self._ledger.read() as connection:
            if event.kind is Kind.STOP or acts.taken(connection, viewer, event):
                return None
            return acts.target(connection, viewer, event)

    def _take(self, viewer: Subject, event: Event) -> Status:
        with self._ledger.read() as connection:
            if acts.taken(connection, viewer, event):
                return "duplicate"
        about = self._target(viewer, event)
        if event.kind is Kind.STOP:
            self._withdrawals.withdraw(viewer, _PURPOSE)
        elif about is not None and about.on is On.CARD:
            self._grants.answer_preview(viewer, accepted=event.kind is Kind.ACCEPT)
        lesson = ObjectId(identifier(self._chance))
        if not self._ledger.together(self._notes, (viewer, event, about, lesson)):
            return "duplicate"
        if about is not None and about.scenario is not None and event.kind in LESSONS:
            self._memory.learn(viewer, lesson, kind=event.kind, scenario=about.scenario)
        return "done"

    def _notes(self, writing: Writing, said: Sequence[_Said]) -> Sequence[bool]:
        return [self._note(writing, *one) for one in said]

    def _note(
        self,
        writing: Writing,
        viewer: Subject,
        event: Event,
        about: Target | None,
        lesson: ObjectId,
    ) -> bool:
        if acts.taken(writing.connection, viewer, event):
            return False
        acts.note(writing, viewer, event)
        if about is not None:
            acts.keep(writing, viewer, event, about, lesson)
            if event.kind is Kind.REPORT:
                self._reports.keep(writing, viewer, _ABOUT[about.on], about.item, event.why)
        return True
