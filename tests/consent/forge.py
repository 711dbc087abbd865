# SPDX-License-Identifier: Apache-2.0
"""A dishonest operator: edits the history, rebuilds the tree and signs it with the real key.

A careful one also moves every number that pointed past an edit (`drop` and `add` do). What they
cannot do is take back a checkpoint that somebody has kept.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from consent import entries, merkle, notes, tiles
from consent.ledger import Ledger

Entry = dict[str, Any]
Place = tuple[int, int | None]
Moved = Callable[[int], int]
_PLACES = ("prev", "effect_of", "served", "epoch")
RECORD = 70
NO_SLOT = (1 << 32) - 1
NO_SEQ = (1 << 64) - 1


class Note(Protocol):
    """Whatever signs a checkpoint."""

    def note(self, text: str) -> str: ...


class Operator:
    """The log itself, signing with every key that it has."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def note(self, text: str) -> str:
        second = self._ledger._second
        first = self._ledger.signer.note(text)
        return first if second is None else f"{first}{second.line(text)}\n"


class Forge:
    """One bundle under revision."""

    def __init__(self, bundle: Path, signer: Note) -> None:
        self.bundle = bundle
        self.signer = signer
        self.log = [json.loads(entry) for entry in read_log(bundle)]
        self.careful = True
        """Whether the maps of last entries are made to fit what was edited."""

    def find(self, t: str, place: int = 0, **fields: Any) -> int:
        """Return the seq of the nth entry of a type with these fields."""
        wanted = fields | {"t": t}
        found = [s for s, e in enumerate(self.log) if wanted.items() <= e.items()]
        return found[place]

    def edit(self, seq: int, **fields: Any) -> int:
        """Change fields of an entry; None takes a field away."""
        changed = self.log[seq] | fields
        self.log[seq] = {name: value for name, value in changed.items() if value is not None}
        return seq

    def drop(self, seq: int) -> int:
        """Take an entry out, and let all that pointed past it move up."""
        gone = self.log.pop(seq)
        self._move(lambda old: old - (old > seq))
        self._move_blocks(lambda old: old - (old > seq))
        self._relink(gone.get("tag"), seq)
        return seq

    def add(self, seq: int, entry: Entry) -> int:
        """Put an entry in, chained to its person's entries, and let all after it move down."""
        self._move(lambda old: old + (old >= seq))
        tag = entry.get("tag")
        self.log.insert(seq, {name: value for name, value in entry.items() if name != "prev"})
        self._move_blocks(lambda old: old + (old >= seq))
        self._relink(tag, seq)
        self._relink(tag, seq + 1)
        return seq

    def _relink(self, tag: str | None, start: int) -> None:
        """Let a person's first place from an entry on name their last one before it."""
        mine = [] if tag is None else list(self.places(tag))
        before = [place for place in mine if place[0] < start]
        after = next((place for place in mine if place[0] >= start), None)
        if after is not None:
            self.chain(after, before[-1] if before else None)

    def places(self, tag: str) -> Iterator[Place]:
        """Yield where somebody stands in the log: entries, and slots of blocks."""
        raw = entries.from_base64url(tag)
        for seq, entry in enumerate(self.log):
            if entry.get("tag") == tag:
                yield seq, None
            elif entry["t"] == "block" and "policy" in entry:
                told = enumerate(self.records(seq))
                yield from ((seq, slot) for slot, record in told if record[:16] == raw)

    def chain(self, place: Place, prev: Place | None) -> None:
        """Let a place name another as the one before it."""
        seq, slot = place
        if slot is not None:
            records = self.records(seq)
            last, within = (NO_SEQ, None) if prev is None else prev
            records[slot][56:64] = last.to_bytes(8, "big")
            records[slot][64:68] = (NO_SLOT if within is None else within).to_bytes(4, "big")
            self.seal(seq, records)
            return
        self.log[seq].pop("prev", None)
        if prev is not None:
            self.log[seq]["prev"] = prev[0] if prev[1] is None else list(prev)

    # blocks

    def records(self, seq: int) -> list[bytearray]:
        """Read the records of a block."""
        path = self.bundle / f"blocks/{seq}.bin"
        raw = path.read_bytes() if path.exists() else b""
        return [bytearray(raw[i : i + RECORD]) for i in range(0, len(raw), RECORD)]

    def seal(self, seq: int, records: Sequence[bytes | bytearray]) -> int:
        """Write other records into a block, and a fitting entry."""
        raw = [bytes(record) for record in records]
        (self.bundle / f"blocks/{seq}.bin").write_bytes(b"".join(raw))
        inner = merkle.root_of([merkle.leaf_hash(record) for record in raw]).hex()
        return self.edit(seq, n=len(raw), inner=inner, denied=sum(r[-1] > 0 for r in raw))

    def lasts(self, size: int) -> dict[bytes, Place]:
        """Follow everybody to their last entry before `size`."""
        lasts: dict[bytes, Place] = {}
        for seq, entry in enumerate(self.log[:size]):
            if "tag" in entry:
                lasts[entries.from_base64url(entry["tag"])] = (seq, None)
            if entry["t"] == "block" and "policy" in entry:
                told = enumerate(self.records(seq))
                lasts |= {bytes(record[:16]): (seq, slot) for slot, record in told}
        asked = [e["tag"] for e in self.log[:size] if e["t"] == "erase.request"]
        for tag in asked:
            del lasts[entries.from_base64url(tag)]
        return lasts

    def _map_anew(self) -> None:
        for seq, entry in enumerate(self.log):
            if "map" in entry:
                self.map(seq, self.lasts(seq))

    def map(self, seq: int, lasts: Mapping[bytes, Place]) -> int:
        """Log another map of last entries."""
        leaves = [
            merkle.leaf_hash(
                tag
                + last.to_bytes(8, "big")
                + (NO_SLOT if slot is None else slot).to_bytes(4, "big")
            )
            for tag, (last, slot) in sorted(lasts.items())
        ]
        root = merkle.root_of(leaves).hex()
        told = {"kind": "tag-map", "map": root, "n": len(leaves), "size": seq}
        raw = entries.canonical(told)
        sha256 = hashlib.sha256(raw).hexdigest()
        (self.bundle / f"aggregates/{sha256}.json").write_bytes(raw)
        return self.edit(seq, object=sha256, map=root, n=len(leaves))

    def _move(self, moved: Moved) -> None:
        for entry in self.log:
            entry |= {name: _moved(entry[name], moved) for name in _PLACES if name in entry}
        for path in self._renamed("openings", moved):
            opened = json.loads(path.read_bytes()) | {"seq": int(path.stem)}
            path.write_bytes(entries.canonical(opened))

    def _move_blocks(self, moved: Moved) -> None:
        """Move blocks and what their records point at; the log has its new numbers already."""
        for path in self._renamed("blocks", moved):
            seq = int(path.stem)
            if "policy" in self.log[seq]:
                self.seal(seq, [_moved_record(one, moved) for one in self.records(seq)])

    def _renamed(self, folder: str, moved: Moved) -> list[Path]:
        files = {path: moved(int(path.stem)) for path in (self.bundle / folder).iterdir()}
        for path in files:
            path.rename(path.with_suffix(".moving"))
        targets = {
            path.with_suffix(".moving"): path.with_stem(str(n)) for path, n in files.items()
        }
        return [path.rename(target) for path, target in targets.items()]

    def close(self, *, size: int | None = None, signer: Note | None = None) -> Path:
        """Write entries, tiles, manifest and a checkpoint that is really signed."""
        if self.careful:
            self._map_anew()
        tree = write_log(self.bundle, [entries.canonical(entry) for entry in self.log])
        sign(self.bundle, signer or self.signer, tree, size=size)
        return self.bundle


def _moved(place: Any, moved: Moved) -> Any:
    return [moved(place[0]), place[1]] if isinstance(place, list) else moved(place)


def _moved_record(record: bytearray, moved: Moved) -> bytes:
    """Move what a record points at: the grant it rests on, and the entry before it."""
    for start in (48, 56):
        seq = int.from_bytes(record[start : start + 8], "big")
        if seq != NO_SEQ:
            record[start : start + 8] = moved(seq).to_bytes(8, "big")
    return bytes(record)


def read_log(bundle: Path) -> list[bytes]:
    """Read the entries of a bundle of any size."""
    size = json.loads((bundle / "manifest.json").read_bytes())["size"]
    read: list[bytes] = []
    for number, width in tiles.spans(size):
        read += tiles.unpack((bundle / tiles.entries_path(number, width)).read_bytes())
    return read


def write_log(bundle: Path, log: list[bytes]) -> merkle.Tree:
    """Write entries and tiles anew and leave the checkpoint alone."""
    shutil.rmtree(bundle / "tile")
    tree = merkle.Tree(map(merkle.leaf_hash, log))
    files = dict(tiles.tiles(tree, len(log)))
    for number, width in tiles.spans(len(log)):
        first = number * tiles.WIDTH
        files[tiles.entries_path(number, width)] = tiles.pack(log[first : first + width])
    for path, content in files.items():
        (bundle / path).parent.mkdir(parents=True, exist_ok=True)
        (bundle / path).write_bytes(content)
    return tree


def sign(bundle: Path, signer: Note, tree: merkle.Tree, *, size: int | None = None) -> None:
    """Write checkpoint and manifest for a tree, or as if it had another size."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    count = len(tree) if size is None else size
    text = notes.Checkpoint(manifest["origin"], count, tree.root()).text()
    (bundle / "checkpoint").write_text(signer.note(text), encoding="utf-8")
    manifest |= {"size": count, "root": tree.root().hex()}
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
