# SPDX-License-Identifier: Apache-2.0
"""The one place where keys, nonces and ids come from. Everything else takes a `Chance`."""

import hashlib
import secrets
from typing import Final, Protocol

_ID_BITS: Final = 63


class Chance(Protocol):
    """Draw unpredictable bytes."""

    def token(self, size: int) -> bytes:
        """Return `size` bytes fit for keys and nonces."""
        ...


class SystemChance:
    """The operating system's generator."""

    def token(self, size: int) -> bytes:
        """Return bytes from the operating system."""
        return secrets.token_bytes(size)


class FixedChance:
    """A repeatable stream for tests that compare ledger roots.

    Unsafe: whoever knows the seed knows the keys.

    `start` sets two runs on one home apart, so that no nonce is drawn twice.
    """

    def __init__(self, seed: int, start: int = 0) -> None:
        self._seed = f"onlyou unsafe {seed} {start}".encode()
        self._drawn = 0

    def token(self, size: int) -> bytes:
        """Return the next `size` bytes of SHA-256 in counter mode."""
        out = b""
        while len(out) < size:
            out += hashlib.sha256(self._seed + self._drawn.to_bytes(8, "big")).digest()
            self._drawn += 1
        return out[:size]


def identifier(chance: Chance) -> int:
    """Draw a 63-bit id for a person, a selfie or a portrait; never zero."""
    return (int.from_bytes(chance.token(8), "big") >> (64 - _ID_BITS)) or 1
