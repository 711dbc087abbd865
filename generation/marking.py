# SPDX-License-Identifier: Apache-2.0
"""Put all marks on a portrait, in the one order that works, and remember what was put on.

1. the watermark goes into the pixels: it survives re-encoding and scaling
2. the file is encoded, with its source type in XMP
3. the credential comes last: it binds every byte of the file

What is remembered hangs on the portrait and goes with it: its reference, its fingerprint (under a
mask), and a commitment to label and credential, which its insert repeats in the ledger. Of all
references ever given out only the bare numbers stay, so that a copy found years later can still be
told to be from here, and no more than that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from consent import entries
from consent.among import among
from consent.chance import Chance
from consent.gate import Permit, Store
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.words import Micros, ObjectId, Seq, Subject, public_id
from generation import frames, loops, provenance
from generation.authority import Authority
from generation.credentials import Credentials, Statement
from generation.fingerprints import Fingerprints
from generation.notary import Reading
from generation.provenance import Provenance
from generation.tables import asset, issued, mark
from generation.watermark import Watermark

_REFERENCE_BYTES: Final = 4
_NAME_BYTES: Final = 16

Unmarked = tuple[Permit[Store], NDArray[np.uint8], Provenance]
"""A picture as it was drawn: whose it is, its pixels, how it came to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A file with every mark on it, and what is remembered of them."""

    file: bytes
    reference: int
    fingerprint: bytes
    commitment: str

    def columns(self) -> dict[str, Any]:
        """Return the columns that its row takes."""
        return {
            "reference": self.reference,
            "fingerprint": self.fingerprint,
            "commitment": self.commitment,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of one portrait's marks."""

    object: ObjectId
    reference: int
    fingerprint: bytes
    commitment: str


class Marking:
    """Mark portraits with this installation's keys."""

    def __init__(self, *, ledger: Ledger, keys: KeyStore, chance: Chance) -> None:
        self.credentials = Credentials(Authority(keys.derived("content credentials 1")))
        self.watermark = Watermark(keys.derived("watermark 1"))
        self.fingerprints = Fingerprints(keys.derived("fingerprints 1"))
        self._ledger = ledger
        self._keys = keys
        self._chance = chance

    def put(
        self, permit: Permit[Store], picture: NDArray[np.uint8], made: Provenance
    ) -> Marked | None:
        """Mark one portrait, every frame of one that moves. None where its owner was erased.

        Shapes: picture (H, W, 3) or (frames, H, W, 3) uint8 RGB.
        """
        (marked,) = self.put_all([(permit, picture, made)])
        return marked

    def put_all(self, portraits: Sequence[Unmarked]) -> tuple[Marked | None, ...]:
        """Mark many portraits, what they need read at once; answers come in order, as `put`'s."""
        secrets = self._keys.secrets([permit.subject for permit, _, _ in portraits])
        said = self._ledger.bodies_of(
            [permit.epoch for permit, _, _ in portraits if permit.subject in secrets]
        )
        references = iter(self._fresh(len(portraits)))
        return tuple(
            self.marked(
                one,
                secret=secrets[one[0].subject],
                reference=next(references),
                said=said[one[0].epoch],
            )
            if one[0].subject in secrets
            else None
            for one in portraits
        )

    def marked(self, one: Unmarked, *, secret: bytes, reference: int, said: bytes) -> Marked:
        """Put the marks on one picture; `said` is the entry of the yes that it rests on."""
        permit, picture, made = one
        pixels = [self.watermark.write(each, reference) for each in frames.each(picture)]
        statement = Statement(
            name=self._chance.token(_NAME_BYTES),
            source_type=made.source_type,
            label=made.label,
            receipt=_receipt(said, permit.object, secret),
        )
        return Marked(
            file=self.credentials.sign(
                _encoded(pixels, made.source_type), made.media_type, statement
            ),
            reference=reference,
            fingerprint=self.fingerprints.of(pixels[len(pixels) // 2]),
            commitment=_commitment(secret, permit.object, statement.label, statement.sha256),
        )

    def opening(self, subject: Subject, obj: ObjectId, read: Reading) -> dict[str, Any] | None:
        """Open the commitment that a credential leads to, for the portrait's owner alone."""
        if read.label is None or read.sha256 is None:
            return None
        secret = self._keys.secret(subject)
        return {
            "salt": entries.base64url(_salt(secret, obj)),
            "facts": {"label": read.label, "credential": read.sha256},
            "commitment": _commitment(secret, obj, read.label, read.sha256),
        }

    def _fresh(self, count: int) -> list[int]:
        """Draw references that were never given out."""
        drawn: list[int] = []
        with self._ledger.read() as connection:
            while missing := count - len(drawn):
                new = {
                    int.from_bytes(self._chance.token(_REFERENCE_BYTES), "big"): None
                    for _ in range(missing)
                }
                taken = given_out(connection, new) | set(drawn)
                drawn += [one for one in new if one not in taken]
        return drawn

    def receipt(self, granted: Seq, obj: ObjectId, secret: bytes) -> str:
        """Hash the entry of the yes that a portrait rests on, salted for this portrait alone."""
        return _receipt(self._ledger.body(granted), obj, secret)


def known(connection: Connection, reference: int) -> bool:
    """Say whether a reference was ever given out here."""
    return bool(given_out(connection, [reference]))


def given_out(connection: Connection, references: Collection[int]) -> set[int]:
    """Name those of the references that were ever given out here."""
    found = select(issued.c.reference).where(among(issued.c.reference, references))
    return set(connection.execute(found).scalars())


def remembered(connection: Connection, subject: Subject, now: Micros) -> tuple[Remembered, ...]:
    """List what is remembered of the marks of a person's living portraits."""
    rows = connection.execute(
        select(mark.c.object, mark.c.reference, mark.c.fingerprint, mark.c.commitment)
        .select_from(mark.join(asset, asset.c.object == mark.c.object))
        .where(mark.c.subject == subject, asset.c.expires_at > now)
        .order_by(mark.c.object)
    )
    return tuple(
        Remembered(object=ObjectId(obj), reference=number, fingerprint=look, commitment=named)
        for obj, number, look, named in rows
    )


def fingerprints(connection: Connection, now: Micros) -> tuple[bytes, ...]:
    """List the fingerprints of all living portraits, and nothing of whose they are."""
    rows = connection.execute(
        select(mark.c.fingerprint)
        .select_from(mark.join(asset, asset.c.object == mark.c.object))
        .where(asset.c.expires_at > now)
    )
    return tuple(rows.scalars())


def _encoded(pixels: Sequence[NDArray[np.uint8]], source_type: str) -> bytes:
    """Write marked pixels as a file: a still, or what loops."""
    if len(pixels) == 1:
        return provenance.marked(pixels[0], source_type)
    return loops.marked(np.stack(pixels), source_type)


def _receipt(said: bytes, obj: ObjectId, secret: bytes) -> str:
    salted = entries.salt(secret, b"receipt", public_id(obj).encode())
    return sha256(salted + said).hexdigest()


def _salt(secret: bytes, obj: ObjectId) -> bytes:
    return entries.salt(secret, b"marks", public_id(obj).encode())


def _commitment(secret: bytes, obj: ObjectId, label: str, credential: str) -> str:
    return entries.commitment(_salt(secret, obj), {"label": label, "credential": credential})
