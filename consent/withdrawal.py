# SPDX-License-Identifier: Apache-2.0
"""Saying no: one act, at once.

Rules, all in one transaction that holds the log head:
1. one `withdraw` entry for every basis that ends, children first
2. one `destroy` entry for every share, portrait and selfie that goes, views in one block, one
   `key.destroy` for every key: written before the rows are gone, or the trail would be lost
3. DELETE of the basis row; the foreign keys take everything made under it, keys included; what
   was kept beside selfies goes, too, where no purpose may read them any more
4. before 2, rooms that count who leaves are told (consent/partings)
When it returns, nothing derived can be read, and nothing in flight can land.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from sqlalchemy import Connection, delete, select

from consent import companions, doomed, faults
from consent.attestations import guarded
from consent.blobs import Blobs
from consent.burials import bury, lasts
from consent.doomed import Doomed, Ending
from consent.errors import Misused
from consent.ledger import Ledger
from consent.partings import Parting, Partings
from consent.receipts import Receipt, last_end, receipt
from consent.standing import Said, newest_terms, said_of
from consent.tables import basis, ended, metadata, request, selfie, subject_key
from consent.words import (
    ROOTS,
    Actor,
    Epoch,
    ObjectId,
    Purpose,
    Reason,
    Seq,
    Step,
    Subject,
)
from consent.writing import Writing

_Verb = Literal["withdraw", "expire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """How much one withdrawal took, as receipts carry it."""

    portraits: int = 0
    inserts: int = 0
    shares: int = 0
    keys: int = 0

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def plus(self, other: "Destroyed") -> "Destroyed":
        """Add what another withdrawal took."""
        more = other.counts()
        return Destroyed(**{name: count + more[name] for name, count in self.counts().items()})


class Withdrawals:
    """Withdraw a purpose, let one run out, destroy one thing."""

    def __init__(self, ledger: Ledger, blobs: Blobs, *, partings: Partings) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._partings = partings

    def withdraw(
        self, subject: Subject, purpose: Purpose, *, actor: Actor = Actor.SELF
    ) -> Receipt:
        """Withdraw a purpose with everything made under it. Succeeds again when repeated.

        Repeated, the answer is the receipt of the last withdrawal, proved at the present
        checkpoint; for what was never granted, that of one `withdraw` entry without an epoch.
        Errors: Misused(attestation-missing) for a guardian of somebody who is no minor.
        """
        with self._ledger.meters.withdrawals.timing():
            with self._ledger.write() as writing:
                guarded(said_of(writing.connection, [subject]).get(subject, Said()), actor)
                seq, destroyed, blobs = self._withdraw(writing, subject, purpose, actor)
            self.forget(blobs)
            return receipt(self._ledger, seq, destroyed.counts())

    def would_destroy(self, subject: Subject, purpose: Purpose) -> Destroyed:
        """Say beforehand what a withdrawal would take."""
        with self._ledger.read() as connection:
            endings = _endings(connection, subject, purpose)
            rows = doomed.under(connection, subject, endings) if endings else ()
            return _count(rows, keys=len(_keys(connection, subject, endings)))

    def expire(self, subject: Subject, purpose: Purpose) -> None:
        """End a basis whose term is over; the same acts as a withdrawal, by the system.

        Whoever renewed since it was found to be due keeps everything.
        """
        with self._ledger.write() as writing:
            over = _over(writing, subject, purpose)
            endings = _endings(writing.connection, subject, purpose) if over else ()
            self._tell(writing, subject, endings, said=False)
            blobs = _end(writing, subject, endings, "expire", Actor.SYSTEM)[2] if endings else ()
        self.forget(blobs)

    def destroy(self, subject: Subject, obj: ObjectId) -> None:
        """Destroy one portrait or one selfie; a selfie's portraits stay.

        Errors: Misused(unknown-key) when this person has no such thing.
        """
        with self._ledger.write() as writing:
            blobs = destroy(writing, subject, obj)
        self.forget(blobs)

    def end_share(
        self, subject: Subject, obj: ObjectId, purpose: Purpose, *, share: ObjectId | None = None
    ) -> None:
        """End one share of a portrait with all looks at it; the portrait stays.

        With `share` only where that is its name. Errors: Misused(unknown-key) when this person
        shares no such thing.
        """
        with self._ledger.write() as writing:
            end_share(writing, subject, obj, purpose, share=share)

    def _withdraw(
        self, writing: Writing, subject: Subject, purpose: Purpose, actor: Actor
    ) -> tuple[Seq, Destroyed, Sequence[str]]:
        endings = _endings(writing.connection, subject, purpose)
        if endings:
            self._tell(writing, subject, endings, said=True)
            return _end(writing, subject, endings, "withdraw", actor)
        if (last := last_end(writing.connection, subject, purpose)) is not None:
            seq, counts = last
            return seq, Destroyed(**counts), ()
        seq = writing.append("withdraw", subject=subject, purpose=purpose, actor=actor)
        _remember(writing, subject, purpose, seq, Destroyed())
        return seq, Destroyed(), ()

    def _tell(
        self, writing: Writing, subject: Subject, endings: tuple[Ending, ...], *, said: bool
    ) -> None:
        if endings:
            parting = Parting(subject=subject, endings=endings, said=said)
            self._partings.tell(writing, parting)

    def forget(self, blobs: Sequence[str]) -> None:
        """Delete ciphertext; its rows are gone already, so a crash here exposes nothing."""
        for name in blobs:
            self._blobs.delete(name)


def withdraw_all(
    writing: Writing, subject: Subject, actor: Actor, partings: Partings
) -> tuple[Destroyed, tuple[str, ...]]:
    """Withdraw every purpose a person holds, as part of an act that takes more.

    Returns what went, and the names of the blobs that nobody can open any more.
    """
    taken = Destroyed()
    blobs: list[str] = []
    all_of_them = [_endings(writing.connection, subject, purpose) for purpose in sorted(ROOTS)]
    every = tuple(one for endings in all_of_them for one in endings)
    partings.tell(writing, Parting(subject=subject, endings=every, said=True))
    for endings in filter(None, all_of_them):
        _, destroyed, gone = _end(writing, subject, endings, "withdraw", actor)
        taken = taken.plus(destroyed)
        blobs += gone
    return taken, tuple(blobs)


def lapse(writing: Writing, subject: Subject, purpose: Purpose) -> int:
    """Let a basis run out as part of an act of the system; return how many ended with it."""
    endings = _endings(writing.connection, subject, purpose)
    if endings:
        _end(writing, subject, endings, "expire", Actor.SYSTEM)
    return len(endings)


def destroy(writing: Writing, subject: Subject, obj: ObjectId) -> tuple[str, ...]:
    """Destroy one portrait or one selfie as part of an act that does more.

    Returns the names of the blobs to be forgotten once it is committed. Errors:
    Misused(unknown-key) when this person has no such thing.
    """
    rows = doomed.of_object(writing.connection, subject, obj)
    if not any(lasts(row) for row in rows):
        raise Misused(Reason.UNKNOWN_KEY, "there is no such portrait or selfie")
    bury(writing, subject, rows)
    for table in (request, selfie):
        mine = (table.c.subject == subject, table.c.object == obj)
        writing.connection.execute(delete(table).where(*mine))
    return tuple(row.blob for row in rows if row.blob)


def end_share(
    writing: Writing,
    subject: Subject,
    obj: ObjectId,
    purpose: Purpose,
    *,
    share: ObjectId | None = None,
) -> None:
    """End one share as part of an act that does more: a share that is over, say, for a new one.

    Errors: Misused(unknown-key) when this person shares no such thing.
    """
    rows = doomed.of_share(writing.connection, subject, obj, purpose, share)
    shares = [row for row in rows if row.step is Step.SHARE]
    if not shares:
        raise Misused(Reason.UNKNOWN_KEY, "there is no such share")
    bury(writing, subject, rows)
    for table in {metadata.tables[row.table] for row in shares}:
        mine = (table.c.subject == subject, table.c.object == obj, table.c.purpose == purpose)
        writing.connection.execute(delete(table).where(*mine))


def _endings(connection: Connection, subject: Subject, purpose: Purpose) -> tuple[Ending, ...]:
    """List the bases that end with a purpose, children first, the purpose itself last."""
    mine = basis.c.subject == subject
    rows = connection.execute(
        select(basis.c.purpose, basis.c.epoch)
        .where(mine & ((basis.c.purpose == purpose) | (basis.c.parent_purpose == purpose)))
        .order_by(basis.c.parent_purpose.is_(None), basis.c.epoch)
    ).all()
    held = tuple((Purpose(p), Epoch(e)) for p, e in rows)
    return held if any(p is purpose for p, _ in held) else ()


def _over(writing: Writing, subject: Subject, purpose: Purpose) -> bool:
    term = newest_terms(writing.connection, [subject], [purpose]).get((subject, purpose))
    return term is not None and term.end <= writing.now


def _end(
    writing: Writing,
    subject: Subject,
    endings: Sequence[Ending],
    verb: _Verb,
    actor: Actor,
) -> tuple[Seq, Destroyed, Sequence[str]]:
    connection = writing.connection
    seqs = [
        writing.append(verb, subject=subject, purpose=purpose, epoch=epoch, actor=actor)
        for purpose, epoch in endings
    ]
    rows = doomed.under(connection, subject, endings)
    keys = _keys(connection, subject, endings)
    bury(writing, subject, rows)
    for purpose, epoch in keys:
        writing.append("key.destroy", subject=subject, purpose=purpose, epoch=epoch)
    last_purpose, _ = endings[-1]
    mine = (basis.c.subject == subject, basis.c.purpose == last_purpose)
    faults.point("basis.delete.before")
    writing.connection.execute(delete(basis).where(*mine))
    faults.point("basis.delete.after")
    companions.prune(connection, subject)
    destroyed = _count(rows, keys=len(keys))
    for (purpose, _), seq in zip(endings, seqs, strict=True):
        own = [row for row in rows if row.purpose is purpose]
        whole = purpose is last_purpose
        _remember(writing, subject, purpose, seq, destroyed if whole else _count(own, keys=1))
    return seqs[-1], destroyed, [row.blob for row in rows if row.blob]


def _keys(
    connection: Connection, subject: Subject, endings: Sequence[Ending]
) -> tuple[Ending, ...]:
    rows = connection.execute(
        select(subject_key.c.purpose, subject_key.c.epoch).where(subject_key.c.subject == subject)
    )
    held = {(Purpose(p), Epoch(e)) for p, e in rows}
    return tuple(ending for ending in endings if ending in held)


def _count(rows: Sequence[Doomed], *, keys: int) -> Destroyed:
    """Count what goes; a picture that is held back is a portrait of somebody like any other."""

    def of(step: Step) -> int:
        return sum(row.step is step and (step is Step.INSERT or lasts(row)) for row in rows)

    portraits = of(Step.STORE) + of(Step.MODERATE)
    return Destroyed(
        portraits=portraits, inserts=of(Step.INSERT), shares=of(Step.SHARE), keys=keys
    )


def _remember(
    writing: Writing, subject: Subject, purpose: Purpose, seq: Seq, destroyed: Destroyed
) -> None:
    row = {"seq": seq, "subject": subject, "purpose": purpose, "at": writing.now}
    counts = destroyed.counts()
    row["shredded"] = counts.pop("keys")
    writing.insert(ended, [row | counts])
