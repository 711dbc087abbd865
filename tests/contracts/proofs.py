# SPDX-License-Identifier: Apache-2.0
"""Proofs checked from the standards alone: RFC 9162 trees and C2SP signed notes."""

import base64
import hashlib
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def leaf(entry: bytes) -> bytes:
    return _hash(b"\x00" + entry)


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 section 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return _hash(b"\x01" + root(leaves[:half]) + root(leaves[half:]))


def included(entry: bytes, at: int, size: int, proof: Sequence[str], top: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    first, last, found = at, size - 1, leaf(entry)
    for other in map(bytes.fromhex, proof):
        if last == 0:
            return False
        if first & 1 or first == last:
            found = _hash(b"\x01" + other + found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = _hash(b"\x01" + found + other)
        first, last = first >> 1, last >> 1
    return last == 0 and found == top and at < size


def signed(text: str, line: str, key: str) -> None:
    """Check a signature line. Errors: AssertionError, InvalidSignature."""
    name, hashed, encoded = key.split("+", 2)
    public = base64.b64decode(encoded)
    assert _hash(name.encode() + b"\n" + public)[:4].hex() == hashed
    dash, signer, blob = line.split(" ")
    raw = base64.b64decode(blob)
    assert (dash, signer, raw[:4].hex()) == ("\N{EM DASH}", name, hashed)
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text.encode())


def checkpoint(note: str, key: str) -> tuple[int, bytes]:
    """Open a signed checkpoint: its size and root."""
    text, _, lines = note.partition("\n\n")
    signed(text + "\n", lines.split("\n")[0], key)
    origin, size, top = text.split("\n")[:3]
    assert origin == key.split("+", 1)[0]
    return int(size), base64.b64decode(top)


def receipt(made: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Check a receipt with nothing but the log's key, and return the entry it proves."""
    plain = {name: value for name, value in made.items() if name != "signature"}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    signed(text + "\n", made["signature"], key)
    size, top = checkpoint(made["checkpoint"], key)
    entry = base64.urlsafe_b64decode(made["entry"] + "=" * (-len(made["entry"]) % 4))
    assert included(entry, made["seq"], size, made["proof"], top)
    body: dict[str, Any] = json.loads(entry)
    return body


def entries(bundle: Path) -> list[bytes]:
    """Read a bundle's entries from its tiles, in order."""
    tiles = sorted(path for path in (bundle / "tile" / "entries").rglob("*") if path.is_file())
    return [entry for tile in tiles for entry in _split(tile.read_bytes())]


def _split(tile: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(tile):
        (length,) = struct.unpack(">H", tile[at : at + 2])
        yield tile[at + 2 : at + 2 + length]
        at += 2 + length
