# SPDX-License-Identifier: Apache-2.0
"""Backups: all rows and all sealed bytes of one moment, in a folder, and never a key.

Rules:
1. a backup opens nothing: the keys lie elsewhere. A person who withdraws or is erased ends what
   every backup holds of them, and two weeks later no key of its time is left (`rotation`)
2. rows lie in a SQLite file, whatever database they come from and go to
3. a second backup in the same folder is whole before the first one goes: the manifest, which is
   written last, names its rows by their hash
4. a log is not restored to before what was signed: what a backup has not must be added, from any
   auditor's bundle (`resuming`). Everything is compared before anything is touched
"""

import hashlib
import hmac
import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, select

from consent import bundle, carrying, database, key_files, merkle, notes, stores
from consent.blobs import Blobs
from consent.chance import Chance
from consent.errors import Broken, Misused
from consent.keys import KeyStore
from consent.notes import Checkpoint
from consent.reaping import Reaper
from consent.resuming import Also, Resumed, Resuming
from consent.room import ConsentRoom
from consent.since import Since
from consent.tables import entry, log_head
from consent.words import Micros, Reason, rfc3339

FORMAT: Final = "onlyou-backup/1"
MANIFEST: Final = "manifest.json"
BLOBS: Final = "blobs"
_ROWS: Final = "rows.sqlite3"  #: as they were called when there was one of them
_NAMED: Final = "rows-*.sqlite3"
_DRAFT: Final = "rows.draft"
_BESIDE: Final = tuple(f"{_DRAFT}-{kind}" for kind in ("journal", "wal", "shm"))
"""What SQLite lays beside a file that it writes, and leaves there when it is killed."""
_MAC: Final = "backup manifest"
_NONE: Final = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading raises where files are missing, cut short, or of other shapes than a bundle's."""
Prepare = Callable[[Connection, str], None]
"""Brings a connection's database to a schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is of, and how far its log goes: `note` is the checkpoint signed over it."""

    format: str
    schema: str
    origin: str
    made_at: str
    note: str
    sha256: str
    rows: Mapping[str, int]
    blobs: int
    mac: str = ""  #: by a key of the log's store: whoever can only write files cannot change it

    def sealed(self, keys: KeyStore) -> "Manifest":
        """Return it with its code."""
        told = json.dumps(asdict(replace(self, mac="")), sort_keys=True).encode()
        return replace(self, mac=hmac.digest(keys.derived(_MAC), told, "sha256").hex())

    @property
    def head(self) -> Checkpoint:
        """How far the log went, as it was signed."""
        return notes.parse_checkpoint(self.note)


def write(
    room: ConsentRoom,
    folder: Path,
    opened: Callable[[Path], Blobs] | None,
    *,
    prepare: Prepare,
    schema: str,
) -> Manifest:
    """Write a backup, or bring one in the same folder up to date.

    `opened` opens a folder of sealed bytes in it; without it there are rows alone.

    Errors: Misused(duplicate) for a folder with anything else in it, the caller's fault.
    """
    _ours(folder, room.ledger.signer.verifier)
    rows, size = _copied(room, folder, prepare, schema)
    brought = 0 if opened is None else _filled(room, opened(folder / BLOBS))
    manifest = Manifest(
        format=FORMAT,
        schema=schema,
        origin=room.ledger.origin,
        made_at=rfc3339(room.ledger.now()),
        note=room.ledger.checkpoint(size),
        sha256=_hash(folder / _DRAFT),
        rows=rows,
        blobs=brought,
    ).sealed(room.keys)
    _settle(folder, manifest)
    return manifest


def _settle(folder: Path, manifest: Manifest) -> None:
    """Put a backup in the place of the one that was there: either is whole at any moment."""
    rows = folder / _NAMED.replace("*", manifest.sha256)
    stores.sync(folder / _DRAFT)
    (folder / _DRAFT).replace(rows)
    for left in _BESIDE:
        (folder / left).unlink(missing_ok=True)
    stores.sync(folder)
    told = json.dumps(asdict(manifest), indent=1)
    key_files.write(folder / MANIFEST, f"{told}\n".encode())
    stores.sync(folder)
    for old in (folder / _ROWS, *folder.glob(_NAMED)):
        if old != rows:
            old.unlink(missing_ok=True)


def _rows(folder: Path, manifest: Manifest) -> Path:
    named = folder / _NAMED.replace("*", manifest.sha256)
    return named if named.exists() else folder / _ROWS


def _ours(folder: Path, mine: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir()}
    begun = {_DRAFT, *_BESIDE, BLOBS, key_files.draft(folder / MANIFEST).name}
    begun |= {path.name for path in folder.glob(_NAMED)}
    ours = notes.open_note(read(folder).note, mine) if MANIFEST in there else there <= begun
    if not ours:
        raise Misused(Reason.DUPLICATE, f"{folder.name} holds something else; name a new folder")


def _copied(
    room: ConsentRoom, folder: Path, prepare: Prepare, schema: str
) -> tuple[Mapping[str, int], int]:
    draft = folder / _DRAFT
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    engine = database.connect(f"sqlite:///{draft}")
    try:
        with carrying.snapshot(room.ledger.engine) as old, engine.begin() as new:
            prepare(new, schema)
            rows = carrying.copy(old, new)
            size = new.execute(select(log_head.c.size)).scalar_one()
    finally:
        engine.dispose()
    return rows, size


def _filled(room: ConsentRoom, store: Blobs) -> int:
    """Bring what the rows name; let go what they name no more, so that it leaves backups, too."""
    reaper = Reaper(room.ledger, store)
    reaper.fill(room.blobs)
    reaper.reap(Micros(1 << 62), apart=Micros(0))
    return sum(len(page) for page in store.pages())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(folder: Path) -> Manifest:
    """Read what a backup says of itself. Errors: Misused(unknown-key) where there is none."""
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest = Manifest(**told)
        _typed(manifest)
        notes.parse_checkpoint(manifest.note)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise Misused(Reason.UNKNOWN_KEY, f"there is no backup in {folder.name!r}") from error
    if manifest.format != FORMAT:
        raise Misused(Reason.UNKNOWN_KEY, f"{folder.name!r} is of another version of this program")
    return manifest


def _typed(told: Manifest) -> None:
    """Look at every field's type. Errors: TypeError; ValueError for text that is no Unicode."""
    texts = (told.format, told.schema, told.origin, told.made_at, told.note, told.sha256, told.mac)
    "".join(texts).encode()
    for count in (told.blobs, *dict(told.rows).values()):
        operator.index(count)


# --- restoring


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A backup that was held against everything that is known of its log."""

    folder: Path
    manifest: Manifest
    since: tuple[Since, ...]


def checked(
    folder: Path, keys: KeyStore, *, since: Path | None = None, heads: Sequence[str] = ()
) -> Source:
    """Hold a backup, and the entries since, against every signature that is known; change nothing.

    `since` is a bundle with the entries that came after; `heads` are checkpoints that somebody
    kept: a receipt's, a witness's. Errors: Broken(unavailable) where a file is not as it was
    written, or the log would go back behind what was signed; Misused(unknown-key | unreadable)
    where there is no backup, no bundle or no checkpoint.
    """
    manifest = read(folder)
    mine = notes.Signer(manifest.origin, keys.signing_key()).verifier
    last = _opened(manifest.note, mine)
    if not _whole(folder, manifest, keys):
        raise Broken(Reason.UNAVAILABLE, "the backup is not as it was written")
    more, signed = _added(since, manifest.head.size)
    known = [last, *(_opened(note, mine) for note in (*heads, *signed))]
    tree = _tree(_rows(folder, manifest), more)
    for head in known:
        _continues(tree, head)
    for one in more:
        if not bundle.sound(one):
            said = f"the bundle holds something else than what entry {one.seq} names"
            raise Broken(Reason.UNAVAILABLE, said)
    keys.advance(manifest.head, lambda signed: _continues(tree, signed))
    return Source(folder=folder, manifest=manifest, since=more)


def _whole(folder: Path, manifest: Manifest, keys: KeyStore) -> bool:
    """Say whether a backup has the code of this log's keys, and its rows the hash it names."""
    mine = manifest.sealed(keys).mac.encode()
    if not hmac.compare_digest(mine, manifest.mac.encode()):
        return False
    rows = _rows(folder, manifest)
    return rows.exists() and _hash(rows) == manifest.sha256


def _added(taken: Path | None, size: int) -> tuple[tuple[Since, ...], tuple[str, ...]]:
    """Read what a bundle has beyond a size, and its checkpoint. Errors: Misused(unreadable)."""
    if taken is None:
        return (), ()
    try:
        signed = (taken / "checkpoint").read_text("utf-8")
        return tuple(bundle.since(taken, size)), (signed,)
    except _NONE as error:
        said = f"{taken.name!r} is no whole bundle; take another, an auditor's as well as your own"
        raise Misused(Reason.UNREADABLE, said) from error


def _opened(note: str, verifier: str) -> Checkpoint:
    text = notes.open_note(note, verifier)
    if text is None:
        raise Broken(
            Reason.UNAVAILABLE,
            "a checkpoint is not signed by the keys in this home: they are not those of this log",
        )
    try:
        return notes.parse_checkpoint(text)
    except ValueError as error:
        said = "what was given as a checkpoint is signed and is none"
        raise Misused(Reason.UNREADABLE, said) from error


def _tree(rows: Path, more: Iterable[Since]) -> merkle.Tree:
    engine = _unchanged(rows)
    with engine.connect() as connection:
        tree = _log(connection)
    engine.dispose()
    for one in more:
        if one.seq != len(tree):
            raise Broken(Reason.UNAVAILABLE, f"entry {len(tree)} is missing from the bundle")
        tree.extend([merkle.leaf_hash(one.body)])
    return tree


def _log(connection: Connection) -> merkle.Tree:
    bodies = connection.execute(select(entry.c.body).order_by(entry.c.seq)).scalars()
    return merkle.Tree(merkle.leaf_hash(bytes(body)) for body in bodies)


def continued(connection: Connection, head: Checkpoint) -> bool:
    """Say whether a database's log goes on from a head: as one does that was brought there."""
    tree = _log(connection)
    return head.size <= len(tree) and tree.root(head.size) == head.root


def _unchanged(rows: Path) -> Engine:
    """Open rows so that looking changes no bit of them, whichever SQLite looks."""
    file = quote(str(rows.absolute()))
    return create_engine(f"sqlite:///file:{file}?immutable=1&uri=true")


def _continues(tree: merkle.Tree, head: Checkpoint) -> bool:
    if head.size > len(tree):
        raise Broken(
            Reason.UNAVAILABLE,
            f"{head.size} entries were signed and here are {len(tree)}: what was taken back since "
            "would hold again. Add the missing ones from any auditor's bundle: --since",
        )
    if tree.root(head.size) != head.root:
        raise Broken(
            Reason.UNAVAILABLE,
            f"the {head.size} entries that were signed are others than these; nothing is restored",
        )
    return True


def bring(
    source: Source, connection: Connection, keys: KeyStore, chance: Chance, now: Micros,
    *, prepare: Prepare, schema: str, also: Also = lambda _: None,
) -> Resumed:  # fmt: skip
    """Fill an empty database from a backup, up to date and at the present schema.

    All in the caller's transaction, and so is what other rooms do `also`. Errors:
    Misused(unknown-key) where something is there.
    """
    prepare(connection, source.manifest.schema)
    old = _unchanged(_rows(source.folder, source.manifest))
    with carrying.snapshot(old) as rows:
        carrying.copy(rows, connection)
    old.dispose()
    prepare(connection, schema)
    return Resuming(connection, keys, chance).resume(source.since, now, also)
