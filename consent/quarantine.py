# SPDX-License-Identifier: Apache-2.0
"""Where pictures lie that a gate held back: sealed apart from all that anybody may look at.

Rules:
1. to seal takes a moderate permit. To open takes another, not spent yet: the gates alone look, and
   what they find spends it. There is no permit for a person's eyes, neither owner nor staff
2. a prefix of its own in the blob store, a content key of its own, contexts of its own: neither
   bytes nor key open where portraits open, whatever row they are copied into
3. it ends with its time, with its purpose, with its person and with an appeal that it passes
4. what is past its time does not open, swept away already or not
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, exists, select

from consent import effects, envelopes
from consent.blobs import Blobs, blob_name
from consent.chance import Chance
from consent.gate import Moderate, Permit, denied
from consent.ledger import Ledger
from consent.subject_keys import SubjectKeys
from consent.tables import permit as permits
from consent.tables import quarantined, spent
from consent.writing import Writing

PREFIX: Final = "quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A picture that lies in the blob store and that nobody can open until its row lands."""

    blob: str
    wrapped_dek: bytes

    def columns(self) -> dict[str, Any]:
        """Return the columns that a quarantined row takes."""
        return {"blob": self.blob, "wrapped_dek": self.wrapped_dek}


class Quarantine:
    """Seal what a gate held back, open it for the gates once more, let it go."""

    def __init__(self, ledger: Ledger, blobs: Blobs, keys: SubjectKeys, chance: Chance) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._keys = keys
        self._chance = chance

    def seal(self, permit: Permit[Moderate], content: bytes) -> Held:
        """Encrypt a picture and put it under the prefix.

        Errors: Denied(withdrawn) when the person's key is gone since the permit was given.
        """
        with self._ledger.read() as connection:
            key = self._key(connection, permit)
        dek = self._chance.token(envelopes.KEY_BYTES)
        where = envelopes.held_context(permit.subject, permit.object)
        blob = f"{PREFIX}/{blob_name(self._chance)}"
        self._blobs.put_new(blob, envelopes.seal(dek, content, where, self._chance))
        context = envelopes.held_wrap_context(permit.subject, permit.object, permit.purpose)
        return Held(blob=blob, wrapped_dek=envelopes.seal(key, dek, context, self._chance))

    def open(self, permit: Permit[Moderate]) -> bytes:
        """Open a picture for the gates, under a moderate permit that was not spent yet.

        Errors: Denied(withdrawn) where picture, permit or key is gone, spent or past its time.
        """
        with self._ledger.read() as connection:
            wanted = _there(permit, self._ledger.now())
            row = connection.execute(wanted).one_or_none()
            if row is None:
                raise denied(effects.too_late(permit))
            key = self._key(connection, permit)
        blob, wrapped = row
        context = envelopes.held_wrap_context(permit.subject, permit.object, permit.purpose)
        dek = envelopes.unseal(key, wrapped, context)
        where = envelopes.held_context(permit.subject, permit.object)
        return envelopes.unseal(dek, self._blobs.get(blob), where)

    def release(self, writing: Writing, permit: Permit[Moderate]) -> str | None:
        """Let a picture out that passed: its row goes, and with it the key of these bytes.

        Returns the blob to `forget` once the transaction stands; None where it went meanwhile.
        """
        mine = _mine(permit)
        blob = writing.connection.execute(select(quarantined.c.blob).where(mine)).scalar()
        writing.connection.execute(delete(quarantined).where(mine))
        return blob

    def forget(self, blobs: Sequence[str]) -> None:
        """Delete ciphertext whose rows are gone."""
        for blob in blobs:
            self._blobs.delete(blob)

    def _key(self, connection: Connection, permit: Permit[Moderate]) -> bytes:
        holding = (permit.subject, permit.purpose, permit.epoch)
        key = self._keys.open(connection, [holding]).get(holding)
        if key is None:
            raise denied(effects.too_late(permit))
        return key


def _mine(permit: Permit[Moderate]) -> Any:  # noqa: ANN401 - a clause of the same row everywhere
    return and_(
        quarantined.c.object == permit.object,
        quarantined.c.subject == permit.subject,
        quarantined.c.purpose == permit.purpose,
        quarantined.c.epoch == permit.epoch,
    )


def _there(permit: Permit[Moderate], now: int) -> Any:  # noqa: ANN401 - as above
    """Select a picture that is held, while the permit that asks for it is still good."""
    good = and_(
        permits.c.seq == permit.seq,
        permits.c.slot == permit.slot,
        permits.c.step == permit.step,
        permits.c.subject == permit.subject,
        permits.c.object == permit.object,
        permits.c.not_after > now,
    )
    used = and_(spent.c.permit_seq == permit.seq, spent.c.permit_slot == permit.slot)
    return select(quarantined.c.blob, quarantined.c.wrapped_dek).where(
        _mine(permit),
        quarantined.c.expires_at > now,
        exists().where(good),
        ~exists().where(used),
    )
