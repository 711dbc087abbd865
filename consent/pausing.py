# SPDX-License-Identifier: Apache-2.0
"""Stopping everything for a while: nothing is destroyed, and nothing is done.

Rules:
1. from the entry on, the gate denies every step but looking at what is one's own, for all purposes
2. what is in flight does not land: its permit is good for nothing while the pause lasts
3. a pause ends by itself at its time, or when its person says so; yeses and their terms run on
4. pausing again moves the end; withdrawing and erasing work as ever
"""

from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select

from consent.errors import Misused
from consent.ledger import Ledger
from consent.paused import Paused, paused
from consent.tables import pause
from consent.words import DAY, Actor, Micros, Reason, Seq, Subject
from consent.writing import Writing

LONGEST: Final = Micros(3_654 * DAY)
"""Ten years, however many of them are leap years, and a day for clocks that go fast."""


class Pauses:
    """Pause everything of a person, let it go on, say which it is."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def pause(self, subject: Subject, until: Micros | None, *, actor: Actor = Actor.SELF) -> Seq:
        """Stop everything until a time, or until it is resumed; return the entry.

        Errors: Misused(unknown-key) for a time that is over or more than ten years ahead,
        Misused(unknown-subject) for whom nobody here knows.
        """
        with self._ledger.write() as writing:
            if until is not None and not writing.now < until <= writing.now + LONGEST:
                raise Misused(
                    Reason.UNKNOWN_KEY, "A pause ends at a time to come, within ten years"
                )
            seq = writing.append("pause", subject=subject, not_after=until, actor=actor)
            _keep(writing, subject, until, seq)
        return seq

    def resume(self, subject: Subject, *, actor: Actor = Actor.SELF) -> Seq:
        """Let everything go on; return the entry. Repeated, or after the end, nothing is written.

        Errors: Misused(unknown-subject) for whom nobody here knows.
        """
        with self._ledger.write() as writing:
            last = _last(writing.connection, subject)
            if last is not None and last.until is not None and last.until <= writing.now:
                return Seq(last.seq)
            seq = writing.append("resume", subject=subject, actor=actor)
            _keep(writing, subject, writing.now, seq)
        return seq

    def of(self, subject: Subject) -> Paused | None:
        """Say whether a person has paused everything; None where they have not, or it is over."""
        now = self._ledger.now()
        with self._ledger.read() as connection:
            return paused(connection, [subject], now).get(subject)


def _last(connection: Connection, subject: Subject) -> Row[Any, Any] | None:
    mine = select(pause.c.until, pause.c.seq).where(pause.c.subject == subject)
    return connection.execute(mine).one_or_none()


def _keep(writing: Writing, subject: Subject, until: Micros | None, seq: Seq) -> None:
    """Keep the last word alone; one that was ended has the time of its end."""
    writing.connection.execute(delete(pause).where(pause.c.subject == subject))
    row = {"subject": subject, "until": until, "at": writing.now, "seq": seq}
    writing.insert(pause, [row])
