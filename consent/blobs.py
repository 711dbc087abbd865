# SPDX-License-Identifier: Apache-2.0
"""Where sealed bytes lie: a port of six verbs, and obstore for folders and S3.

A name is 128 random bits, fanned out by its first two characters; it tells nothing about anybody.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from consent import faults
from consent.chance import Chance
from consent.errors import Broken
from consent.words import SECOND, Micros, Reason

_NAME_BYTES: Final = 16
_OWNER_ONLY: Final = 0o077


class Blobs(Protocol):
    """Keep ciphertext by name. A name is written once and never overwritten."""

    def put_new(self, name: str, content: bytes) -> None:
        """Write a new object. Errors: Broken(unavailable) if the name is taken."""
        ...

    def get(self, name: str) -> bytes:
        """Read an object. Errors: Broken(unavailable) if it is not there."""
        ...

    def delete(self, name: str) -> None:
        """Delete an object; succeeds again when repeated."""
        ...

    def head(self, name: str) -> bool:
        """Say whether an object is there."""
        ...

    def size(self, name: str) -> int:
        """Say how many bytes an object has; 0 where it is not there."""
        ...

    def list(self) -> tuple["Stored", ...]:
        """List every object: what a reaper compares with the rows."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """An object's name and when it was written."""

    name: str
    written_at: Micros


class ObstoreBlobs:
    """Blobs in a local folder (files 0600) or an S3-compatible bucket, through obstore."""

    def __init__(self, where: str) -> None:
        os.umask(_OWNER_ONLY)
        self._store = from_url(where) if "://" in where else _folder(Path(where))

    def put_new(self, name: str, content: bytes) -> None:
        """Write a new object; the store refuses to overwrite."""
        faults.point("blob.put.before")
        try:
            self._store.put(name, content, mode="create")
        except AlreadyExistsError as error:
            raise Broken(Reason.UNAVAILABLE, "a blob name was drawn twice") from error
        faults.point("blob.put.after")

    def get(self, name: str) -> bytes:
        """Read an object."""
        faults.point("blob.get.before")
        try:
            return bytes(self._store.get(name).bytes())
        except FileNotFoundError as error:
            raise Broken(Reason.UNAVAILABLE, "sealed bytes are missing from the store") from error

    def delete(self, name: str) -> None:
        """Delete an object; succeeds again when repeated."""
        faults.point("blob.delete.before")
        if self.head(name):
            self._store.delete(name)
        faults.point("blob.delete.after")

    def head(self, name: str) -> bool:
        """Say whether an object is there."""
        try:
            self._store.head(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """Say how many bytes an object has; 0 where it is not there."""
        try:
            return self._store.head(name)["size"]
        except FileNotFoundError:
            return 0

    def list(self) -> tuple[Stored, ...]:
        """List every object in order of name."""
        faults.point("blob.list.before")
        found = [meta for batch in self._store.list() for meta in batch]
        return tuple(
            Stored(meta["path"], Micros(round(meta["last_modified"].timestamp() * SECOND)))
            for meta in sorted(found, key=lambda meta: meta["path"])
        )


def _folder(path: Path) -> ObjectStore:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return cast("ObjectStore", LocalStore(path))


def blob_name(chance: Chance) -> str:
    """Draw a name for a new object."""
    name = chance.token(_NAME_BYTES).hex()
    return f"{name[:2]}/{name[2:]}"
