# SPDX-License-Identifier: Apache-2.0
"""The vault: the only place where a person's bytes are sealed and opened.

Rules:
1. to seal takes an enrol or store permit, to open takes a read or view permit; the subject is the
   permit's, never a second argument. An enrol permit also opens what the same person gave before
   for the same purpose, so that a new selfie can be compared with it; nothing is made of that
   (docs/adr/0012)
2. bytes are encrypted under a fresh key, wrapped by the person's key for that purpose; the wrapped
   key lies in the effect row, so that deleting the row or the purpose's key ends the bytes
3. the blob is written before its row: a crash leaves ciphertext without a row, which nobody can
   open and the reaper deletes; never a row without bytes
4. keys and wrapped keys are read on the primary, never before the permit is spent
5. what is past its time does not open, swept away already or not
6. what is made of a selfie once may be kept beside it, sealed under that selfie's key
   (`companions`): a key never leaves this room, so what was opened under a permit is sealed by it
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table, select

from consent import companions, effects, envelopes, viewing
from consent.blobs import Blobs, blob_name
from consent.chance import Chance
from consent.companions import Companion, Opened, SealedBeside
from consent.errors import Broken, Denied
from consent.gate import Ask, Denial, Enrol, Gate, Permit, Read, Store, View, denied
from consent.keys import Holding
from consent.ledger import Ledger
from consent.locks import UNWRAPPED, Lock, dek_of, of_reads, past
from consent.memos import Memos
from consent.quarantine import Quarantine
from consent.sentences import sentence
from consent.subject_keys import SubjectKeys
from consent.tables import asset, selfie, selfie_read, selfie_use, selfie_view
from consent.telling import told
from consent.words import Epoch, ObjectId, Purpose, Reason, Subject
from consent.writing import Writing

Key = bytes
Giving = Permit[Enrol] | Permit[Store]
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Bytes that lie in the blob store and that nobody can open until their row lands."""

    blob: str
    wrapped_dek: bytes

    def columns(self) -> dict[str, Any]:
        """Return the columns that an asset or selfie row takes."""
        return {"blob": self.blob, "wrapped_dek": self.wrapped_dek}


class Vault:
    """Seal and open."""

    def __init__(self, ledger: Ledger, blobs: Blobs, keys: SubjectKeys, chance: Chance) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._keys = keys
        self._chance = chance
        #: where pictures lie that nobody may open: apart from everything that is opened here
        self.quarantine = Quarantine(ledger, blobs, keys, chance)
        #: what people ask for in their own words
        self.memos = Memos(ledger, keys, chance)

    # --- sealing

    def seal(self, permit: Giving, content: bytes) -> Sealed:
        """Encrypt a selfie or a portrait and put it into the blob store.

        Errors: Denied(withdrawn) when the person's key is gone since the permit was given.
        """
        (done,) = self.seal_all([(permit, content)])
        if isinstance(done, Denial):
            raise denied(done)
        return done

    def seal_all(self, contents: Sequence[tuple[Giving, bytes]]) -> tuple[Sealed | Denial, ...]:
        """Encrypt for many permits, in order; a Denial(withdrawn) for whoever's key is gone."""
        holdings = [(p.subject, p.purpose, p.epoch) for p, _ in contents]
        with self._ledger.read() as connection:
            keys = self._keys.open(connection, holdings)
        done = [self._sealed(keys, *one) for one in contents]
        self._blobs.put_all([lies for _, lies in done if lies is not None])
        return tuple(answer for answer, _ in done)

    def _sealed(
        self, keys: Mapping[Holding, Key], permit: Giving, content: bytes
    ) -> tuple[Sealed | Denial, tuple[str, bytes] | None]:
        """Encrypt one; return also what is to lie in the store under which name."""
        holding = (permit.subject, permit.purpose, permit.epoch)
        if holding not in keys:
            return effects.too_late(permit), None
        dek = self._chance.token(envelopes.KEY_BYTES)
        where = envelopes.content_context(permit.subject, permit.object)
        blob = blob_name(self._chance)
        ciphertext = envelopes.seal(dek, content, where, self._chance)
        wrapped = self._wrap(keys[holding], dek, holding, permit.object)
        return Sealed(blob=blob, wrapped_dek=wrapped), (blob, ciphertext)

    def _wrap(self, key: Key, dek: Key, holding: Holding, obj: ObjectId) -> bytes:
        subject, purpose, _ = holding
        context = envelopes.wrap_context(subject, obj, purpose)
        return envelopes.seal(key, dek, context, self._chance)

    def keep_selfies(
        self,
        writing: Writing,
        permits: Sequence[Permit[Enrol]],
        rows: Sequence[Mapping[str, Any]],
        *,
        recipe: str | None = None,
    ) -> tuple[effects.Spent | Denial, ...]:
        """Write selfie rows and wrap each key once more for every purpose that reads selfies.

        `recipe` is the hash of the card of the models that looked at them.
        """
        spent = effects.spend(writing, permits, selfie, rows, recipe=recipe)
        for person in sorted({permit.subject for permit in permits}):
            self.wrap_selfies(writing, person)
        return spent

    def wrap_selfies(self, writing: Writing, subject: Subject) -> None:
        """Give every purpose that now holds a key of its own to each selfie: no bytes are opened.

        Called in the transaction of an enrolment and of a grant.
        """
        connection = writing.connection
        missing = connection.execute(UNWRAPPED, {"who": subject}).all()
        pairs = [
            (
                ObjectId(obj),
                wrapped,
                (subject, Purpose(own), Epoch(own_epoch)),
                (subject, Purpose(use), Epoch(epoch)),
            )
            for obj, wrapped, own, own_epoch, use, epoch in missing
        ]
        keys = self._keys.open(connection, [home for *_, home, _ in pairs] + [p[3] for p in pairs])
        writing.insert(selfie_use, [self._rewrap(keys, *pair) for pair in pairs])

    def _rewrap(
        self,
        keys: Mapping[Holding, Key],
        obj: ObjectId,
        wrapped: bytes,
        home: Holding,
        use: Holding,
    ) -> dict[str, Any]:
        subject, purpose, epoch = use
        context = envelopes.wrap_context(subject, obj, home[1])
        dek = envelopes.unseal(keys[home], wrapped, context)
        return {
            "selfie": obj,
            "subject": subject,
            "purpose": purpose,
            "epoch": epoch,
            "wrapped_dek": self._wrap(keys[use], dek, use, obj),
        }

    # --- opening

    def read(self, permits: Sequence[Permit[Read]]) -> tuple[bytes | Denial, ...]:
        """Open selfies for rendering, each under a permit for exactly that selfie and purpose.

        A selfie past its time is answered with a Denial; its permit stays unspent.
        """
        answers = self.read_beside(permits, None)
        return tuple(one if isinstance(one, Denial) else one.content for one in answers)

    def read_beside(
        self, permits: Sequence[Permit[Read]], companion: Companion | None
    ) -> tuple[Opened | Denial, ...]:
        """Open selfies as `read` does, each with what `companion` names beside it.

        One whose bytes are missing or changed is a Denial `unavailable`; the others open.
        """
        with self._ledger.write(permits) as writing:
            over = past(writing, [permit.object for permit in permits])
            fresh = [permit for permit in permits if permit.object not in over]
            rows = [{"selfie": p.object, "request": p.request} for p in fresh]
            done = iter(effects.spend(writing, fresh, selfie_read, rows))
            spent = [effects.expired(p) if p.object in over else next(done) for p in permits]
            held = [p for p, s in zip(permits, spent, strict=True) if isinstance(s, effects.Spent)]
            locks = of_reads(writing.connection, held)
            keys = self._keys.open(writing.connection, [lock.holding for lock in locks])
        lies = self._blobs.get_all([lock.blob for lock in locks])
        opened = {
            (lock.object, *lock.holding): _opened(lock, keys, one)
            for lock, one in zip(locks, lies, strict=True)
        }
        beside: Mapping[ObjectId, bytes] = {}
        if companion is not None:
            with self._ledger.read() as connection:
                beside = companions.find(connection, locks, keys, companion)
        return tuple(
            one if isinstance(one, Denial) else _told(permit, opened, beside)
            for permit, one in zip(permits, spent, strict=True)
        )

    def seal_beside(
        self, made: Sequence[tuple[Permit[Read], bytes]], companion: Companion
    ) -> tuple[SealedBeside | Denial, ...]:
        """Encrypt what was made of selfies that were opened under these permits.

        A Denial where selfie or basis is gone since. `companions.keep` writes the rows, and looks
        once more whether it may.
        """
        with self._ledger.read() as connection:
            locks = of_reads(connection, [permit for permit, _ in made])
            keys = self._keys.open(connection, [lock.holding for lock in locks])
        there = [lock for lock in locks if lock.holding in keys]
        return companions.seal(made, companion, there, keys, self._chance)

    def beside(self, permit: Permit[Enrol]) -> tuple[bytes, ...]:
        """Open the selfies that were given before under the basis of this permit, to compare.

        Nothing opens when the basis has ended since, nor what has run out.
        """
        given, now = selfie.c, self._ledger.now()
        holding = (permit.subject, permit.purpose, permit.epoch)
        with self._ledger.read() as connection:
            rows = connection.execute(
                select(given.object, given.blob, given.wrapped_dek).where(
                    given.subject == permit.subject,
                    given.purpose == permit.purpose,
                    given.epoch == permit.epoch,
                    given.expires_at > now,
                )
            ).all()
            keys = self._keys.open(connection, [holding]) if rows else {}
        locks = [Lock.of(holding, *row) for row in rows]
        mine = [lock for lock in locks if lock.holding in keys]
        lies = self._blobs.get_all([lock.blob for lock in mine])
        return tuple(_unsealed(lock, keys, one) for lock, one in zip(mine, lies, strict=True))

    def view(
        self, gate: Gate, ask: Ask[View], table: Table, *, share: ObjectId | None = None
    ) -> bytes:
        """Open a portrait or selfie: decided and logged once a viewing session.

        `table` is the effect table of the place where it is looked at; `share` the share through
        which somebody else looks, who must have been found to be of its audience. A repeat within
        the session checks on the primary that view, content and key still exist, and logs nothing.
        Errors: Denied, an ordinary answer; Misused(permit-used) for what is not in that place.
        """
        now, place = self._ledger.now(), viewing.Place(table=table, share=share)
        with self._ledger.read() as connection:
            seen = viewing.in_session(connection, [ask], place, now)
        if not seen:
            view = viewing.View(gate=gate, ask=ask, place=place)
            if denial := self._ledger.together(viewing.begin, view):
                raise denied(denial)
        return self._look(ask, selfie if table is selfie_view else asset)

    def take(self, gate: Gate, ask: Ask[View], table: Table) -> bytes:
        """Open a portrait to be taken away as a file: decided and logged each time, however soon.

        Errors: Denied, an ordinary answer; Misused(permit-used) for what is not theirs.
        """
        with self._ledger.write() as writing:
            (answer,) = gate.answer(writing, [ask])
            done = answer if isinstance(answer, Denial) else _spent(writing, answer, table)
        if isinstance(done, Denial):
            raise denied(done)
        return self._look(ask, asset)

    def _look(self, ask: Ask[View], home: Table) -> bytes:
        mine = (home.c.subject == ask.subject, home.c.object == ask.object)
        columns = (home.c.purpose, home.c.epoch, home.c.blob, home.c.wrapped_dek)
        in_time = home.c.expires_at > self._ledger.now()
        with self._ledger.read() as connection:
            row = connection.execute(select(*columns).where(*mine, in_time)).one_or_none()
            if row is None:
                raise _gone(ask)
            purpose, epoch, blob, wrapped = row
            holding = (ask.subject, Purpose(purpose), Epoch(epoch))
            lock = Lock.of(holding, ask.object, blob, wrapped)
            keys = self._keys.open(connection, [lock.holding])
        return _unsealed(lock, keys, self._blobs.get_all([lock.blob])[0])


def _opened(lock: Lock, keys: Mapping[Holding, bytes], lies: bytes | Broken) -> bytes | None:
    """Open one of many; None, and a line for the operator, where it does not open."""
    try:
        return _unsealed(lock, keys, lies)
    except Broken as broken:
        _log.error("a selfie does not open", extra=told(why=broken.sentence))
        return None


def _unsealed(lock: Lock, keys: Mapping[Holding, bytes], lies: bytes | Broken) -> bytes:
    dek = dek_of(lock, keys)
    if isinstance(lies, Broken):
        raise lies
    where = envelopes.content_context(lock.subject, lock.object)
    return envelopes.unseal(dek, lies, where)


def _told(
    permit: Permit[Read],
    opened: Mapping[tuple[ObjectId, Subject, Purpose, Epoch], bytes | None],
    beside: Mapping[ObjectId, bytes],
) -> Opened | Denial:
    content = opened[(permit.object, permit.subject, permit.purpose, permit.epoch)]
    if content is None:
        return effects.unavailable(permit)
    return Opened(permit=permit, content=content, beside=beside.get(permit.object))


def _spent(writing: Writing, permit: Permit[View], table: Table) -> effects.Spent | Denial:
    return effects.spend(writing, [permit], table)[0]


def _gone(ask: Ask[View]) -> Denied:
    return Denied(
        Reason.WITHDRAWN,
        sentence(Reason.WITHDRAWN, ask.purpose),
        step=ask.step,
        purpose=ask.purpose,
    )
