# SPDX-License-Identifier: Apache-2.0
"""A picture that was held back is judged again, by all gates and afresh, because its owner asks.

Rules:
1. only its owner asks, as often as the policy says; a gate that still gives no answer uses none up
2. every step has a permit of its own: READ for the selfies, MODERATE for the picture, STORE if it
   passes. The gates alone see it, as before
3. what passes becomes the portrait that it would have been: marked, sealed under the key of
   portraits, with its rows in one transaction; the copy that was held back is gone
4. what does not pass stays held back until its time is over, and the outcome is in the ledger
5. nearer to somebody else of the batch it was drawn in than to its owner: it never passes
"""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, select

from consent import effects
from consent.errors import Denied, Misused
from consent.gate import Denial, Gate, Moderate, Permit, Store
from consent.ledger import Ledger
from consent.policy import Policy
from consent.vault import Vault
from consent.words import Micros, ObjectId, Purpose, Reason, Step, Subject
from generation import album, delivery, quarantine, reading
from generation.batching import Batch, Granted, ask
from generation.delivery import Finished
from generation.identity import Identity
from generation.marking import Marking
from generation.portraits import HeldBack, Portrait, Request, Wish
from generation.provenance import Provenance
from generation.quarantine import Failed, Judge
from generation.tables import appealed, portrait_order, quarantined

Decided = Portrait | HeldBack | Denial
_GONE: Final = "nothing of this person's is held back under this name"
_USED: Final = "This picture was judged again already, as often as the policy lets it be"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A picture that is held back, and how often an appeal has judged it."""

    request: Request
    reason: Reason
    judged: int


class Appeals:
    """Judge again what was held back. `judge` may hold other models than those of the studio."""

    def __init__(
        self, *, ledger: Ledger, gate: Gate, vault: Vault, marking: Marking, judge: Judge
    ) -> None:
        self._ledger = ledger
        self._gate = gate
        self._vault = vault
        self._marking = marking
        self._judge = judge

    def appeal(self, subject: Subject, obj: ObjectId) -> Decided:
        """Have one picture of a person judged again.

        Errors: Misused: unknown-key for what is not held back or not theirs, quota when it was
        judged as often as it may be, selfies-required without selfies to judge it by.
        """
        with self._ledger.read() as connection:
            one = self._waiting(connection, subject, obj, self._ledger.now()).request
        batch = Batch((one,))
        nobody = reading.read(batch, ledger=self._ledger, gate=self._gate, vault=self._vault)
        moderate: Granted[Moderate] = ask(self._gate, batch, Step.MODERATE)
        if one.id not in moderate:
            return _ended(batch, one)
        if one.id in nobody:
            raise Misused(Reason.SELFIES_REQUIRED, "there is no selfie left to judge it by")
        try:
            failed = quarantine.unpack(self._vault.quarantine.open(moderate[one.id]))
        except Denied as denied:
            return quarantine.denial(moderate[one.id], denied)
        found = self._judged(batch, one, failed)
        if isinstance(found, Reason):
            return self._stays(one, moderate[one.id], found)
        return self._passes(batch, one, moderate, failed, found)

    def _waiting(
        self, connection: Connection, subject: Subject, obj: ObjectId, now: Micros
    ) -> Waiting:
        found = waiting(connection, subject, obj, now)
        if found is None:
            raise Misused(Reason.UNKNOWN_KEY, _GONE)
        if not self._gate.policy.moderation.may_appeal(found.judged):
            raise Misused(Reason.QUOTA, _USED)
        return found

    def _judged(self, batch: Batch, one: Request, failed: Failed) -> Identity | Reason:
        owner, policy = batch.likenesses[one.id], self._gate.policy
        found = quarantine.judged(self._judge, failed.picture, owner, (), policy)
        if isinstance(found, Identity) and failed.resembles is not None:
            return found if found.owner < failed.resembles.others else Reason.IDENTITY_FAILED
        return found

    def _stays(self, one: Request, permit: Permit[Moderate], found: Reason) -> Decided:
        """Write that it did not pass; it stays where it is, as long as it was to stay."""
        with self._ledger.write() as writing:
            self._waiting(writing.connection, one.subject, one.id, writing.now)
            row = {"reason": found}
            (done,) = effects.spend(writing, [permit], appealed, [row], reasons=[found])
        return done if isinstance(done, Denial) else HeldBack(request=one, reason=found)

    def _passes(
        self,
        batch: Batch,
        one: Request,
        moderate: Granted[Moderate],
        failed: Failed,
        found: Identity,
    ) -> Decided:
        """Let it out: marked, sealed anew, its rows in one transaction with the end of the old."""
        store: Granted[Store] = ask(self._gate, batch, Step.STORE)
        made = _made(failed, found, self._judge, self._gate.policy)
        finished = {one.id: Finished(picture=failed.picture, provenance=made)}
        kept = delivery.seal(self._vault, self._marking, batch, store, finished)
        if one.id not in kept:
            return _ended(batch, one)
        with self._ledger.write() as writing:
            self._waiting(writing.connection, one.subject, one.id, writing.now)
            blob = self._vault.quarantine.release(writing, moderate[one.id])
            delivery.store(
                writing,
                batch,
                delivery.Permits(generate={}, moderate=moderate, store=store),
                kept,
                finished,
                card_sha256=failed.card_sha256,
                retention_seconds=self._gate.policy.portraits.retention_seconds,
            )
        self._vault.quarantine.forget([blob] if blob else [])
        return _ended(batch, one)


def waiting(
    connection: Connection, subject: Subject, obj: ObjectId, now: Micros
) -> Waiting | None:
    """Find one picture of a person that is held back; None where it is not, or not theirs."""
    joined = quarantined.join(portrait_order, portrait_order.c.object == quarantined.c.object)
    order = portrait_order.c
    row = connection.execute(
        select(quarantined.c.purpose, quarantined.c.reason, order.scenario, order.seed, order.form)
        .select_from(joined)
        .where(
            quarantined.c.subject == subject,
            quarantined.c.object == obj,
            quarantined.c.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        return None
    purpose, reason, scenario, seed, form = row
    return Waiting(
        request=Request(
            id=obj,
            subject=subject,
            purpose=Purpose(purpose),
            wish=Wish(scenario=scenario, seed=seed, form=form),
        ),
        reason=Reason(reason),
        judged=len(album.judgements(connection, subject, obj)),
    )


def _made(failed: Failed, found: Identity, judge: Judge, policy: Policy) -> Provenance:
    """Say of a picture that passed on appeal who let it pass, and by which rules."""
    return replace(
        failed.provenance,
        models=judge.files(),
        policy_sha256=policy.sha256,
        label=policy.labels.made_by,
        owner_distance=found.owner,
        cohort_distance=found.cohort,
        cohort_people=found.compared,
        cohort_sha256=judge.cohort.sha256,
    )


def _ended(batch: Batch, one: Request) -> Decided:
    """Return the outcome that a picture has by now."""
    ended = batch.outcomes[one.id]
    if isinstance(ended, Portrait | HeldBack | Denial):
        return ended
    raise Misused(Reason.UNKNOWN_KEY, _GONE)
