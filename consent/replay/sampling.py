# SPDX-License-Identifier: Apache-2.0
"""A few flips to look at one by one, chosen by the log itself and proved to be in it.

Rules:
1. the root seeds the draw: flip i is number SHA-256(root || i) modulo all flips, each taken once;
   nobody chose them, and anybody who has the bundle draws the same
2. each comes with its entry, word for word, and the proof that the root covers it
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from consent import merkle
from consent.arrays import VERDICTS
from consent.replay.comparison import Comparison
from consent.replay.proving import Prover
from consent.replay.recorded import PURPOSES, STEPS

SAMPLED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One recorded decision that another policy would take differently, with its proof."""

    policy: str
    seq: int
    slot: int | None
    step: str
    purpose: str
    then: str
    now: str
    entry: str
    leaf: str
    proof: tuple[str, ...]
    record: str | None  #: of a decision in a block: its 70 bytes in hex
    inner: tuple[str, ...]  #: and its proof against the entry's inner root


def sample(
    directory: Path, found: Mapping[str, Comparison], count: int = SAMPLED
) -> tuple[Sample, ...]:
    """Draw flips of all policies together. Errors: ValueError for no comparison at all."""
    recorded = next(iter(found.values())).recorded
    rows = {policy: np.flatnonzero(one.flips) for policy, one in found.items()}
    total = sum(map(len, rows.values()))
    prover = Prover(directory, recorded.told.size)
    drawn = sorted(_drawn(recorded.told.root, total, min(count, total)))
    return tuple(_sampled(prover, found, *_place(rows, number)) for number in drawn)


def _drawn(root: str, total: int, count: int) -> set[int]:
    numbers: set[int] = set()
    turn = 0
    while len(numbers) < count:
        digest = hashlib.sha256(bytes.fromhex(root) + turn.to_bytes(8, "big")).digest()
        numbers.add(int.from_bytes(digest, "big") % total)
        turn += 1
    return numbers


def _place(rows: Mapping[str, np.ndarray], number: int) -> tuple[str, int]:
    """Find which policy and row a number among all flips is."""
    for policy, mine in rows.items():
        if number < len(mine):
            return policy, int(mine[number])
        number -= len(mine)
    raise IndexError(number)


def _sampled(prover: Prover, found: Mapping[str, Comparison], policy: str, row: int) -> Sample:
    one = found[policy]
    recorded = one.recorded
    seq, slot = int(recorded.seq[row]), int(recorded.slot[row])
    body = prover.entry(seq)
    record, inner = prover.record(seq, slot) if slot >= 0 else (None, ())
    return Sample(
        policy=policy,
        seq=seq,
        slot=slot if slot >= 0 else None,
        step=str(STEPS[recorded.step[row]]),
        purpose=str(PURPOSES[recorded.purpose[row]]),
        then=VERDICTS[recorded.verdict[row]],
        now=VERDICTS[one.verdict[row]],
        entry=body.decode(),
        leaf=merkle.leaf_hash(body).hex(),
        proof=tuple(node.hex() for node in prover.inclusion(seq)),
        record=None if record is None else record.hex(),
        inner=tuple(node.hex() for node in inner),
    )
