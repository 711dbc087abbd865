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

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from consent import entries
from consent.chance import Chance
from consent.gate import Permit, Store
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.words import Micros, ObjectId, Seq, Subject, public_id
from generation import frames, loops, provenance
from generation.authority import Authority
from generation.credentials import Credentials, Reading, Statement
from generation.fingerprints import Fingerprints
from generation.provenance import Provenance
from generation.tables import asset, issued, mark
from generation.watermark import Watermark

_REFERENCE_BYTES: Final = 4
_NAME_BYTES: Final = 16


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
        secret = self._keys.secrets([permit.subject]).get(permit.subject)
        if secret is None:
            return None
        reference = self._fresh()
        pixels = [self.watermark.write(one, reference) for one in frames.each(picture)]
        statement = Statement(
            name=self._chance.token(_NAME_BYTES),
            source_type=made.source_type,
            label=made.label,
            receipt=self._receipt(permit, secret),
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

    def _fresh(self) -> int:
        """Draw a reference that was never given out."""
        with self._ledger.read() as connection:
            while True:
                drawn = int.from_bytes(self._chance.token(_REFERENCE_BYTES), "big")
                if not known(connection, drawn):
                    return drawn

    def _receipt(self, permit: Permit[Store], secret: bytes) -> str:
        return self.receipt(Seq(permit.epoch), permit.object, secret)

    def receipt(self, granted: Seq, obj: ObjectId, secret: bytes) -> str:
        """Hash the entry of the yes that a portrait rests on, salted for this portrait alone."""
        said = self._ledger.body(granted)
        salted = entries.salt(secret, b"receipt", public_id(obj).encode())
        return sha256(salted + said).hexdigest()


def known(connection: Connection, reference: int) -> bool:
    """Say whether a reference was ever given out here."""
    found = select(issued.c.reference).where(issued.c.reference == reference)
    return connection.execute(found).first() is not None


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


def _salt(secret: bytes, obj: ObjectId) -> bytes:
    return entries.salt(secret, b"marks", public_id(obj).encode())


def _commitment(secret: bytes, obj: ObjectId, label: str, credential: str) -> str:
    return entries.commitment(_salt(secret, obj), {"label": label, "credential": credential})
