# SPDX-License-Identifier: Apache-2.0
"""The gate: the only maker of permits.

Rules:
1. who asks names a step, a person, a purpose and the one object it is for
2. the facts are read in the transaction of the decision, from the primary, never from a cache
3. `policy.decide` decides; the decision is an entry, allowed or denied, before anything is done
4. an allowed decision becomes a permit row: one step, one purpose, one object, once, for minutes
5. a denial gets no permit row; there is nothing that an effect could spend
6. whatever is unavailable (ledger, keys, clock) raises, and then there is no permit
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, Literal, TypeVar

from sqlalchemy import delete, tuple_

from consent.errors import Denied, Misused
from consent.ledger import Ledger
from consent.policy import Deny, Facts, Policy, decide
from consent.standing import Standing, Standings
from consent.tables import permit as permits
from consent.words import (
    SECOND,
    Epoch,
    Micros,
    ObjectId,
    Purpose,
    Reason,
    Seq,
    Step,
    Subject,
)
from consent.writing import Writing

S = TypeVar("S", bound=Step)

Enrol = Literal[Step.ENROL]
Select = Literal[Step.SELECT]
Read = Literal[Step.READ]
Generate = Literal[Step.GENERATE]
Moderate = Literal[Step.MODERATE]
Store = Literal[Step.STORE]
Insert = Literal[Step.INSERT]
View = Literal[Step.VIEW]
Share = Literal[Step.SHARE]
Learn = Literal[Step.LEARN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Generic[S]):
    """One question to the gate. `request` is the portrait's life that the answer belongs to."""

    step: S
    subject: Subject
    purpose: Purpose
    object: ObjectId
    request: ObjectId | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Generic[S]):
    """An allowed decision. Its subject is the subject of whatever is done with it."""

    seq: Seq
    slot: int
    step: S
    subject: Subject
    purpose: Purpose
    epoch: Epoch
    object: ObjectId
    not_after: Micros
    request: ObjectId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A decision that said no, and why.

    `seq` is None for somebody whom nobody here knows (any more): nothing is said about them.
    """

    seq: Seq | None
    step: Step
    subject: Subject
    purpose: Purpose
    object: ObjectId
    reason: Reason


class Gate:
    """Ask here before anything touches a likeness."""

    def __init__(
        self, ledger: Ledger, policy: Policy, notices: Mapping[Purpose, frozenset[str]]
    ) -> None:
        self._ledger = ledger
        self.policy = policy
        self._current = MappingProxyType(dict(notices))

    def ask(self, question: Ask[S]) -> Permit[S]:
        """Ask for one permit. Errors: Denied with the reason, an ordinary answer.

        Misused(unknown-subject) for whom nobody here knows, the caller's fault.
        """
        answer = self.ask_all([question])[0]
        if isinstance(answer, Denial) and answer.seq is None:
            raise Misused(answer.reason, "this person is not known here")
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
        with self._ledger.write() as writing:
            return self.answer(writing, questions, run=run)

    def answer(
        self, writing: Writing, questions: Sequence[Ask[S]], *, run: str | None = None
    ) -> tuple[Permit[S] | Denial, ...]:
        """Answer in a transaction that is open already: the decisions stand or fall with it."""
        writing.know(question.subject for question in questions)
        known = Standings(writing.connection, writing.now, questions, self._current)
        answers = [
            self._answer(writing, q, known, run)
            if writing.knows(q.subject)
            else _denial(None, q, Reason.UNKNOWN_SUBJECT)
            for q in questions
        ]
        granted = [answer for answer in answers if isinstance(answer, Permit)]
        writing.insert(permits, [_row(permit, writing.now) for permit in granted])
        return tuple(answers)

    def give_back(self, unspent: Sequence[Permit[S]]) -> None:
        """Tear up permits that nobody will spend, so that caps do not count them.

        The decisions stay in the ledger. The database refuses to give back a spent permit.
        """
        if not unspent:
            return
        named = [(permit.seq, permit.slot) for permit in unspent]
        with self._ledger.write() as writing:
            chosen = tuple_(permits.c.seq, permits.c.slot).in_(named)
            writing.connection.execute(delete(permits).where(chosen))

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


def _denial(seq: Seq | None, question: Ask[S], reason: Reason) -> Denial:
    return Denial(
        seq=seq,
        step=question.step,
        subject=question.subject,
        purpose=question.purpose,
        object=question.object,
        reason=reason,
    )


def _row(permit: Permit[S], now: Micros) -> dict[str, object]:
    return {
        "seq": permit.seq,
        "slot": permit.slot,
        "subject": permit.subject,
        "step": permit.step,
        "purpose": permit.purpose,
        "epoch": permit.epoch,
        "object": permit.object,
        "at": now,
        "not_after": permit.not_after,
    }


_WHY: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.NOT_GRANTED: "you have not said yes to {purpose}",
        Reason.WITHDRAWN: "you have turned {purpose} off",
        Reason.EXPIRED: "your yes to {purpose} has run out",
        Reason.NOTICE_OUTDATED: "the text for {purpose} has changed since you said yes",
        Reason.POLICY_SILENT: "the policy does not mention this step for {purpose}",
        Reason.POLICY_FORBIDS: "the policy does not allow this step for {purpose}",
        Reason.AGE: "{purpose} is for adults",
        Reason.GUARDIAN_REQUIRED: "{purpose} needs a yes from your parent or guardian",
        Reason.CAP: "the limit for {purpose} is reached for now",
    }
)


def sentence(reason: Reason, purpose: Purpose) -> str:
    """Say a denial in one clear sentence."""
    return _WHY.get(reason, "{purpose} is not possible now").format(purpose=purpose)


def denied(denial: Denial) -> Denied:
    """Turn a denial into the exception of a closed door."""
    return Denied(
        denial.reason,
        sentence(denial.reason, denial.purpose),
        step=denial.step,
        purpose=denial.purpose,
        seq=denial.seq,
    )
