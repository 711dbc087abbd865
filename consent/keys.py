# SPDX-License-Identifier: Apache-2.0
"""Keys: a store apart from the database, and a key a purpose that a withdrawal shreds.

`KeyStore` is the port that a KMS adapter implements. `UnsafeFileKeys` keeps the root key in a
file on the same disk: good for demos and tests, and named for what it is.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, select, tuple_

from consent import envelopes
from consent.chance import Chance
from consent.errors import Broken
from consent.tables import subject_key
from consent.words import Epoch, Purpose, Reason, Subject

Holding = tuple[Subject, Purpose, Epoch]
"""One person's purpose under one grant: what a key belongs to."""


class KeyStore(Protocol):
    """Hold the root key, the log's signing key and one secret a person, apart from the rows."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Encrypt a key under the root key."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt a key under the root key."""
        ...

    def new_secret(self, subject: Subject) -> bytes:
        """Make and keep a person's secret: tags, commitments and openings derive from it."""
        ...

    def secret(self, subject: Subject) -> bytes:
        """Return a person's secret. Errors: Broken(unavailable) once it is destroyed."""
        ...

    def destroy_secret(self, subject: Subject) -> None:
        """Destroy a person's secret for good; succeeds again when repeated."""
        ...

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key that signs checkpoints and receipts."""
        ...

    def derived(self, name: str) -> bytes:
        """Derive a 32-byte key for one named use, such as signing cursors or tokens."""
        ...


class UnsafeFileKeys:
    """Keep keys as files, 0600, in a folder beside the data. For demos and tests.

    Unsafe: a backup of the disk holds both the sealed bytes and the key that opens them, so
    shredding a key row is a promise about the live system only (docs/adr/0006).
    """

    def __init__(self, folder: Path, chance: Chance) -> None:
        self._folder = folder
        self._chance = chance
        (folder / "people").mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._root = self._keep(folder / "root.key")
        self._signing = self._keep(folder / "log.key")

    def _keep(self, path: Path) -> bytes:
        """Read a key file, or make it whole or not at all."""
        if not path.exists():
            draft = path.with_suffix(".new")
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(self._chance.token(envelopes.KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        return path.read_bytes()

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Encrypt a key under the root key."""
        return envelopes.seal(self._root, key, context, self._chance)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt a key under the root key."""
        return envelopes.unseal(self._root, wrapped, context)

    def _person(self, subject: Subject) -> Path:
        return self._folder / "people" / f"{subject:x}.key"

    def new_secret(self, subject: Subject) -> bytes:
        """Make and keep a person's secret."""
        return self._keep(self._person(subject))

    def secret(self, subject: Subject) -> bytes:
        """Return a person's secret. Errors: Broken(unavailable) once it is destroyed."""
        try:
            return self._person(subject).read_bytes()
        except FileNotFoundError as error:
            raise Broken(Reason.UNAVAILABLE, "this person's secret is not in the store") from error

    def destroy_secret(self, subject: Subject) -> None:
        """Overwrite and unlink a person's secret."""
        path = self._person(subject)
        if path.exists():
            path.write_bytes(bytes(envelopes.KEY_BYTES))
            path.unlink()

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key that signs checkpoints and receipts."""
        return Ed25519PrivateKey.from_private_bytes(self._signing)

    def derived(self, name: str) -> bytes:
        """Derive a 32-byte key for one named use from the root key (HKDF-SHA256)."""
        return HKDF(SHA256(), envelopes.KEY_BYTES, salt=None, info=name.encode()).derive(
            self._root
        )


_COLUMNS: Final = (subject_key.c.subject, subject_key.c.purpose, subject_key.c.epoch)


class SubjectKeys:
    """Make and open the keys that hang on bases. The row goes with its basis: no row, no bytes."""

    def __init__(self, store: KeyStore, chance: Chance) -> None:
        self._store = store
        self._chance = chance

    def make(self, connection: Connection, holding: Holding) -> bytes:
        """Make the key of a new basis, in the transaction that inserts it."""
        subject, purpose, epoch = holding
        key = self._chance.token(envelopes.KEY_BYTES)
        wrapped = self._store.wrap(key, envelopes.key_context(subject, purpose, epoch))
        connection.execute(
            subject_key.insert().values(
                subject=subject, purpose=purpose, epoch=epoch, wrapped_key=wrapped
            )
        )
        return key

    def open(self, connection: Connection, holdings: Iterable[Holding]) -> dict[Holding, bytes]:
        """Open the keys that still exist; a shredded one is simply absent from the answer."""
        wanted = sorted(set(holdings))
        rows = connection.execute(
            select(*_COLUMNS, subject_key.c.wrapped_key).where(tuple_(*_COLUMNS).in_(wanted))
        )
        return {
            (Subject(s), Purpose(p), Epoch(e)): self._store.unwrap(
                wrapped, envelopes.key_context(Subject(s), Purpose(p), e)
            )
            for s, p, e, wrapped in rows
        }
