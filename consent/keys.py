# SPDX-License-Identifier: Apache-2.0
"""The store of keys, apart from the database: a log's own, a week's, and people's secrets.

`KeyStore` is the port that a KMS adapter implements. `UnsafeFileKeys` keeps keys in files on the
same disk: good for demos and tests, and named for what it is.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NewType, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent import envelopes, key_files
from consent.chance import Chance
from consent.errors import Broken
from consent.keyring import Keyring
from consent.notes import Checkpoint
from consent.signed_head import SignedHead
from consent.words import DAY, Epoch, Micros, Purpose, Reason, Subject

Holding = tuple[Subject, Purpose, Epoch]
"""One person's purpose under one grant: what a key belongs to."""
Week = NewType("Week", int)
"""Weeks since 1970-01-01 UTC: what a wrapping key is named by."""
Wrapped = tuple[Subject, Week, bytes, bytes]
"""A wrapped key: whose it is, the week it was wrapped in, its bytes and their context."""
WEEK: Final = Micros(7 * DAY)
ROOT_WEEK: Final = Week(0)
"""Stands in rows of schema 0001, which were wrapped under the root key."""


def week_of(moment: Micros) -> Week:
    """Name the week of a moment."""
    return Week(moment // WEEK)


class KeyStore(Protocol):
    """Hold the root key, the log's signing key and one secret a person, apart from the rows."""

    def wrap(self, subject: Subject, week: Week, key: bytes, context: bytes) -> bytes:
        """Encrypt a key under a week's wrapping key and a person's secret."""
        ...

    def unwrap_all(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        """Decrypt keys, in order. Errors: Broken(unavailable) once either key is destroyed."""
        ...

    def weeks(self) -> tuple[Week, ...]:
        """List the weeks whose wrapping keys exist."""
        ...

    def destroy_week(self, week: Week) -> None:
        """Destroy a week's wrapping key for good; succeeds again when repeated."""
        ...

    def new_secret(self, subject: Subject) -> bytes:
        """Make and keep a person's secret: tags, commitments and openings derive from it."""
        ...

    def secret(self, subject: Subject) -> bytes:
        """Return a person's secret. Errors: Broken(unavailable) once it is destroyed."""
        ...

    def secrets(self, subjects: Sequence[Subject]) -> Mapping[Subject, bytes]:
        """Return the secrets of many at once; a destroyed one is absent from the answer."""
        ...

    def destroy_secret(self, subject: Subject) -> None:
        """Destroy a person's secret for good; succeeds again when repeated."""
        ...

    def people(self) -> tuple[Subject, ...]:
        """List everybody of whom there is a secret, or the beginning of one."""
        ...

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key that signs checkpoints and receipts."""
        ...

    def signing_seed(self) -> bytes:
        """Return the 32-byte seed of the log's second key, which signs checkpoints (ML-DSA-44)."""
        ...

    def advance(self, head: Checkpoint, continues: Callable[[Checkpoint], bool]) -> None:
        """Remember the largest head that was ever signed; called before each signature.

        `continues` says whether the log still holds what was signed last. Errors:
        Broken(unavailable) where it does not: a fork or a shrunk tree, never to be signed.
        """
        ...

    def signed(self) -> int:
        """Return how many entries the largest head has that was ever signed; 0: none was."""
        ...

    def signed_head(self) -> Checkpoint | None:
        """Return the largest head that was ever signed; None: none was."""
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
        """Open what `key_files.found` made. Errors: Broken(unavailable) where a key is lost."""
        self._folder = folder
        self._chance = chance
        self._root = key_files.read(folder / key_files.ROOT, _LOST)
        self._signing = key_files.read(folder / key_files.LOG, _LOST)
        self._seed = key_files.read(folder / key_files.SECOND, _LOST)
        (folder / "people").mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        self._ring = Keyring(folder / "people.keys")
        self._head = SignedHead(folder)

    @property
    def folder(self) -> Path:
        """Say where the key files lie."""
        return self._folder

    def wrap(self, subject: Subject, week: Week, key: bytes, context: bytes) -> bytes:
        """Encrypt a key; the first use of a week makes its wrapping key."""
        kek, secret = key_files.keep(self._week(week), self._chance), self.secret(subject)
        return envelopes.seal(envelopes.joined(kek, secret), key, context, self._chance)

    def unwrap(self, subject: Subject, week: Week, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt one key, as `unwrap_all` does."""
        return self.unwrap_all([(subject, week, wrapped, context)])[0]

    def unwrap_all(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        """Decrypt keys; those of their weeks and the secrets of people are read once for all."""
        named = {(who, week) for who, week, _, _ in wrapped if week != ROOT_WEEK}
        keks = {one: key_files.read(self._week(one), _OVER) for one in {week for _, week in named}}
        known = self.secrets(sorted({who for who, _ in named}))
        if any(who not in known for who, _ in named):
            raise Broken(Reason.UNAVAILABLE, _GONE)
        both = {(who, week): envelopes.joined(keks[week], known[who]) for who, week in named}
        return [
            envelopes.unseal(self._root if week == ROOT_WEEK else both[who, week], sealed, context)
            for who, week, sealed, context in wrapped
        ]

    def weeks(self) -> tuple[Week, ...]:
        """List the weeks whose wrapping keys exist."""
        named = (path.stem.removeprefix("kek-") for path in self._folder.glob("kek-*.key"))
        return tuple(sorted(Week(int(week)) for week in named))

    def destroy_week(self, week: Week) -> None:
        """Overwrite and unlink a week's wrapping key."""
        key_files.destroy(self._week(week))

    def _week(self, week: Week) -> Path:
        return self._folder / f"kek-{week}.key"

    def new_secret(self, subject: Subject) -> bytes:
        """Make and keep a person's secret."""
        return self.new_secrets([subject])[subject]

    def new_secrets(self, subjects: Sequence[Subject]) -> Mapping[Subject, bytes]:
        """Make and keep the secrets of many at once; whoever has one keeps it."""
        known = dict(self.secrets(subjects))
        size = envelopes.KEY_BYTES
        new = {who: self._chance.token(size) for who in subjects if who not in known}
        if new:
            self._ring.add(new)
        return known | new

    def secret(self, subject: Subject) -> bytes:
        """Return a person's secret. Errors: Broken(unavailable) once it is destroyed."""
        found = self.secrets([subject])
        if subject not in found:
            raise Broken(Reason.UNAVAILABLE, _GONE)
        return found[subject]

    def secrets(self, subjects: Sequence[Subject]) -> Mapping[Subject, bytes]:
        """Return the secrets of many at once; a destroyed one is absent from the answer."""
        found = self._ring.find(subjects)
        for subject in set(subjects) - found.keys():
            path = self._person(subject)
            if path.exists():
                found[subject] = path.read_bytes()
        return found

    def destroy_secret(self, subject: Subject) -> None:
        """Overwrite a person's secret, wherever it is."""
        self._ring.destroy(subject)
        key_files.destroy(self._person(subject))
        key_files.destroy(key_files.draft(self._person(subject)))

    def people(self) -> tuple[Subject, ...]:
        """List everybody in the ring, or of whom there is a file, finished or not."""
        files = {path.stem for path in (self._folder / "people").glob("*.*")}
        there = {Subject(int(name, 16)) for name in files}
        return tuple(sorted(there.union(self._ring.people())))

    def _person(self, subject: Subject) -> Path:
        """Name the file of one person's secret, as homes of before the ring hold them."""
        return self._folder / "people" / f"{subject:x}.key"

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key that signs checkpoints and receipts."""
        return Ed25519PrivateKey.from_private_bytes(self._signing)

    def signing_seed(self) -> bytes:
        """Return the seed of the log's second key."""
        return self._seed

    def advance(self, head: Checkpoint, continues: Callable[[Checkpoint], bool]) -> None:
        """Remember the largest head that was ever signed, in a file of its own."""
        self._head.advance(head, continues)

    def signed(self) -> int:
        """Return how many entries the largest head has that was ever signed."""
        return self._head.size()

    def signed_head(self) -> Checkpoint | None:
        """Return the largest head that was ever signed."""
        return self._head.read()

    def derived(self, name: str) -> bytes:
        """Derive a 32-byte key for one named use from the root key (HKDF-SHA256)."""
        made = HKDF(SHA256(), envelopes.KEY_BYTES, salt=None, info=name.encode())
        return made.derive(self._root)


_LOST: Final = "the keys of this log are not here"
_GONE: Final = "this person's secret is not in the store"
_OVER: Final = "the wrapping key of that week is destroyed"
