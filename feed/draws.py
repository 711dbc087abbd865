# SPDX-License-Identifier: Apache-2.0
"""Draw one number a person, a day and a run: the same whatever the chunk, worker or order.

Philox 4x32-10, counter-based: the key is the run's, the counter is the person and the day, so
nothing is consumed in sequence and a replay is bit-exact.
Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11.
"""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MULTIPLY: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL: Final = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_LOW: Final = np.uint64(0xFFFFFFFF)
_WORD: Final = np.uint64(32)
_ROUNDS: Final = 10
_MANTISSA: Final = 53

Words = NDArray[np.uint64]


def run_key(seed: int) -> int:
    """Make a run's 64-bit key of its seed."""
    return int.from_bytes(hashlib.sha256(b"onlyou draw %d" % seed).digest()[:8], "big")


def uniform(key: int, people: Words, day: int) -> NDArray[np.float64]:
    """Draw one number in [0, 1) for each person on that day.

    Shapes: people is (n,) 64-bit draw keys; returns (n,). Units: day is days since 1970 UTC.
    """
    days = np.full(people.shape, day, np.uint64)
    high, low, _, _ = philox(
        (people & _LOW, people >> _WORD, days & _LOW, np.zeros_like(people)),
        (np.uint64(key & int(_LOW)), np.uint64(key >> 32)),
    )
    bits = (high << _WORD | low) >> np.uint64(64 - _MANTISSA)
    return bits.astype(np.float64) / np.float64(1 << _MANTISSA)


def philox(
    counter: tuple[Words, Words, Words, Words], key: tuple[np.uint64, np.uint64]
) -> tuple[Words, Words, Words, Words]:
    """Scramble counters under a key. Shapes: four (n,) arrays of 32-bit words, in and out."""
    a, b, c, d = counter
    k, m = key
    for _ in range(_ROUNDS):
        left, right = a * _MULTIPLY[0], c * _MULTIPLY[1]
        a, b, c, d = right >> _WORD ^ b ^ k, right & _LOW, left >> _WORD ^ d ^ m, left & _LOW
        k, m = (k + _WEYL[0]) & _LOW, (m + _WEYL[1]) & _LOW
    return a, b, c, d
