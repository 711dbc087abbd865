# SPDX-License-Identifier: Apache-2.0
"""Where sealed bytes lie: a port, and obstore for folders and S3-compatible buckets.

Rules:
1. a name is 128 random bits, fanned out by its first two characters; it tells nothing of anybody
2. an object is written once: the store refuses to overwrite. A store may say no, or nothing, to a
   write that landed; whoever tries it anew finds their own bytes there, and that is a success
3. what was put lasts before its row is written: a folder's files are waited for, as a bucket is
4. a store that fails is `Broken(unavailable)`, never an answer: not "it is not there"
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from consent import faults, stores
from consent.chance import Chance
from consent.errors import Broken
from consent.stores import USUAL, Reach
from consent.words import SECOND, Micros, Reason

_NAME_BYTES: Final = 16
_PAGE: Final = 1_000
"""Objects listed at once: what a bucket answers with, and all that a reaper holds of names."""
_AT_ONCE: Final = 8
"""Objects that are on their way at once, for one caller: as many as a batch of portraits has."""
Q = TypeVar("Q")
T = TypeVar("T")


class Blobs(Protocol):
    """Keep ciphertext by name. A name is written once and never overwritten."""

    def put_new(self, name: str, content: bytes) -> None:
        """Write a new object. Errors: Broken(unavailable) if the name is taken."""
        ...

    def put_all(self, contents: Sequence[tuple[str, bytes]]) -> None:
        """Write new objects, several at once; each was tried when it returns.

        Errors: as `put_new`, of the first of them: others may be there.
        """
        ...

    def get(self, name: str) -> bytes:
        """Read an object. Errors: Broken(unavailable) if it is not there."""
        ...

    def get_all(self, names: Sequence[str]) -> tuple[bytes | Broken, ...]:
        """Read objects, several at once, in the order of their names; the error of each in it."""
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

    def pages(self, prefix: str = "") -> Iterator[tuple["Stored", ...]]:
        """List every object, a thousand at a time: what a reaper compares with the rows.

        `prefix` is the first two characters of names: one of 256 parts.
        """
        ...

    def list(self) -> tuple["Stored", ...]:
        """List every object at once, in order of name: for what is small."""
        ...

    def clear(self, before: Micros) -> int:
        """Delete what interrupted writes left that never became objects; count it."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """An object's name and when it was written."""

    name: str
    written_at: Micros


class ObstoreBlobs:
    """Blobs in a local folder (files 0600) or an S3-compatible bucket, through obstore."""

    def __init__(self, where: str, reach: Reach = USUAL) -> None:
        self._store = stores.opened(where, reach)
        self._folder = self._store.prefix if isinstance(self._store, LocalStore) else None
        self._lasting: set[Path] = set()

    def put_new(self, name: str, content: bytes) -> None:
        """Write a new object; the store refuses to overwrite."""
        self.put_all([(name, content)])

    def put_all(self, contents: Sequence[tuple[str, bytes]]) -> None:
        """Write new objects, several at once."""
        with _answering():
            tried = _each(_before_put, lambda one: self._put(*one), contents)
            for broken in (one for one in tried if isinstance(one, Broken)):
                raise broken
            for _ in contents:
                faults.point("blob.put.after")

    def _put(self, name: str, content: bytes) -> None:
        try:
            self._store.put(name, content, mode="create")
        except AlreadyExistsError:
            if self._got(name) != content:
                raise Broken(Reason.UNAVAILABLE, "a blob name was drawn twice") from None
        if self._folder is not None:
            self._last(self._folder, self._folder / name)

    def _last(self, folder: Path, path: Path) -> None:
        """Wait until a file is on the disk, with its name, and so its folder's if that is new."""
        stores.sync(path)
        stores.sync(path.parent)
        while (path := path.parent) != folder and path not in self._lasting:
            stores.sync(path.parent)
            self._lasting.add(path)

    def get(self, name: str) -> bytes:
        """Read an object."""
        (one,) = self.get_all([name])
        if isinstance(one, Broken):
            raise one
        return one

    def get_all(self, names: Sequence[str]) -> tuple[bytes | Broken, ...]:
        """Read objects, several at once, in the order of their names."""
        return _each(_before_get, self._got, names)

    def _got(self, name: str) -> bytes:
        try:
            return bytes(self._store.get(name).bytes())
        except FileNotFoundError:
            said = "sealed bytes are missing from the store"
            raise Broken(Reason.UNAVAILABLE, said) from None

    def delete(self, name: str) -> None:
        """Delete an object; succeeds again when repeated."""
        with _answering(), suppress(FileNotFoundError):
            faults.point("blob.delete.before")
            self._store.delete(name)
        faults.point("blob.delete.after")

    def head(self, name: str) -> bool:
        """Say whether an object is there."""
        return self._size(name) is not None

    def size(self, name: str) -> int:
        """Say how many bytes an object has; 0 where it is not there."""
        return self._size(name) or 0

    def _size(self, name: str) -> int | None:
        with _answering():
            try:
                return self._store.head(name)["size"]
            except FileNotFoundError:
                return None

    def pages(self, prefix: str = "") -> Iterator[tuple[Stored, ...]]:
        """List every object, a thousand at a time; a bucket's in order of name."""
        with _answering():
            faults.point("blob.list.before")
            for found in self._store.list(prefix or None, chunk_size=_PAGE):
                yield tuple(
                    Stored(meta["path"], Micros(round(meta["last_modified"].timestamp() * SECOND)))
                    for meta in found
                )

    def list(self) -> tuple[Stored, ...]:
        """List every object at once, in order of name."""
        found = [one for page in self.pages() for one in page]
        return tuple(sorted(found, key=lambda one: one.name))

    def clear(self, before: Micros) -> int:
        """Delete drafts in a folder that a crash left; a bucket shows nothing unfinished.

        obstore writes a file beside its place (`name#1`) and then moves it there.
        """
        if self._folder is None:
            return 0
        with _answering():
            drafts = self._folder.glob("*/*#*")
            old = [path for path in drafts if path.stat().st_mtime_ns // 1_000 <= before]
            for path in old:
                path.unlink(missing_ok=True)
            return len(old)


@contextmanager
def _answering() -> Iterator[None]:
    """Say in one way that a store fails, whatever it is; its own words may name hosts."""
    try:
        yield
    except (BaseError, OSError) as error:
        said = f"the store of sealed bytes fails: {type(error).__name__}"
        raise Broken(Reason.UNAVAILABLE, said) from error


def _before_put(_: object) -> None:
    faults.point("blob.put.before")


def _before_get(_: object) -> None:
    faults.point("blob.get.before")


def _each(
    before: Callable[[Q], None], act: Callable[[Q], T], many: Sequence[Q]
) -> tuple[T | Broken, ...]:
    """Do it with each, several at once; in order what came of each, an answer or its error.

    The point `before` is passed in the caller's own thread, which is where whoever injects stands.
    """
    stopped = [_tried(before, one) for one in many]
    going = [one for one, error in zip(many, stopped, strict=True) if error is None]
    done = iter(_at_once(partial(_tried, act), going))
    return tuple(next(done) if error is None else error for error in stopped)


def _at_once(act: Callable[[Q], T], many: Sequence[Q]) -> Sequence[T]:
    if min(_AT_ONCE, len(many)) < 2:  # noqa: PLR2004 - one has nobody to wait for
        return [act(one) for one in many]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(act, many))


def _tried(act: Callable[[Q], T], one: Q) -> T | Broken:
    try:
        with _answering():
            return act(one)
    except Broken as broken:
        return broken


def blob_name(chance: Chance) -> str:
    """Draw a name for a new object."""
    name = chance.token(_NAME_BYTES).hex()
    return f"{name[:2]}/{name[2:]}"
