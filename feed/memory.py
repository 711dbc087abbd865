# SPDX-License-Identifier: Apache-2.0
"""How the ranking comes to know what people like: one lesson an act, where they let us.

Rules:
1. a lesson takes a `learn` permit for `personalisation`, one for each act; without it nothing is
   kept, and the act itself is done all the same
2. an act that is undone is unlearned; withdrawing `personalisation` takes every lesson along
"""

from typing import Final

from sqlalchemy import Connection, delete

from consent import effects
from consent.effects import Spent
from consent.gate import Ask, Denial, Gate, Learn
from consent.ledger import Ledger
from consent.words import ObjectId, Purpose, Step, Subject
from consent.writing import Writing
from feed.tables import learned

_PURPOSE: Final = Purpose.PERSONALISATION


class Memory:
    """Learn from explicit acts, where a person lets us."""

    def __init__(self, ledger: Ledger, gate: Gate) -> None:
        self._ledger = ledger
        self._gate = gate

    def learn(self, subject: Subject, lesson: ObjectId, *, kind: str, scenario: str) -> bool:
        """Keep one act as a lesson; say whether the gate permitted it."""
        question: Ask[Learn] = Ask(
            step=Step.LEARN, subject=subject, purpose=_PURPOSE, object=lesson
        )
        row = {"kind": kind, "scenario": scenario}

        def remember(writing: Writing) -> bool:
            (answer,) = self._gate.answer(writing, [question])
            if isinstance(answer, Denial):
                return False
            (done,) = effects.spend(writing, [answer], learned, [row])
            return isinstance(done, Spent)

        return self._ledger.together(remember)


def forget(connection: Connection, subject: Subject, lesson: int) -> None:
    """Unlearn one act that was undone."""
    mine = (learned.c.subject == subject, learned.c.object == lesson)
    connection.execute(delete(learned).where(*mine))
