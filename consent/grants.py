# SPDX-License-Identifier: Apache-2.0
"""Saying yes: one purpose at a time, quoting the notice that was served before.

Rules:
1. an explicit grant quotes a serving of the current notice to this person for this purpose, once
2. the parent purpose must hold; no purpose is granted along with another
3. a grant makes the basis and its key; granting again renews the term under the same basis
4. what use implies under a policy, and what it bundles with a yes, is recorded as implied, never
   as consent, and never after a no
5. a yes that no step would accept is not taken: of a minor without a guardian, of a refused place
6. how each came about is committed to in its entry, and opens with the person's secret alone
"""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import bindparam, select

from consent import holdings, validity
from consent.attestations import barred, guarded
from consent.errors import Denied, Misused
from consent.holdings import Held
from consent.ledger import Ledger
from consent.notices import Notices
from consent.policy import Policy
from consent.sentences import sentence
from consent.standing import Quoted, Said, bases, newest_terms, said_of
from consent.subject_keys import SubjectKeys
from consent.tables import basis, ended, granted, notice_served, preview
from consent.validity import Around, Method, Validity
from consent.vault import Vault
from consent.words import (
    DAY,
    PORTRAIT_PURPOSES,
    Actor,
    Epoch,
    Kind,
    Micros,
    Purpose,
    Reason,
    Seq,
    Step,
    Subject,
    parent_of,
)
from consent.writing import Writing


class Grants:
    """Grant, renew, imply, answer the preview card, and show what holds."""

    def __init__(
        self, ledger: Ledger, policy: Policy, notices: Notices, keys: SubjectKeys, vault: Vault
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._notices = notices
        self._keys = keys
        self._vault = vault

    def grant(
        self,
        subject: Subject,
        purpose: Purpose,
        served_id: str,
        *,
        actor: Actor = Actor.SELF,
        method: Method = "api",
        still: Callable[[Held | None], bool] | None = None,
    ) -> Seq:
        """Record an explicit yes to one purpose; return the seq of its grant or renew entry.

        `still` looks at what holds in the transaction of the yes, and may call it off.
        Errors: Denied(stale) where it does, Misused(notice-missing) when no such serving to this
        person for this purpose is there to be quoted, Misused(attestation-missing) for a guardian
        of somebody who is no minor, Denied(notice-outdated | not-granted | policy-forbids |
        guardian-required | age) otherwise.
        """
        kind = Kind.PARENTAL if actor is Actor.GUARDIAN else Kind.EXPLICIT
        self._askable(purpose, kind)
        bundled = self._policy.consent.bundles.get(purpose, ())
        with self._ledger.write() as writing:
            if still is not None and not still(self._held(writing, subject, purpose)):
                raise Denied(Reason.STALE, "this consent has changed since", purpose=purpose)
            known = said_of(writing.connection, [subject]).get(subject, Said())
            guarded(known, actor)
            if (reason := barred(self._policy, known, actor)) is not None:
                raise Denied(reason, sentence(reason, purpose), purpose=purpose)
            quoted = self._quotable(writing, subject, purpose, served_id)
            around = self._around(known)
            valid = validity.said(method, quoted.language, around, alone=not bundled)
            seq = self._record(
                writing, subject, purpose, kind=kind, quoted=quoted, actor=actor, valid=valid
            )
            self._unasked(writing, subject, bundled, method, bundled=True)
        return seq

    def _held(self, writing: Writing, subject: Subject, purpose: Purpose) -> Held | None:
        found = holdings.held(writing.connection, writing.now, subject, self._notices.current)
        return found.get(purpose)

    def imply(
        self, subject: Subject, used: Purpose, *, method: Method = "api"
    ) -> tuple[Purpose, ...]:
        """Record what using a purpose implies under the policy; nothing under strict ones.

        A purpose that the person ever had or said no to is not implied again.
        """
        implied = self._policy.consent.implies.get(used, ())
        if not implied:
            return ()
        with self._ledger.write() as writing:
            return self.use(writing, subject, used, method=method)

    def use(
        self, writing: Writing, subject: Subject, used: Purpose, *, method: Method = "api"
    ) -> tuple[Purpose, ...]:
        """Record what using a purpose implies in the transaction that uses it."""
        implied = self._policy.consent.implies.get(used, ())
        return self._unasked(writing, subject, implied, method, bundled=False)

    def _unasked(
        self,
        writing: Writing,
        subject: Subject,
        implied: tuple[Purpose, ...],
        method: Method,
        *,
        bundled: bool,
    ) -> tuple[Purpose, ...]:
        """Record as implied what the person never had or refused before."""
        if not implied:
            return ()
        ever = newest_terms(writing.connection, [subject], implied)
        refused = set(writing.connection.execute(_REFUSED, {"who": subject}).scalars())
        new = tuple(p for p in implied if (subject, p) not in ever and p not in refused)
        known = said_of(writing.connection, [subject]).get(subject, Said())
        valid = validity.implied(method, self._around(known), bundled=bundled)
        for purpose in new:
            self._record(
                writing,
                subject,
                purpose,
                kind=Kind.IMPLIED,
                quoted=None,
                actor=Actor.SYSTEM,
                valid=valid,
            )
        return new

    def _around(self, known: Said) -> Around:
        """Say under which rule book's law, and of whom, a yes is taken."""
        law = self._policy.jurisdiction
        return Around(jurisdiction=law, age_band=known.age_band, region=known.region)

    def answer_preview(self, subject: Subject, *, accepted: bool) -> None:
        """Keep the answer to the card that asks before the first insert.

        Errors: Denied(not-granted) without a basis for inserts.
        """
        purpose = Purpose.FEED_INSERT
        with self._ledger.write() as writing:
            held = bases(writing.connection, [subject], [purpose]).get((subject, purpose))
            if held is None:
                raise _needs(purpose)
            mine = (preview.c.subject == subject, preview.c.purpose == purpose)
            writing.connection.execute(preview.delete().where(*mine))
            row = {"subject": subject, "purpose": purpose, "epoch": held, "at": writing.now}
            writing.insert(preview, [row | {"answer": "accepted" if accepted else "later"}])

    def preview_answer(self, subject: Subject) -> tuple[str, Micros] | None:
        """Return the answer to the preview card and when it was given, if any."""
        with self._ledger.read() as connection:
            row = connection.execute(
                select(preview.c.answer, preview.c.at).where(preview.c.subject == subject)
            ).one_or_none()
        if row is None:
            return None
        answer, at = row
        return answer, Micros(at)

    def show(self, subject: Subject) -> Mapping[Purpose, Held]:
        """Show every purpose that this person holds a basis for."""
        now = self._ledger.now()
        with self._ledger.read() as connection:
            return holdings.held(connection, now, subject, self._notices.current)

    def _askable(self, purpose: Purpose, kind: Kind) -> None:
        """Refuse to take a yes that no step would ever accept."""
        rules = [rule for step in Step if (rule := self._policy.rule(step, purpose))]
        own = any(rule.kinds for rule in rules)
        usable = own if kind is Kind.EXPLICIT else any(kind in rule.kinds for rule in rules)
        if not usable:
            raise Denied(
                Reason.POLICY_FORBIDS,
                f"{self._policy.title} accepts {purpose} at no step"
                f"{'' if own else ', so nobody is asked for it'}"
                f"{' from a guardian' if own else ''}",
                purpose=purpose,
            )

    def _quotable(
        self, writing: Writing, subject: Subject, purpose: Purpose, served_id: str
    ) -> Quoted:
        row = writing.connection.execute(
            _SERVED.where(
                notice_served.c.served_id == served_id,
                notice_served.c.subject == subject,
                notice_served.c.purpose == purpose,
            )
        ).one_or_none()
        if row is None or row[-1] is not None:
            raise Misused(
                Reason.NOTICE_MISSING,
                f"read the notice for {purpose} first, then quote its served_id, once",
            )
        seq, sha, version, language, _ = row
        if sha not in self._notices.current[purpose]:
            raise Denied(
                Reason.NOTICE_OUTDATED,
                f"the text for {purpose} has changed since it was shown; read it again",
                purpose=purpose,
            )
        return Quoted(seq=Seq(seq), sha256=sha, version=version, language=language)

    def _record(
        self,
        writing: Writing,
        subject: Subject,
        purpose: Purpose,
        *,
        kind: Kind,
        quoted: Quoted | None,
        actor: Actor,
        valid: Validity,
    ) -> Seq:
        held = bases(writing.connection, [subject], list(Purpose))
        parent = parent_of(purpose)
        if parent and (subject, parent) not in held:
            raise _needs(parent)
        new = (subject, purpose) not in held
        term_end = Micros(writing.now + self._policy.consent.term_days * DAY)
        seq = writing.append(
            "grant" if new else "renew",
            subject=subject,
            purpose=purpose,
            kind=kind,
            notice=quoted.sha256 if quoted else None,
            served=quoted.seq if quoted else None,
            policy=self._policy.sha256,
            not_after=term_end,
            actor=actor,
            facts=valid.opening(),
        )
        said = {"seq": seq, "t": "grant" if new else "renew", "subject": subject, "kind": kind}
        term = {"purpose": purpose, "at": writing.now, "term_end": term_end}
        served = {"served_seq": quoted.seq if quoted else None}
        writing.insert(granted, [said | term | served])
        if new:
            above = held.get((subject, parent)) if parent else None
            self._begin(writing, subject, purpose, kind=kind, epoch=Epoch(seq), parent_epoch=above)
        return seq

    def _begin(
        self,
        writing: Writing,
        subject: Subject,
        purpose: Purpose,
        *,
        kind: Kind,
        epoch: Epoch,
        parent_epoch: Epoch | None,
    ) -> None:
        """Make the basis and its key, and let the new purpose open the selfies it may read."""
        row = {"subject": subject, "purpose": purpose, "epoch": epoch, "kind": kind}
        parent = {"parent_purpose": parent_of(purpose), "parent_epoch": parent_epoch}
        writing.insert(basis, [row | parent])
        self._keys.make(writing.connection, (subject, purpose, epoch), writing.now)
        if purpose in PORTRAIT_PURPOSES:
            self._vault.wrap_selfies(writing, subject)


def _needs(purpose: Purpose) -> Denied:
    return Denied(Reason.NOT_GRANTED, sentence(Reason.NOT_GRANTED, purpose), purpose=purpose)


_REFUSED: Final = select(ended.c.purpose).where(ended.c.subject == bindparam("who"))
"""What a person has said no to, whether or not they had ever said yes."""

_SERVED: Final = select(
    notice_served.c.seq,
    notice_served.c.sha256,
    notice_served.c.version,
    notice_served.c.language,
    granted.c.seq,
).select_from(notice_served.outerjoin(granted, granted.c.served_seq == notice_served.c.seq))
