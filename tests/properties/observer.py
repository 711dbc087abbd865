# SPDX-License-Identifier: Apache-2.0
"""The log as an observer follows it, entry by entry, and what an act left in the database."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from consent import entries, merkle, notes
from tests.properties.model import Holding

Fact = tuple[Any, ...]
RECORD, NOTHING, NO_SLOT = 70, (1 << 64) - 1, (1 << 32) - 1
"""A record of a block as the format says, told here a second time."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the database and the ledger hold, read once after each act."""

    rows: dict[str, set[Fact]]
    effects: dict[str, list[Fact]]
    permits: dict[str, set[Fact]]
    bases: set[Holding]
    keys: set[Holding]


@dataclass(slots=True)
class Log:
    """The log as an observer follows it: every entry once, and what they say of everybody."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    tree: merkle.Tree = field(default_factory=merkle.Tree)
    lasts: dict[str, Any] = field(default_factory=dict)
    holds: dict[tuple[str, str], int] = field(default_factory=dict)
    keys: set[tuple[str, str, int]] = field(default_factory=set)
    quoted: set[int] = field(default_factory=set)
    slots: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    signed: list[notes.Checkpoint] = field(default_factory=list)
    paused: dict[str, int] = field(default_factory=dict)

    def follow(self, body: dict[str, Any], records: bytes) -> None:
        """Take one more entry: the chains of its people, and what it says of what holds."""
        seq, tag = len(self.bodies), body.get("tag")
        self.bodies.append(body)
        if "policy" in body and body["t"] == "block":
            self._slots(seq, body, records)
        if tag is None:
            return
        assert body.get("prev") == self.lasts.get(tag), f"I4: entry {seq} names another before it"
        self.lasts[tag] = seq
        _FOLDS.get(body["t"], _nothing)(self, seq, body)

    def _slots(self, seq: int, body: dict[str, Any], records: bytes) -> None:
        """Follow the chain of everybody in a block, and keep what each slot decided."""
        assert len(records) == RECORD * body["n"], "I4: a block without its records"
        cut = [records[at : at + RECORD] for at in range(0, len(records), RECORD)]
        inner = merkle.root_of([merkle.leaf_hash(record) for record in cut])
        assert inner.hex() == body["inner"], "I4: a block has other records"
        for slot in range(body["n"]):
            record = cut[slot]
            tag = entries.base64url(record[:16])
            prev, prev_slot = struct.unpack(">QI", record[56:68])
            before = prev if prev_slot == NO_SLOT else [prev, prev_slot]
            known = self.lasts.get(tag, NOTHING)
            assert before == known, f"I4: slot {slot} of {seq} names another before it"
            self.lasts[tag] = [seq, slot]
            stopped = body["at"] < self.paused.get(tag, 0) and not record[69]
            assert not stopped, f"I18: slot {slot} of {seq} allows though everything is paused"
            self.slots[seq, slot] = {
                "t": "decision",
                "tag": tag,
                "step": body["step"],
                "verdict": "deny" if record[69] else "allow",
            }

    def decided(self, seq: int, slot: int) -> dict[str, Any]:
        """Return a decision, whether an entry of its own or a slot of a block."""
        return self.slots.get((seq, slot)) or self.bodies[seq]

    def _grant(self, seq: int, body: dict[str, Any]) -> None:
        key = (body["tag"], body["purpose"])
        self._noticed(body)
        assert key not in self.holds, "I7: a second beginning"
        self.holds[key] = seq
        self.keys.add((*key, seq))

    def _renew(self, _seq: int, body: dict[str, Any]) -> None:
        self._noticed(body)
        assert (body["tag"], body["purpose"]) in self.holds, "I7: a renewal of nothing"

    def _noticed(self, body: dict[str, Any]) -> None:
        served = body.get("served", -1)
        before = self.bodies[served] if 0 <= served < len(self.bodies) - 1 else {}
        same = ("tag", "purpose", "notice")
        honest = before.get("t") == "notice.served" and all(body[n] == before[n] for n in same)
        assert honest, "I7: a yes without the notice served before it"
        assert served not in self.quoted, "I7: one serving quoted twice"
        self.quoted.add(served)

    def _end(self, _seq: int, body: dict[str, Any]) -> None:
        ended = self.holds.pop((body["tag"], body["purpose"]), None)
        assert ended == body.get("epoch"), "I7: an end without its beginning"

    def _shred(self, _seq: int, body: dict[str, Any]) -> None:
        key = (body["tag"], body["purpose"], body["epoch"])
        assert key in self.keys, "I7: a key was destroyed that was never made"
        self.keys.discard(key)

    def _pause(self, _seq: int, body: dict[str, Any]) -> None:
        self.paused[body["tag"]] = body.get("not_after", NOTHING)

    def _resume(self, _seq: int, body: dict[str, Any]) -> None:
        self.paused.pop(body["tag"], None)

    def _act(self, seq: int, body: dict[str, Any]) -> None:
        """Expect that nothing but looking is allowed or done in a pause."""
        stopped = body["at"] < self.paused.get(body["tag"], 0) and body["step"] != "view"
        done = body["t"] == "effect" or body.get("verdict") == "allow"
        assert not (stopped and done), f"I18: entry {seq}, a {body['step']}, stands in a pause"


def _nothing(*_: object) -> None:
    return


_FOLDS: dict[str, Callable[[Log, int, dict[str, Any]], None]] = {
    "grant": Log._grant,
    "renew": Log._renew,
    "withdraw": Log._end,
    "expire": Log._end,
    "key.destroy": Log._shred,
    "pause": Log._pause,
    "resume": Log._resume,
    "decision": Log._act,
    "effect": Log._act,
}
