# SPDX-License-Identifier: Apache-2.0
"""A dishonest operator: edits the history, rebuilds the tree and signs it with the real key.

A careful one also moves every number that pointed past an edit (`drop` and `add` do). What they
cannot do is take back a checkpoint that somebody has kept.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from consent import entries, merkle, notes, tiles

Entry = dict[str, Any]
_PLACES = ("prev", "effect_of", "served", "epoch")


class Forge:
    """One bundle under revision."""

    def __init__(self, bundle: Path, signer: notes.Signer) -> None:
        self.bundle = bundle
        self.signer = signer
        self.log = [json.loads(entry) for entry in read_log(bundle)]

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
        for entry in self.log[seq:]:
            if entry.get("tag") == gone.get("tag") and entry.get("prev") == seq:
                self._chain(entry, gone.get("prev"))
                break
        return seq

    def add(self, seq: int, entry: Entry) -> int:
        """Put an entry in, chained to its person's entries, and let all after it move down."""
        self._move(lambda old: old + (old >= seq))
        tag = entry.get("tag")
        mine = [s for s, e in enumerate(self.log[:seq]) if tag and e.get("tag") == tag]
        after = next((e for e in self.log[seq:] if tag and e.get("tag") == tag), None)
        added = {name: value for name, value in entry.items() if name != "prev"}
        self.log.insert(seq, added)
        self._chain(added, mine[-1] if mine else None)
        if after is not None:
            after["prev"] = seq
        return seq

    @staticmethod
    def _chain(entry: Entry, prev: int | None) -> None:
        entry.pop("prev", None)
        if prev is not None:
            entry["prev"] = prev

    def _move(self, moved: Callable[[int], int]) -> None:
        for entry in self.log:
            entry |= {name: moved(entry[name]) for name in _PLACES if name in entry}
        for folder in ("openings", "blocks"):
            files = {path: moved(int(path.stem)) for path in (self.bundle / folder).iterdir()}
            for path in files:
                path.rename(path.with_suffix(".moving"))
            for path, new in files.items():
                target = path.with_stem(str(new))
                path.with_suffix(".moving").rename(target)
                if folder == "openings":
                    opened = json.loads(target.read_bytes()) | {"seq": new}
                    target.write_bytes(entries.canonical(opened))

    def close(self, *, size: int | None = None, signer: notes.Signer | None = None) -> Path:
        """Write entries, tiles, manifest and a checkpoint that is really signed."""
        tree = write_log(self.bundle, [entries.canonical(entry) for entry in self.log])
        sign(self.bundle, signer or self.signer, tree, size=size)
        return self.bundle


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


def sign(
    bundle: Path, signer: notes.Signer, tree: merkle.Tree, *, size: int | None = None
) -> None:
    """Write checkpoint and manifest for a tree, or as if it had another size."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    count = len(tree) if size is None else size
    text = notes.Checkpoint(manifest["origin"], count, tree.root()).text()
    (bundle / "checkpoint").write_text(signer.note(text), encoding="utf-8")
    manifest |= {"size": count, "root": tree.root().hex()}
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
