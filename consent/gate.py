# SPDX-License-Identifier: Apache-2.0
"""The gate: the only maker of permits.

Rules:
1. who asks names a step, a person, a purpose and the one object it is for
2. the facts are read in the transaction of the decision, from the primary, never from a cache
3. `policy.decide` decides; the decision is an entry, allowed or denied, before anything is done
4. an allowed decision becomes a permit row: one step, one purpose, one object, once, for minutes
5. a denial gets no permit row; there is nothing that an effect could spend
6. many are decided in blocks; a slot becomes a permit row only when its person goes on, in the
   transaction of the effect, and only where its record says allow
7. whatever is unavailable (ledger, keys, clock) raises, and then there is no permit
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from consent import going
from consent.chance import Chance
from consent.errors import Misused
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.outdated import Outdated
from consent.permits import (
    Ask,
    Denial,
    Enrol,
    Generate,
    Insert,
    Learn,
    Moderate,
    Permit,
    Read,
    S,
    Select,
    Share,
    Store,
    View,
    denied,
)
from consent.policy import Deny, Facts, Policy, decide
from consent.sitting import Block, Matter, Sitting
from consent.standing import Standing, Standings
from consent.tables import permit as permits
from consent.words import (
    SECOND,
    Micros,
    ObjectId,
    Purpose,
    Reason,
    Seq,
    Step,
    Subject,
)
from consent.writing import Writing

__all__ = [
    "Ask",
    "Decided",
    "Denial",
    "Enrol",
    "Gate",
    "Generate",
    "Guard",
    "Insert",
    "Learn",
    "Moderate",
    "Permit",
    "Read",
    "S",
    "Select",
    "Share",
    "Store",
    "View",
    "denied",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Generic[S]):
    """What was decided for many people at once: columns, a block of them after another."""

    step: S
    purpose: Purpose
    blocks: tuple[Block, ...]

    @property
    def denied(self) -> int:
        """Count those who were denied."""
        return sum(block.denied for block in self.blocks)

    def reasons(self) -> dict[Subject, Reason | None]:
        """Say why each person was denied, None for whoever was not."""
        said = (block.reasons() for block in self.blocks)
        return {person: reason for reasons in said for person, reason in reasons.items()}

    def permits(self, objects: Mapping[Subject, ObjectId]) -> tuple[Permit[S], ...]:
        """Return the permits of those who were allowed, in the order of `objects`.

        Each is for one new object, which is also the request it begins.
        """
        found = {
            subject: Permit(
                seq=block.seq,
                slot=slot,
                step=self.step,
                subject=subject,
                purpose=self.purpose,
                epoch=epoch,
                object=objects[subject],
                not_after=block.not_after,
                request=objects[subject],
                block=True,
            )
            for block in self.blocks
            for slot, subject, epoch in block.allowed()
            if subject in objects
        }
        return tuple(found[subject] for subject in objects if subject in found)


Guard = Callable[[Connection, Micros], None]
"""Called before anything is permitted. Errors: Broken(unavailable) while nothing may be."""


class Gate:
    """Ask here before anything touches a likeness."""

    def __init__(
        self,
        ledger: Ledger,
        policy: Policy,
        notices: Mapping[Purpose, frozenset[str]],
        *,
        keys: KeyStore,
        chance: Chance,
        guard: Guard = lambda _connection, _now: None,
    ) -> None:
        self._ledger = ledger
        self._guard = guard
        self._sitting = Sitting(ledger, keys, chance)
        self.policy = policy
        self._current = MappingProxyType(dict(notices))
        self._outdated = {one: Outdated(one, notices.get(one, frozenset())) for one in Purpose}

    def ask(self, question: Ask[S]) -> Permit[S]:
        """Ask for one permit. Errors: Denied with the reason, an ordinary answer.

        Misused(unknown-subject) for whom nobody here knows, the caller's fault.
        """
        answer = self.ask_all([question])[0]
        if isinstance(answer, Denial):
            raise denied(answer)
        return answer

    def ask_all(
        self, questions: Sequence[Ask[S]], *, run: str | None = None
    ) -> tuple[Permit[S] | Denial, ...]:
        """Ask for many permits in one transaction; the answers come in the same order.

        `run` names the plan that asks. Somebody who was erased meanwhile is denied without a
        trace (unknown-subject); the others go on.
        """
        if not questions:
            return ()
        with self._ledger.write(questions) as writing:
            return self.answer(writing, questions, run=run)

    def answer(
        self, writing: Writing, questions: Sequence[Ask[S]], *, run: str | None = None
    ) -> tuple[Permit[S] | Denial, ...]:
        """Answer in a transaction that is open already: the decisions stand or fall with it."""
        self._guard(writing.connection, writing.now)
        writing.know(question.subject for question in questions)
        known = Standings(writing.connection, writing.now, questions, self._current)
        answers = [
            self._answer(writing, q, known, run)
            if writing.knows(q.subject)
            else _denial(None, q, Reason.UNKNOWN_SUBJECT)
            for q in questions
        ]
        granted = [answer for answer in answers if isinstance(answer, Permit)]
        _grant(writing, granted)
        return tuple(answers)

    def foresee(self, connection: Connection, now: Micros, question: Ask[S]) -> Reason | None:
        """Say why a question would be denied as things are; None where it would not be.

        Nothing is permitted by this and nothing logged: who goes on asks when it comes to it.
        """
        known = Standings(connection, now, [question], self._current)
        facts = known(question).facts(confirmed=question.confirmed)
        verdict = decide(self.policy, question.step, question.purpose, facts)
        return verdict.reason if isinstance(verdict, Deny) else None

    def decide_all(
        self, step: S, purpose: Purpose, people: Iterable[Subject], *, run: str | None = None
    ) -> "Decided[S]":
        """Decide one step and purpose for any number of people, in blocks of ten thousand.

        Each block is a transaction and an entry; nobody has a permit row yet. Whoever was erased
        meanwhile is left out. Errors: Broken(unavailable) where somebody's secret is gone.
        """
        matter = Matter(
            step=step,
            purpose=purpose,
            policy=self.policy,
            outdated=self._outdated[purpose],
            seconds=self._seconds(step),
            run=run,
            guard=self._guard,
        )
        held = self._sitting.hold_all(matter, people)
        return Decided(step=step, purpose=purpose, blocks=tuple(held))

    def go_on(
        self, writing: Writing, permits_of: Sequence[Permit[S]]
    ) -> tuple[Permit[S] | Denial, ...]:
        """Write the permit rows of those of a block who go on, in the transaction of the effect.

        Answers come in order: a Denial where the basis has gone, the time is over or a cap was
        reached meanwhile. Permits that are no block's pass as they are. Errors:
        Misused(permit-used) for a slot that does not say so, or is used: a bug or an attack.
        """
        slots = [permit for permit in permits_of if permit.block]
        if slots:
            self._guard(writing.connection, writing.now)
        refused = going.refusals(writing.connection, writing.now, self.policy, slots)
        _grant(writing, [one for one in slots if _place(one) not in refused])
        return tuple(
            _denial(one.seq, one, refused[_place(one)])
            if one.block and _place(one) in refused
            else one
            for one in permits_of
        )

    def _answer(
        self, writing: Writing, question: Ask[S], known: Standings, run: str | None
    ) -> Permit[S] | Denial:
        standing = known(question)
        facts = standing.facts(confirmed=question.confirmed)
        verdict = decide(self.policy, question.step, question.purpose, facts)
        if standing.epoch is None or isinstance(verdict, Deny):
            reason = verdict.reason if isinstance(verdict, Deny) else Reason.NOT_GRANTED
            seq = self._log(writing, question, standing, facts, run=run, reason=reason)
            return _denial(seq, question, reason)
        known.allowed(question)
        not_after = Micros(writing.now + self._seconds(question.step) * SECOND)
        seq = self._log(writing, question, standing, facts, run=run, not_after=not_after)
        return Permit(
            seq=seq,
            slot=0,
            step=question.step,
            subject=question.subject,
            purpose=question.purpose,
            epoch=standing.epoch,
            object=question.object,
            not_after=not_after,
            request=question.request,
        )

    def _log(
        self,
        writing: Writing,
        question: Ask[S],
        standing: Standing,
        facts: Facts,
        *,
        run: str | None,
        reason: Reason | None = None,
        not_after: Micros | None = None,
    ) -> Seq:
        return writing.append(
            "decision",
            subject=question.subject,
            object=question.object,
            request=question.request,
            facts=facts.opening(),
            run=run,
            purpose=question.purpose,
            step=question.step,
            policy=self.policy.sha256,
            verdict="deny" if reason else "allow",
            reasons=[reason] if reason else None,
            basis=standing.relied_on,
            epoch=standing.epoch,
            not_after=not_after,
        )

    def _seconds(self, step: Step) -> int:
        terms = self.policy.consent
        return terms.view_seconds if step is Step.VIEW else terms.permit_seconds


def _denial(seq: Seq | None, question: Ask[S] | Permit[S], reason: Reason) -> Denial:
    return Denial(
        seq=seq,
        step=question.step,
        subject=question.subject,
        purpose=question.purpose,
        object=question.object,
        reason=reason,
    )


def _grant(writing: Writing, granted: Sequence[Permit[S]]) -> None:
    """Write permit rows. Errors: Misused(permit-used) for a slot that has one."""
    try:
        writing.insert(permits, [one.row(writing.now) for one in granted])
    except IntegrityError as error:
        raise Misused(Reason.PERMIT_USED, "a slot is good for one thing, once") from error


def _place(permit: Permit[S]) -> tuple[Seq, int]:
    return permit.seq, permit.slot
