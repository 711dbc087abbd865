# SPDX-License-Identifier: Apache-2.0
"""Decisions in a block: fixed-width records under one inner root, facts hidden for each person.

One HMAC a slot, under the secret of its person: 16 bytes salt the commitment to the facts, 16
bytes hide the facts themselves. So an opening needs no row, and dies with the secret.
Shapes: n slots; a record is 70 bytes, packed facts are 16.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent import entries, merkle
from consent.arrays import KINDS, VERDICTS, FactArrays, Numbers, Verdicts
from consent.words import Kind, Reason

MOST: Final = 10_000
"""Slots of one block."""
NONE: Final = (1 << 64) - 1
NO_SLOT: Final = (1 << 32) - 1
RECORD: Final = np.dtype(
    [
        ("tag", "V16"),
        ("facts", "V32"),
        ("epoch", ">u8"),
        ("prev", ">u8"),
        ("prev_slot", ">u4"),
        ("kind", "u1"),
        ("verdict", "u1"),
    ]
)
RELIED: Final[tuple[Kind | None, ...]] = (None, Kind.EXPLICIT, Kind.PARENTAL, Kind.IMPLIED)
"""What a record's kind of basis means, by its number."""
MOST_USES: Final = (1 << 16) - 1
"""Counts of uses stop here, in what is decided on as in what is packed."""
_RELIED_OF: Final = np.array([RELIED.index(kind) for kind in KINDS], np.uint8)
_LABEL: Final = b"onlyou block 1"
_SALT: Final = 16
_FLAGS: Final = ("withdrawn", "expired", "notice_current", "preview", "confirmed", "paused")
_REGION: Final = 8
PACKED: Final = np.dtype(
    [
        ("flags", "u1"),
        ("kind", "u1"),
        ("age_band", "u1"),
        ("spare", "u1"),
        ("used_day", ">u2"),
        ("used_week", ">u2"),
        ("region", f"S{_REGION}"),
    ]
)

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """What hides each slot's facts. Shapes: salts and pads n x 16 bytes, one after the other."""

    salts: bytes
    pads: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One slot's record, read."""

    tag: str
    facts: str
    epoch: int | None
    prev: int | None
    prev_slot: int | None
    kind: Kind | None
    reason: Reason | None  #: None where it says allow


# --- hiding and opening facts


def masks(secrets: Sequence[bytes], nonce: bytes) -> Masks:
    """Derive every slot's salt and pad: HMAC-SHA256 of label, nonce and slot, written out.

    Written out as its two hashes over rows that NumPy lays out at once, which halves its cost.
    """
    count = len(secrets)
    said = np.frombuffer(_LABEL + nonce, np.uint8)
    slots = np.arange(count, dtype=">u4").view(np.uint8).reshape(count, 4)
    told = np.concatenate([np.broadcast_to(said, (count, len(said))), slots], axis=1)
    keys = np.zeros((count, _BLOCK), np.uint8)
    keys[:, : len(secrets[0]) if count else 0] = _rows(b"".join(secrets), count)
    inner = _rows(b"".join(_hashes(np.concatenate([keys ^ _INNER, told], axis=1))), count)
    outer = b"".join(_hashes(np.concatenate([keys ^ _OUTER, inner], axis=1)))
    halves = _rows(outer, count)
    return Masks(salts=halves[:, :_SALT].tobytes(), pads=halves[:, _SALT:].tobytes())


_BLOCK: Final = 64
_INNER: Final = np.uint8(0x36)
_OUTER: Final = np.uint8(0x5C)


def _rows(joined: bytes, count: int) -> Bytes:
    return np.frombuffer(joined, np.uint8).reshape(count, -1 if count else 0)


def _hashes(rows: Bytes) -> list[bytes]:
    """Hash every row with SHA-256."""
    count, width = rows.shape
    content, sha256 = rows.tobytes(), hashlib.sha256
    ends = range(0, count * width, width)
    return [sha256(content[start : start + width]).digest() for start in ends]


def pack(facts: FactArrays) -> bytes:
    """Write facts as 16 bytes a slot. Errors: ValueError for a region of more than 8 letters."""
    if any(len(name or "") > _REGION or not (name or "").isascii() for name in facts.regions):
        raise ValueError(f"expected regions of at most {_REGION} letters, got {facts.regions}")
    packed = np.zeros(len(facts), PACKED)
    for bit, name in enumerate(_FLAGS):
        packed["flags"] |= getattr(facts, name).astype(np.uint8) << bit
    packed["kind"], packed["age_band"] = facts.kind, facts.age_band
    packed["used_day"], packed["used_week"] = facts.used_day, facts.used_week
    packed["region"] = np.array([name or "" for name in facts.regions], "S8")[facts.region]
    return packed.tobytes()


def unpack(packed: bytes) -> FactArrays:
    """Read facts that `pack` wrote."""
    rows = np.frombuffer(packed, PACKED)
    named, region = np.unique(rows["region"], return_inverse=True)
    flags = {name: (rows["flags"] >> bit & 1).astype(bool) for bit, name in enumerate(_FLAGS)}
    return FactArrays(
        kind=rows["kind"].astype(np.int64),
        age_band=rows["age_band"].astype(np.int64),
        region=region.astype(np.int64),
        used_day=rows["used_day"].astype(np.int64),
        used_week=rows["used_week"].astype(np.int64),
        regions=tuple(name.decode() or None for name in named.tolist()),
        **flags,
    )


def sealed(packed: bytes, hidden: Masks) -> bytes:
    """Hide packed facts under their slots' pads, or find them again: it is its own inverse."""
    return (np.frombuffer(packed, np.uint8) ^ np.frombuffer(hidden.pads, np.uint8)).tobytes()


def distinct(packed: bytes) -> tuple[list[bytes], list[int]]:
    """Return the different facts there are, still packed, and which of them each slot has."""
    rows = np.frombuffer(packed, f"V{PACKED.itemsize}")
    known, place = np.unique(rows, return_inverse=True)
    return known.tolist(), place.tolist()


@lru_cache(maxsize=4_096)
def opened(packed: bytes) -> bytes:
    """Write one slot's packed facts as the canonical JSON that is committed to."""
    return entries.canonical(unpack(packed).one(0).opening())


def commitments(packed: bytes, hidden: Masks) -> bytes:
    """Commit to every slot's facts: SHA-256(salt || canonical facts), 32 bytes each."""
    different, place = distinct(packed)
    facts = [opened(one) for one in different]
    salts, sha256 = hidden.salts, hashlib.sha256
    return b"".join(
        [
            sha256(salts[start : start + _SALT] + facts[one]).digest()
            for start, one in zip(range(0, len(salts), _SALT), place, strict=True)
        ]
    )


# --- records and their root


def records(
    *,
    tags: Bytes,
    committed: bytes,
    epochs: Numbers,
    prevs: Numbers,
    prev_slots: Numbers,
    kinds: Numbers,
    verdicts: Verdicts,
) -> bytes:
    """Write one record a slot. A number below zero is none; `kinds` are places in KINDS."""
    rows = np.zeros(len(epochs), RECORD)
    rows["tag"] = tags.reshape(-1).view("V16")
    rows["facts"] = np.frombuffer(committed, "V32")
    rows["epoch"] = np.where(epochs < 0, np.uint64(NONE), epochs.astype(np.uint64))
    rows["prev"] = np.where(prevs < 0, np.uint64(NONE), prevs.astype(np.uint64))
    rows["prev_slot"] = np.where(prev_slots < 0, NO_SLOT, prev_slots).astype(np.uint32)
    rows["kind"] = np.where(epochs < 0, 0, _RELIED_OF[kinds])
    rows["verdict"] = verdicts
    return rows.tobytes()


def leaves(written: bytes) -> list[merkle.Hash]:
    """Hash every record as a leaf of the inner tree."""
    rows = np.frombuffer(written, np.uint8).reshape(-1, RECORD.itemsize)
    return _hashes(np.pad(rows, ((0, 0), (1, 0))))


def root(written: bytes) -> merkle.Hash:
    """Return the inner root over the records, level by level."""
    level = leaves(written)
    while len(level) > 1:
        pairs = len(level) // 2
        rows = np.frombuffer(b"".join(level[: 2 * pairs]), np.uint8).reshape(pairs, -1)
        joined = np.pad(rows, ((0, 0), (1, 0)), constant_values=1)
        level = _hashes(joined) + level[2 * pairs :]
    return level[0] if level else merkle.EMPTY_ROOT


def proof(written: bytes, slot: int) -> tuple[merkle.Hash, ...]:
    """Prove that a record is in its block."""
    tree = merkle.Tree(leaves(written))
    return tree.inclusion(slot, len(tree))


def read(record: bytes) -> Recorded:
    """Read one record. Errors: ValueError for bytes that are none."""
    (row,) = np.frombuffer(record, RECORD)
    if row["kind"] >= len(RELIED) or row["verdict"] >= len(VERDICTS):
        raise ValueError("expected a record of a block, got a kind or verdict that is none")
    epoch, prev, slot = int(row["epoch"]), int(row["prev"]), int(row["prev_slot"])
    return Recorded(
        tag=entries.base64url(bytes(row["tag"])),
        facts=entries.base64url(bytes(row["facts"])),
        epoch=None if epoch == NONE else epoch,
        prev=None if prev == NONE else prev,
        prev_slot=None if slot == NO_SLOT else slot,
        kind=RELIED[row["kind"]],
        reason=Reason(VERDICTS[row["verdict"]]) if row["verdict"] else None,
    )


def verdicts(written: bytes) -> Verdicts:
    """Read every slot's verdict as a number of VERDICTS."""
    said: Verdicts = np.frombuffer(written, RECORD)["verdict"]
    return said


def tags(texts: Iterable[str]) -> Bytes:
    """Read many base64url tags at once. Shapes: (n, 16)."""
    joined = "".join([f"{text}==" for text in texts]).encode()
    values = _SIXES[np.frombuffer(joined, np.uint8)].reshape(-1, 4).astype(np.uint32)
    whole = values[:, 0] << 18 | values[:, 1] << 12 | values[:, 2] << 6 | values[:, 3]
    threes = whole.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:]
    return threes.reshape(-1, 18)[:, :16]


def _sixes() -> Bytes:
    table = np.zeros(256, np.uint8)
    table[np.frombuffer(_ALPHABET, np.uint8)] = np.arange(len(_ALPHABET))
    return table


_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SIXES: Final = _sixes()
