# SPDX-License-Identifier: Apache-2.0
"""What a person reported, by when it must be answered, and what came of it.

Rules:
1. anything of one's own feed or album can be reported, and a share that one can see; one report
   of one thing, however often it is sent
2. nobody looks at a portrait to answer: whoever answers sees ids, times and the reason that the
   person chose
3. an answer is due within the policy's `reports.answer_hours`; without one the person is right
4. right means: the portrait is destroyed, the share ends, the post stays out of their feed; a
   `destroy` entry says so, an `admin` entry that an operator answered
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select, update

from consent.chance import Chance, identifier
from consent.errors import Broken, Misused
from consent.ledger import Ledger
from consent.policy import Policy
from consent.promises import ReportRules
from consent.withdrawal import Withdrawals
from consent.words import HOUR, Actor, Micros, ObjectId, Purpose, Reason, Subject
from consent.writing import Writing
from feed.tables import asset, feed_share, post, report


class About(StrEnum):
    """What was reported."""

    PORTRAIT = "portrait"
    POST = "post"
    SHARE = "share"


class Why(StrEnum):
    """What is wrong with it, from a closed list: no words of anybody are kept."""

    NOT_ME = "not-me"  #: it does not look like me
    DEMEANING = "demeaning"
    SEXUAL = "sexual"
    FRIGHTENING = "frightening"
    TOO_REAL = "too-real"  #: it could be taken for a photo
    OTHER = "other"


class Outcome(StrEnum):
    """What came of a report."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report. `outcome` is None while it is open."""

    id: int
    subject: Subject  #: who reported
    about: About
    item: int
    why: Why | None
    at: Micros
    due_at: Micros
    outcome: Outcome | None = None
    answered_at: Micros | None = None


_log: Final = logging.getLogger(__name__)
_COLUMNS: Final = tuple(report.c[name] for name in Report.__slots__)


class Reports:
    """Take reports, answer them, and let those that nobody answered count as right."""

    def __init__(
        self, *, ledger: Ledger, policy: Policy, withdrawals: Withdrawals, chance: Chance
    ) -> None:
        self._ledger = ledger
        self._rules = policy.reports
        self._withdrawals = withdrawals
        self._chance = chance

    def keep(
        self, writing: Writing, subject: Subject, about: About, item: int, why: Why | None = None
    ) -> Report:
        """Write a report down in an open transaction, or find the one that stands.

        A reason given later is added to a report that had none.
        """
        known = _one(writing.connection, subject, about, item)
        if known is not None:
            return self._add_why(writing, known, why)
        made = Report(
            id=identifier(self._chance),
            subject=subject,
            about=about,
            item=item,
            why=why,
            at=writing.now,
            due_at=due(writing.now, self._rules),
        )
        writing.insert(report, [{name: getattr(made, name) for name in Report.__slots__}])
        return made

    def file(self, subject: Subject, about: About, item: int, why: Why | None = None) -> Report:
        """Write a report down. Whether the item is theirs to report is the caller's to know."""
        with self._ledger.write() as writing:
            return self.keep(writing, subject, about, item, why)

    def about(self, subject: Subject, item: int) -> About | None:
        """Say what of a person's own an id names: a portrait, a post, or nothing they can see."""
        mine = (asset.c.subject == subject, asset.c.object == item)
        with self._ledger.read() as connection:
            if connection.execute(select(asset.c.object).where(*mine)).first():
                return About.PORTRAIT
            known = connection.execute(select(post.c.id).where(post.c.id == item)).first()
        return About.POST if known else None

    def of(self, subject: Subject) -> tuple[Report, ...]:
        """List what a person reported, newest first."""
        return self._list(report.c.subject == subject)

    def waiting(self) -> tuple[Report, ...]:
        """List every report without an answer, the one that is due next first."""
        return tuple(
            sorted(self._list(report.c.outcome.is_(None)), key=lambda one: (one.due_at, one.id))
        )

    def answer(self, number: int, outcome: Outcome) -> Report:
        """Answer a report as an operator; upheld takes what was reported away.

        Errors: Misused(unknown-key) for no such report, Misused(stale) for one that is answered
        or whose time is over: without an answer in time the person is right.
        """
        found = self._list(report.c.id == number)
        if not found:
            raise Misused(Reason.UNKNOWN_KEY, "there is no such report")
        if found[0].outcome is not None or self._ledger.now() >= found[0].due_at:
            raise Misused(Reason.STALE, "this report is answered; its outcome stands")
        if outcome is Outcome.UPHELD:
            self._take(found[0])
        self._close(found[0], outcome, by_operator=True)
        return self._list(report.c.id == number)[0]

    def sweep(self) -> int:
        """Let every report whose time is over count as right; return how many there were.

        One whose item cannot be taken away stays open, for the next sweep; the others go on.
        """
        now = self._ledger.now()
        over = self._list(report.c.outcome.is_(None) & (report.c.due_at <= now))
        for one in over:
            try:
                self._take(one)
                self._close(one, Outcome.UPHELD, by_operator=False)
            except Broken:
                _log.exception("a report that is over could not be carried out; it stays open")
        return len(over)

    def _add_why(self, writing: Writing, known: Report, why: Why | None) -> Report:
        if why is None or known.why is not None:
            return known
        mine = report.c.id == known.id
        writing.connection.execute(update(report).where(mine).values(why=why))
        return _read(writing.connection, mine)[0]

    def _list(self, which: ColumnElement[bool]) -> tuple[Report, ...]:
        with self._ledger.read() as connection:
            return _read(connection, which)

    def _take(self, one: Report) -> None:
        """Take what was reported away. What is gone already is gone."""
        with suppress(Misused):
            if one.about is About.PORTRAIT:
                self._withdrawals.destroy(one.subject, ObjectId(one.item))
            elif one.about is About.SHARE:
                self._end_share(ObjectId(one.item))

    def _end_share(self, share: ObjectId) -> None:
        """End somebody's share. Errors: Misused(unknown-key) for one that has ended."""
        columns = (feed_share.c.subject, feed_share.c.object, feed_share.c.purpose)
        with self._ledger.read() as connection:
            row = connection.execute(select(*columns).where(feed_share.c.share == share)).first()
        if row is None:
            raise Misused(Reason.UNKNOWN_KEY, "there is no such share")
        owner, obj, purpose = row
        self._withdrawals.end_share(Subject(owner), ObjectId(obj), Purpose(purpose), share=share)

    def _close(self, one: Report, outcome: Outcome, *, by_operator: bool) -> None:
        with self._ledger.write() as writing:
            still = (report.c.id == one.id, report.c.outcome.is_(None))
            at = writing.now if by_operator else one.due_at
            closed = update(report).where(*still).values(outcome=outcome, answered_at=at)
            if writing.connection.execute(closed).rowcount and by_operator:
                writing.append(
                    "admin",
                    subject=one.subject,
                    object=ObjectId(one.item),
                    actor=Actor.OPERATOR,
                )


def due(at: Micros, rules: ReportRules) -> Micros:
    """Say by when a report of a moment is answered."""
    return Micros(at + rules.answer_hours * HOUR)


def _one(connection: Connection, subject: Subject, about: About, item: int) -> Report | None:
    mine = (report.c.subject == subject) & (report.c.about == about) & (report.c.item == item)
    found = _read(connection, mine)
    return found[0] if found else None


def _read(connection: Connection, which: ColumnElement[bool]) -> tuple[Report, ...]:
    rows = connection.execute(
        select(*_COLUMNS).where(which).order_by(report.c.at.desc(), report.c.id)
    )
    return tuple(_report(dict(row)) for row in rows.mappings())


def _report(row: Mapping[str, Any]) -> Report:
    outcome, why = row["outcome"], row["why"]
    return Report(
        id=row["id"],
        subject=Subject(row["subject"]),
        about=About(row["about"]),
        item=row["item"],
        why=None if why is None else Why(why),
        at=Micros(row["at"]),
        due_at=Micros(row["due_at"]),
        outcome=None if outcome is None else Outcome(outcome),
        answered_at=row["answered_at"],
    )
