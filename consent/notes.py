# SPDX-License-Identifier: Apache-2.0
"""Signed notes and checkpoints as C2SP writes them: readable text, one signature a line.

Source: C2SP signed-note and tlog-checkpoint. Key hash = first 4 bytes of SHA-256(name || 0x0A ||
0x01 || public key); a signature line carries base64(key hash || Ed25519 signature).
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = b"\x01"
_DASH: Final = "\N{EM DASH}"
_HASH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says about itself: its name, how many entries, the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_hash(name: str, public: bytes) -> bytes:
    """Return the four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:_HASH_BYTES]


def verifier_key(name: str, public: bytes) -> str:
    """Write a verifier key line: name+hash+base64(type || key)."""
    encoded = base64.b64encode(ED25519 + public).decode()
    return f"{name}+{key_hash(name, public).hex()}+{encoded}"


class Signer:
    """Sign texts as one named Ed25519 key."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name = name
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """Return the verifier key line that others check with."""
        return verifier_key(self.name, self._public)

    def line(self, text: str) -> str:
        """Sign a text that ends with a newline; return the signature line without one."""
        signature = self._key.sign(text.encode())
        blob = base64.b64encode(key_hash(self.name, self._public) + signature).decode()
        return f"{_DASH} {self.name} {blob}"

    def note(self, text: str) -> str:
        """Return the whole signed note: text, blank line, signature line."""
        return f"{text}\n{self.line(text)}\n"


def verify_line(text: str, line: str, verifier: str) -> bool:
    """Check one signature line over a text against one verifier key line."""
    name, hexed, encoded = verifier.split("+", 2)
    try:
        dash, signer, blob = line.rstrip("\n").split(" ")
        raw = base64.b64decode(blob, validate=True)
        named = (dash, signer, raw[:_HASH_BYTES].hex()) == (_DASH, name, hexed)
        if not named:
            return False
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
        public.verify(raw[_HASH_BYTES:], text.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def open_note(note: str, verifier: str) -> str | None:
    """Return a note's text if one of its lines verifies under the key, else None."""
    text, blank, signatures = note.rpartition("\n\n")
    signed = text + "\n"
    good = any(verify_line(signed, line, verifier) for line in signatures.splitlines())
    return signed if blank and good else None


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's three lines. Errors: ValueError, the writer's fault."""
    origin, size, root = text.splitlines()[:3]
    return Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
