# SPDX-License-Identifier: Apache-2.0
"""A person's own words beside a request: sealed under their key for the purpose they asked under.

Rules:
1. to seal takes the select permit under which the request is made; whose words they are and under
   which grant is what the permit says
2. the key is derived from the person's key for that purpose and from whose and which request it
   is: no ciphertext opens beside another request, whatever row it is copied into
3. it ends with that key: a withdrawal, an erasure or an expiry shreds it; there is no copy
4. what is too long to be somebody's words is not sealed, so that a row stays a row

Words stand in no entry of the ledger, in no name of a blob and in no message.
"""

import hmac
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from consent import effects, envelopes
from consent.chance import Chance
from consent.errors import Misused
from consent.gate import Permit, Select, denied
from consent.keys import Holding
from consent.ledger import Ledger
from consent.subject_keys import SubjectKeys
from consent.words import Epoch, ObjectId, Purpose, Reason, Subject

LONGEST: Final = 4_000
"""Bytes of a memo; a prompt of the longest text encoder here has half of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """Sealed words and the place where they lie."""

    object: ObjectId
    subject: Subject
    purpose: Purpose
    epoch: Epoch
    sealed: bytes

    @property
    def holding(self) -> Holding:
        """Name the key that opens it."""
        return (self.subject, self.purpose, self.epoch)


class Memos:
    """Seal a person's words and open them where they were sealed."""

    def __init__(self, ledger: Ledger, keys: SubjectKeys, chance: Chance) -> None:
        self._ledger = ledger
        self._keys = keys
        self._chance = chance

    def seal(
        self, permit: Permit[Select], text: str, connection: Connection | None = None
    ) -> bytes:
        """Encrypt words for the row of the request that this permit is for.

        `connection` is that of the transaction in which the permit was given, if it is still open.
        Errors: Denied(withdrawn) when the person's key is gone since the permit was given;
        Misused(unreadable) for more than `LONGEST` bytes.
        """
        raw = text.encode()
        if len(raw) > LONGEST:
            raise Misused(Reason.UNREADABLE, f"expected at most {LONGEST} bytes of words")
        holding = (permit.subject, permit.purpose, permit.epoch)
        with self._ledger.read() if connection is None else nullcontext(connection) as reading:
            key = self._keys.open(reading, [holding]).get(holding)
        if key is None:
            raise denied(effects.too_late(permit))
        own, where = _own(key, permit.subject, permit.object)
        return envelopes.seal(own, raw, where, self._chance)

    def open(self, connection: Connection, memos: Sequence[Memo]) -> Mapping[ObjectId, str]:
        """Open words; those whose key was shredded are absent from the answer.

        Errors: Broken(unavailable) for words that were sealed for another place, or changed.
        """
        keys = self._keys.open(connection, {one.holding for one in memos}) if memos else {}
        return {one.object: _text(one, keys[one.holding]) for one in memos if one.holding in keys}


def _text(memo: Memo, key: bytes) -> str:
    own, where = _own(key, memo.subject, memo.object)
    return envelopes.unseal(own, memo.sealed, where).decode()


def _own(key: bytes, subject: Subject, obj: ObjectId) -> tuple[bytes, bytes]:
    """Derive the one key that fits this place, and name the place (HMAC-SHA256 as a KDF)."""
    where = envelopes.memo_context(subject, obj)
    return hmac.digest(key, where, "sha256"), where
