# SPDX-License-Identifier: Apache-2.0
"""Blocks of decisions, read back: a slot as the decision it is, denials, facts opened."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from consent import blocks, entries, merkle
from consent.arrays import VERDICTS
from consent.errors import Misused
from consent.keys import KeyStore
from consent.merkle import Hash
from consent.tables import block, chain, entry
from consent.words import Reason, Subject

_WIDTH = blocks.RECORD.itemsize
_VIEW = 32
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One slot of a block: the bytes that its inner tree holds."""

    seq: int
    slot: int
    record: bytes


def slot_of(connection: Connection, seq: int, slot: int) -> Slot:
    """Read one slot. Errors: Misused(unknown-key) where the block has none of that number."""
    wanted = func.substr(block.c.records, slot * _WIDTH + 1, _WIDTH)
    record = connection.execute(select(wanted).where(block.c.seq == seq)).scalar()
    if record is None or len(record) != _WIDTH:
        raise Misused(Reason.UNKNOWN_KEY, f"there is no slot {slot} in entry {seq}")
    return Slot(seq=seq, slot=slot, record=bytes(record))


def proof_of(connection: Connection, one: Slot) -> tuple[Hash, ...]:
    """Prove that a slot is in its block, under the inner root that the entry names."""
    records = connection.execute(select(block.c.records).where(block.c.seq == one.seq))
    return blocks.proof(bytes(records.scalar_one()), one.slot)


def decision(body: Mapping[str, Any], one: Slot) -> dict[str, Any]:
    """Say what a slot decided, in the words of a decision's entry; `t` stays `block`."""
    said = blocks.read(one.record)
    allowed = said.reason is None
    fields = {
        "slot": one.slot,
        "tag": said.tag,
        "facts": said.facts,
        "verdict": "allow" if allowed else "deny",
        "reasons": None if allowed else [str(said.reason)],
        "basis": said.kind,
        "epoch": said.epoch,
        "not_after": body.get("not_after") if allowed else None,
        "prev": said.prev if said.prev_slot is None else [said.prev, said.prev_slot],
    }
    named = ("v", "t", "at", "run", "step", "purpose", "policy")
    told = {name: body[name] for name in named if name in body}
    return told | {name: value for name, value in fields.items() if value is not None}


def denials(connection: Connection) -> Counter[str]:
    """Count the denied slots of all blocks by reason."""
    counted: Counter[str] = Counter()
    decided = select(block.c.records).where(block.c.nonce.is_not(None))
    for records in connection.execute(decided).scalars():
        codes = blocks.verdicts(bytes(records)).tolist()
        counted += Counter(VERDICTS[code] for code in codes if code)
    return counted


def denied(connection: Connection, start: int, end: int) -> Counter[tuple[str, str]]:
    """Count by step and reason what was denied in the entries from `start` to below `end`."""
    counted: Counter[tuple[str, str]] = Counter()
    there = (entry.c.seq >= start, entry.c.seq < end)
    single = select(entry.c.body).where(entry.c.t == "decision", *there)
    for body in connection.execute(single).scalars():
        said = entries.decode(body)
        counted.update((said["step"], reason) for reason in said.get("reasons", ()))
    rows = select(entry.c.body, block.c.records).join(block, block.c.seq == entry.c.seq)
    for body, records in connection.execute(rows.where(block.c.nonce.is_not(None), *there)):
        codes = blocks.verdicts(bytes(records))
        step = entries.decode(body)["step"]
        counted.update((step, VERDICTS[code]) for code in codes[codes > 0].tolist())
    return counted


def effects(connection: Connection, since: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the log's effects in order, from an entry on; each with its entry's number."""
    mine = (entry.c.t == "effect", entry.c.seq >= since)
    wanted = select(entry.c.seq, entry.c.body).where(*mine).order_by(entry.c.seq)
    for seq, body in connection.execute(wanted):
        yield seq, entries.decode(body)


def damaged(connection: Connection) -> tuple[int, ...]:
    """Name the block entries whose records are not those that the entry names by their root."""
    rows = select(block.c.seq, entry.c.body, block.c.records)
    found = connection.execute(rows.join(entry, entry.c.seq == block.c.seq).order_by(block.c.seq))
    return tuple(seq for seq, body, records in found if not whole(entries.decode(body), records))


def whole(body: Mapping[str, Any], records: bytes) -> bool:
    """Compare a block's records with the count and root that its entry names.

    Shapes: a block of decisions has wider records than one of views.
    """
    width = _WIDTH if "policy" in body else _VIEW
    leaves = [
        merkle.leaf_hash(bytes(records[start : start + width]))
        for start in range(0, len(records), width)
    ]
    return (len(leaves), merkle.root_of(leaves).hex()) == (body["n"], body["inner"])


def openings(
    connection: Connection, keys: KeyStore, size: int
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Open the facts of the blocks below `size`, of whoever's secret still exists."""
    ends = connection.execute(select(chain.c.tag, chain.c.subject)).all()
    people = {tag: Subject(subject) for tag, subject in ends}
    columns = (block.c.seq, block.c.records, block.c.nonce, block.c.sealed)
    decided = select(*columns).where(block.c.seq < size, block.c.nonce.is_not(None))
    for seq, records, nonce, sealed in connection.execute(decided.order_by(block.c.seq)):
        owners = [people.get(tag) for tag in _tags(bytes(records))]
        held = keys.secrets([owner for owner in owners if owner is not None])
        known = [_NOBODY if one is None else held.get(one, _NOBODY) for one in owners]
        yield seq, {"seq": seq} | _opened(known, bytes(nonce), bytes(sealed))


def _tags(records: bytes) -> Sequence[str]:
    starts = range(0, len(records), _WIDTH)
    return [entries.base64url(records[start : start + 16]) for start in starts]


def _opened(secrets: Sequence[bytes], nonce: bytes, sealed: bytes) -> dict[str, Any]:
    hidden = blocks.masks(secrets, nonce)
    packed = blocks.sealed(sealed, hidden)
    there = [slot for slot, secret in enumerate(secrets) if secret != _NOBODY]
    width = blocks.PACKED.itemsize
    facts: dict[bytes, int] = {}
    slots = []
    for slot in there:
        own = packed[slot * width : (slot + 1) * width]
        salt = entries.base64url(hidden.salts[slot * width : (slot + 1) * width])
        slots.append([slot, salt, facts.setdefault(own, len(facts))])
    return {"facts": [json.loads(blocks.opened(own)) for own in facts], "slots": slots}
