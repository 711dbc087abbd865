# SPDX-License-Identifier: Apache-2.0
"""Homes of earlier versions, unpacked; what opens in them, and bytes in place of those left out.

The sealed bytes of the old homes are not kept (they are large); the keys to them are. So a sample
selfie is sealed here under each selfie's own key, which only opens where the old keys open.
"""

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, select

from consent import envelopes
from consent.chance import SystemChance
from consent.keys import Holding
from consent.subject_keys import SubjectKeys
from consent.tables import asset, quarantined, selfie
from consent.words import Epoch, ObjectId, Purpose, Subject
from engine.rooms import Rooms

_HERE = Path(__file__).parent / "golden"
VERSIONS = tuple(sorted(path.name.removesuffix(".tar.xz") for path in _HERE.glob("*.tar.xz")))


def unpack(version: str, home: Path) -> None:
    """Put the home of a version into a folder."""
    home.mkdir(mode=0o700)
    with tarfile.open(_HERE / f"{version}.tar.xz") as packed:
        packed.extractall(home, filter="data")
    for folder in (path for path in home.rglob("*") if path.is_dir()):
        folder.chmod(0o700)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One sealed thing and the key that its row gives."""

    subject: Subject
    object: ObjectId
    blob: str
    dek: bytes


def opened(rooms: Rooms, table: Table) -> tuple[Opened, ...]:
    """Unwrap the key of every row of a table. Errors: Broken where one does not open."""
    with rooms.consent.ledger.read() as connection:
        return tuple(_opened(rooms, connection, table))


def _opened(rooms: Rooms, connection: Connection, table: Table) -> Iterator[Opened]:
    keys = SubjectKeys(rooms.consent.keys, SystemChance())
    columns = ("subject", "purpose", "epoch", "object", "blob", "wrapped_dek")
    for who, purpose, epoch, obj, blob, wrapped in connection.execute(
        select(*(table.c[name] for name in columns))
    ):
        holding: Holding = (Subject(who), Purpose(purpose), Epoch(epoch))
        key = keys.open(connection, [holding])[holding]
        context = envelopes.wrap_context(Subject(who), ObjectId(obj), Purpose(purpose))
        dek = envelopes.unseal(key, bytes(wrapped), context)
        yield Opened(subject=Subject(who), object=ObjectId(obj), blob=blob, dek=dek)


def everything(rooms: Rooms) -> int:
    """Unwrap the keys of everything that is sealed; count it."""
    return sum(len(opened(rooms, table)) for table in (asset, quarantined, selfie))


def contents_of(rooms: Rooms) -> tuple[bytes, ...]:
    """Open one selfie of each person of another home, to be sealed in place of what is lost."""
    found = {}
    for one in opened(rooms, selfie):
        where = envelopes.content_context(one.subject, one.object)
        found[one.subject] = envelopes.unseal(one.dek, rooms.consent.blobs.get(one.blob), where)
    return tuple(content for _, content in sorted(found.items()))


def give_back(rooms: Rooms, contents: Sequence[bytes]) -> None:
    """Seal a content under the own key of everything whose bytes were left out: one a person."""
    kept = [one for table in (asset, selfie) for one in opened(rooms, table)]
    people = sorted({one.subject for one in kept})
    faces = dict(zip(people, contents, strict=True))
    for one in kept:
        where = envelopes.content_context(one.subject, one.object)
        sealed = envelopes.seal(one.dek, faces[one.subject], where, SystemChance())
        rooms.consent.blobs.put_new(one.blob, sealed)
