# SPDX-License-Identifier: Apache-2.0
"""Take a person's selfies in: permit first, then the checks, then the vault.

Rules:
1. no file is opened before the gate has said yes to each of them; the same yes lets a new file be
   compared with what the person gave before for the same purpose
2. under an all-or-nothing policy one bad file keeps the others out, too
3. what is kept is one parcel a selfie: pixels and measurements, under the person's own key
4. selfies, their rows and their entries appear in one transaction, or not at all; the entries
   name the card of the models that looked at them
5. how many a person may have is counted in that transaction, too: of two uploads at once the one
   that comes later finds the first
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from consent import cards
from consent.cards import Card
from consent.chance import Chance, identifier
from consent.effects import Spent
from consent.gate import Ask, Denial, Enrol, Gate, Permit, denied
from consent.ledger import Ledger
from consent.policy import SelfieRules
from consent.vault import Vault
from consent.words import SECOND, ObjectId, Purpose, Reason, Step, Subject
from generation import selfies
from generation.inspection import Inspector
from generation.recipes import Likeness
from generation.selfies import Accepted, Attested, Rejected
from generation.tables import selfie


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A selfie that is in the vault now."""

    id: ObjectId


@dataclass(frozen=True, slots=True)
class Withheld:
    """A good selfie that was not kept, because another file of the same upload was rejected."""


Outcome = Enrolled | Rejected | Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """The way in for selfies."""

    ledger: Ledger
    gate: Gate
    vault: Vault
    chance: Chance
    inspector: Inspector
    card: Card

    def enrol(
        self,
        subject: Subject,
        files: Sequence[bytes],
        attested: Attested,
        *,
        purpose: Purpose = Purpose.LIKENESS,
    ) -> tuple[Outcome, ...]:
        """Judge and keep one upload of selfies; answers come in the order of the files.

        Errors: Denied when the person has not said yes to `purpose`.
        """
        permits = self._permits(subject, purpose, len(files))
        rules = self.gate.policy.selfies
        wrong = self._wrong_number(subject, len(files), rules)
        if wrong is not None:
            return tuple(Rejected(wrong) for _ in files)
        judged = selfies.examine(
            files,
            attested,
            rules,
            faces=self.inspector.faces,
            scorer=self.inspector.scorer,
            earlier=self._earlier(permits),
        )
        spoilt = rules.all_or_nothing and any(isinstance(one, Rejected) for one in judged)
        if spoilt:
            return tuple(one if isinstance(one, Rejected) else Withheld() for one in judged)
        return self._kept(permits, judged, rules)

    def _permits(self, subject: Subject, purpose: Purpose, count: int) -> list[Permit[Enrol]]:
        asks: list[Ask[Enrol]] = [
            Ask(
                step=Step.ENROL,
                subject=subject,
                purpose=purpose,
                object=ObjectId(identifier(self.chance)),
            )
            for _ in range(count)
        ]
        answers = self.gate.ask_all(asks)
        for answer in answers:
            if isinstance(answer, Denial):
                raise denied(answer)
        return [answer for answer in answers if not isinstance(answer, Denial)]

    def _earlier(self, permits: Sequence[Permit[Enrol]]) -> tuple[Likeness, ...]:
        opened = self.vault.beside(permits[0]) if permits else ()
        return tuple(selfies.unpack(content) for content in opened)

    def _wrong_number(self, subject: Subject, count: int, rules: SelfieRules) -> Reason | None:
        with self.ledger.read() as connection:
            together = count + _given(connection, subject)
        if together > rules.maximum:
            return Reason.QUOTA
        return Reason.SELFIES_REQUIRED if together < rules.minimum else None

    def _kept(
        self,
        permits: Sequence[Permit[Enrol]],
        judged: Sequence[Accepted | Rejected],
        rules: SelfieRules,
    ) -> tuple[Outcome, ...]:
        good = [
            (permit, self.vault.seal(permit, one.content))
            for permit, one in zip(permits, judged, strict=True)
            if isinstance(one, Accepted)
        ]
        with self.ledger.write() as writing:
            owner = permits[0].subject
            if len(good) + _given(writing.connection, owner) > rules.maximum:
                return tuple(
                    one if isinstance(one, Rejected) else Rejected(Reason.QUOTA) for one in judged
                )
            expires = {"expires_at": writing.now + rules.retention_seconds * SECOND}
            rows = [sealed.columns() | expires for _, sealed in good]
            cards.keep(writing, self.card)
            kept = [permit for permit, _ in good]
            done = self.vault.keep_selfies(writing, kept, rows, recipe=self.card.sha256)
        for answer in done:
            if isinstance(answer, Denial):
                raise denied(answer)
        ids = iter(spent.object for spent in done if isinstance(spent, Spent))
        return tuple(one if isinstance(one, Rejected) else Enrolled(next(ids)) for one in judged)


def _given(connection: Connection, subject: Subject) -> int:
    """Count the selfies that a person has here."""
    query = select(func.count()).where(selfie.c.subject == subject)
    return connection.execute(query).scalar_one()
