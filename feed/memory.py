# SPDX-License-Identifier: Apache-2.0
"""How the ranking comes to know what people like: one lesson an act, where they let us.

Rules:
1. a lesson takes a `learn` permit for `personalisation`, one for each act; without it nothing is
   kept, and the act itself is done all the same
2. an act that is undone is unlearned; withdrawing `personalisation` takes every lesson along
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, delete

from consent import effects
from consent.effects import Spent
from consent.gate import Ask, Gate, Learn, Permit
from consent.ledger import Ledger
from consent.words import ObjectId, Purpose, Step, Subject
from consent.writing import Writing
from feed.tables import learned

_PURPOSE: Final = Purpose.PERSONALISATION
_Lesson = tuple[Ask[Learn], Mapping[str, str]]


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
        return self._ledger.together(self._remember, (question, row))

    def _remember(self, writing: Writing, lessons: Sequence[_Lesson]) -> Sequence[bool]:
        answers = self._gate.answer(writing, [question for question, _ in lessons])
        pairs = zip(answers, lessons, strict=True)
        allowed = [(answer, row) for answer, (_, row) in pairs if isinstance(answer, Permit)]
        done = effects.spend(
            writing, [p for p, _ in allowed], learned, [row for _, row in allowed]
        )
        kept = {one.object for one in done if isinstance(one, Spent)}
        return [question.object in kept for question, _ in lessons]


def forget(connection: Connection, subject: Subject, lesson: int) -> None:
    """Unlearn one act that was undone."""
    mine = (learned.c.subject == subject, learned.c.object == lesson)
    connection.execute(delete(learned).where(*mine))
