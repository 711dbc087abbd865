# SPDX-License-Identifier: Apache-2.0
"""Bundles: the whole history as a directory that an auditor takes home and checks alone.

Rules:
1. everything is of one moment: the checkpoint, signed and cosigned first, says how far it goes
2. the directory is written beside its place and renamed: nothing half-done is ever found there
3. openings are disclosed only of people whose secret still exists; erasure closes them for good
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from consent import entries, notes, recorded, tiles
from consent.errors import Broken, Misused
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.room import ConsentRoom
from consent.since import Since
from consent.tables import aggregate, block, card, entry, opening, published
from consent.words import Reason, Subject, rfc3339

SCHEMA: Final = "onlyou-bundle/1"
File = tuple[str, bytes]
_PUBLISHED: Final = {"policy.publish": "policies/{}.toml", "notice.publish": "notices/{}.md"}
_NAMES: Final = {"policy.publish": "policy", "notice.publish": "notice", "aggregate": "object"}
"""By which of its fields an entry names a text."""


def export(room: ConsentRoom, directory: Path, *, openings: bool = True) -> dict[str, Any]:
    """Write a bundle of everything up to now and return its manifest.

    `openings` discloses the facts behind each decision, so that every verdict can be recomputed.
    Errors: Misused(duplicate) when something is there already, the caller's fault.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Misused(
            Reason.DUPLICATE, f"{directory} is not empty; name a directory that is not there yet"
        )
    draft = directory.with_name(f".{directory.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        manifest = _write(room, draft, openings=openings)
        draft.replace(directory)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _write(room: ConsentRoom, draft: Path, *, openings: bool) -> dict[str, Any]:
    room.lasts.log()
    note = room.witnessing.gather().note
    head = notes.parse_checkpoint(note)
    manifest = {
        "schema": SCHEMA,
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "made_at": rfc3339(room.ledger.now()),
    }
    _put(draft, "checkpoint", note.encode())
    _put(draft, "manifest.json", _pretty(manifest))
    _put(draft, "keys/log.vkey", "".join(f"{key}\n" for key in room.ledger.verifiers).encode())
    _put(draft, "keys/witnesses.json", _pretty(room.witnessing.quorum.told()))
    for path, content in tiles.tiles(room.ledger.tree(), head.size):
        _put(draft, path, content)
    with room.ledger.read() as connection:
        for path, content in _recorded(room, connection, head.size, openings=openings):
            _put(draft, path, content)
    return manifest


def _recorded(
    room: ConsentRoom, connection: Connection, size: int, *, openings: bool
) -> Iterator[File]:
    yield from _entries(connection, size)
    yield from _contents(connection, size)
    yield from _cards(connection)
    yield from _blocks(connection, size)
    if openings:
        yield from _openings(room.ledger, connection, size)
        yield from _block_openings(room.keys, connection, size)


def _entries(connection: Connection, size: int) -> Iterator[File]:
    bodies = select(entry.c.body).where(entry.c.seq < size).order_by(entry.c.seq)
    rows = connection.execute(bodies.execution_options(yield_per=tiles.WIDTH))
    for number, bundle in enumerate(rows.scalars().partitions(tiles.WIDTH)):
        yield tiles.entries_path(number, len(bundle)), tiles.pack(bundle)


def _contents(connection: Connection, size: int) -> Iterator[File]:
    """Yield what entries name by hash: policies, notices and aggregates, as they were."""
    columns = (published.c.t, published.c.sha256, published.c.content)
    for t, sha256, content in connection.execute(select(*columns).where(published.c.seq < size)):
        yield _PUBLISHED[t].format(sha256), content.encode()
    found = select(aggregate.c.sha256, aggregate.c.content).where(aggregate.c.seq < size)
    for sha256, content in connection.execute(found):
        yield f"aggregates/{sha256}.json", content.encode()


def _cards(connection: Connection) -> Iterator[File]:
    """Yield the model cards that effects name by hash."""
    for sha256, content in connection.execute(select(card.c.sha256, card.c.content)):
        yield f"recipes/{sha256}.toml", content.encode()


def _blocks(connection: Connection, size: int) -> Iterator[File]:
    rows = connection.execute(select(block.c.seq, block.c.records).where(block.c.seq < size))
    for seq, records in rows:
        yield f"blocks/{seq}.bin", bytes(records)


def _openings(ledger: Ledger, connection: Connection, size: int) -> Iterator[File]:
    columns = (opening.c.seq, opening.c.subject, opening.c.sealed)
    for seq, subject, sealed in connection.execute(select(*columns).where(opening.c.seq < size)):
        try:
            opened = ledger.open_facts(Subject(subject), bytes(sealed))
        except Broken:
            continue
        yield f"openings/{seq}.json", entries.canonical({"seq": seq} | opened)


def _block_openings(keys: KeyStore, connection: Connection, size: int) -> Iterator[File]:
    for seq, opened in recorded.openings(connection, keys, size):
        yield f"openings/{seq}.json", _compact(opened)


def _compact(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _pretty(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


def _put(draft: Path, path: str, content: bytes) -> None:
    target = draft / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def since(directory: Path, size: int) -> Iterator[Since]:
    """Read what a bundle has beyond a size, with what its entries name by hash: to go on from."""
    for seq, body, records in logged(directory):
        if seq >= size:
            told = entries.decode(body)
            yield Since(
                seq=seq,
                body=body,
                records=records,
                content=_named(directory, told),
                card=_text(directory / f"recipes/{told.get('recipe')}.toml"),
            )


def sound(one: Since) -> bool:
    """Say whether what a bundle holds beside an entry is what the entry names by hash."""
    told = entries.decode(one.body)
    texts = ((one.content, told.get(_NAMES.get(told["t"], ""))), (one.card, told.get("recipe")))
    named = all(text is None or _hash(text) == said for text, said in texts)
    if told["t"] == "block":
        return named and recorded.whole(told, one.records)
    return named and not one.records


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _named(directory: Path, told: Mapping[str, Any]) -> str | None:
    match told["t"]:
        case "policy.publish":
            return _text(directory / _PUBLISHED["policy.publish"].format(told["policy"]))
        case "notice.publish":
            return _text(directory / _PUBLISHED["notice.publish"].format(told["notice"]))
        case "aggregate":
            return _text(directory / f"aggregates/{told['object']}.json")
        case _:
            return None


def _text(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8") if path.exists() else None


def logged(directory: Path) -> Iterator[tuple[int, bytes, bytes]]:
    """Read a bundle's entries in order: sequence number, body, and records where it is a block."""
    size = notes.parse_checkpoint((directory / "checkpoint").read_text("utf-8")).size
    for number, width in tiles.spans(size):
        bodies = tiles.unpack((directory / tiles.entries_path(number, width)).read_bytes())
        for seq, body in enumerate(bodies, number * tiles.WIDTH):
            records = directory / f"blocks/{seq}.bin"
            yield seq, body, records.read_bytes() if records.exists() else b""
