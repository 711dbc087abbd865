# SPDX-License-Identifier: Apache-2.0
"""What a run of entries began and did not end: yeses that stand, things that are kept.

A verifier does this for a whole log; here it is done for the entries that a backup has not, or for
one person's. Nobody's secret is needed: entries name people and things as they did before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from consent import blocks, entries, recorded
from consent.tables import entry
from consent.words import ROOTS, Actor, Purpose, Step
from consent.writing import Writing

Place = int | list[int]
"""How an entry names the one before it: a number, or that of a block with a slot."""
_LASTING: Final = (Step.SHARE, Step.STORE, Step.MODERATE, Step.ENROL)
"""What leaves a thing that is kept; the order in which equal names are destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing: what left it and, of a share, what it hangs on."""

    step: Step
    purpose: str = ""
    epoch: int = 0

    def hung(self) -> Mapping[str, Any]:
        """Say what its end names beside it: a share's basis."""
        return {"purpose": self.purpose, "epoch": self.epoch} if self.step is Step.SHARE else {}


class Remains:
    """Fold entries in their order; then say what is left of somebody, and end it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.ends: dict[str, Place] = {}  #: everybody's last entry here
        self.asked: set[str] = set()  #: who asked to be erased
        self.erased: set[str] = set()
        self._held: dict[str, dict[str, int]] = {}
        self._kept: dict[str, dict[str, list[Kept]]] = {}

    def take(self, seq: int, body: Mapping[str, Any], records: bytes) -> None:
        """Fold one entry."""
        if body["t"] == "block" and "policy" in body:
            for slot, named in enumerate(_tags(records)):
                self.ends[named] = [seq, slot]
        if "tag" in body:
            tag: str = body["tag"]
            self.ends[tag] = seq
            self._fold(seq, tag, body)

    def _fold(self, seq: int, tag: str, body: Mapping[str, Any]) -> None:
        match body["t"]:
            case "grant":
                self._held.setdefault(tag, {})[body["purpose"]] = seq
            case "withdraw" | "expire":
                self._held.get(tag, {}).pop(body["purpose"], None)
            case "effect":
                self._effect(tag, body)
            case "destroy":
                self._destroyed(tag, body)
            case "erase.request":
                self.asked.add(tag)
            case "erase.done":
                self.erased.add(tag)
            case _:
                pass

    def _effect(self, tag: str, body: Mapping[str, Any]) -> None:
        step, held = Step(body["step"]), "reasons" in body
        if step is Step.MODERATE and not held:
            self._drop(tag, body["object"], lambda one: one.step is Step.MODERATE)
        elif step in _LASTING:
            kept = Kept(step=step, **(self._basis(body) if step is Step.SHARE else {}))
            self._kept.setdefault(tag, {}).setdefault(body["object"], []).append(kept)

    def _basis(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Read from its decision what a share hangs on."""
        of = body["effect_of"]
        seq, slot = (of, None) if isinstance(of, int) else of
        row = self._connection.execute(select(entry.c.body).where(entry.c.seq == seq))
        said = entries.decode(bytes(row.scalar_one()))
        if slot is None:
            return {"purpose": said["purpose"], "epoch": said["epoch"]}
        record = recorded.slot_of(self._connection, seq, slot).record
        return {"purpose": said["purpose"], "epoch": blocks.read(record).epoch}

    def _destroyed(self, tag: str, body: Mapping[str, Any]) -> None:
        if "epoch" in body:
            self._drop(tag, body["object"], lambda one: one.epoch == body["epoch"])
        else:
            self._drop(tag, body["object"], lambda _: True)

    def _drop(self, tag: str, thing: str, which: Any) -> None:  # noqa: ANN401 - a test of one
        kept = self._kept.get(tag, {}).get(thing, [])
        found = [one for one in sorted(kept, key=_rank) if which(one)]
        if found:
            kept.remove(found[0])

    # --- what is left

    def people(self) -> tuple[str, ...]:
        """Name everybody of whom something is left or was said."""
        return tuple(sorted(self.ends))

    def end(self, writing: Writing, tag: str, prev: Place | None) -> Place | None:
        """Log that what is left of a person ended; return their last entry.

        Everything that was kept goes; bases go children first, then their keys.
        """
        held = sorted(self._held.get(tag, {}).items(), key=lambda one: Purpose(one[0]) in ROOTS)
        acts: list[tuple[str, dict[str, Any]]] = [
            ("expire", {"purpose": what, "epoch": epoch, "actor": Actor.SYSTEM})
            for what, epoch in held
        ]
        acts += [("destroy", {"content": thing, **one.hung()}) for thing, one in self._things(tag)]
        acts += [("key.destroy", {"purpose": what, "epoch": epoch}) for what, epoch in held]
        for t, more in acts:
            prev = writing.append(t, tag=tag, prev=prev, **more)
        return prev

    def _things(self, tag: str) -> Iterator[tuple[str, Kept]]:
        for thing, kept in sorted(self._kept.get(tag, {}).items()):
            for one in sorted(kept, key=_rank):
                yield thing, one


def _rank(kept: Kept) -> int:
    return _LASTING.index(kept.step)


def _tags(records: bytes) -> Iterator[str]:
    width = blocks.RECORD.itemsize
    for start in range(0, len(records), width):
        yield entries.base64url(records[start : start + 16])
