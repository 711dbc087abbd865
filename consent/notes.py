# SPDX-License-Identifier: Apache-2.0
"""Signed notes, checkpoints and cosignatures as C2SP writes them: text, one signature a line.

Key hash = first 4 bytes of SHA-256(name || 0x0A || type || public key); a signature line carries
base64(key hash || signature). Types, by what is signed:
1 Ed25519 over the text itself: the log's own line, and receipts
4 Ed25519 over `cosignature/v1`, a time and the text: a witness's line
6 ML-DSA-44 over the struct `subtree/v1`: name, time, origin, size, root. A log's second line, with
  its origin as the name and the time 0, which says nothing about other trees
Source: C2SP signed-note, tlog-checkpoint ("the cosigner name SHOULD be the log origin"),
tlog-cosignature.
"""

import base64
import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import (
        MLDSA44PrivateKey,
        MLDSA44PublicKey,
    )
except ImportError:  # pragma: no cover - cryptography before 47 has none: then there is no line
    MLDSA44PrivateKey = MLDSA44PublicKey = None  # type: ignore[assignment,misc]

ED25519: Final = b"\x01"
COSIGNED: Final = b"\x04"
QUANTUM_SAFE: Final = b"\x06"
HASH_BYTES: Final = 32
_DASH: Final = "\N{EM DASH}"
_KEY_HASH_BYTES: Final = 4
_STAMP_BYTES: Final = 8
_LATEST: Final = (1 << 63) - 1
_LABEL: Final = b"subtree/v1\n\x00"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says about itself: its name, how many entries, the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_hash(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """Return the four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:_KEY_HASH_BYTES]


def verifier_key(name: str, public: bytes, kind: bytes = ED25519) -> str:
    """Write a verifier key line: name+hash+base64(type || key)."""
    encoded = base64.b64encode(kind + public).decode()
    return f"{name}+{key_hash(name, public, kind).hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A verifier key line, read: whose, of which type, and the four bytes that name it."""

    name: str
    named: bytes
    kind: bytes
    public: bytes


def read_key(line: str) -> VerifierKey:
    """Read a verifier key line. Errors: ValueError where it is none or its hash is another's."""
    name, _, rest = line.strip().partition("+")
    hexed, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    key = VerifierKey(name, bytes.fromhex(hexed), raw[:1], raw[1:])
    if not is_name(name) or key_hash(name, key.public, key.kind) != key.named:
        raise ValueError(f"no verifier key: {line[:80]!r}")
    return key


def is_name(name: str) -> bool:
    """Say whether a key may be called so: something, without spaces and without a plus."""
    return bool(name) and "+" not in name and len(name.split()) == 1 and name.isprintable()


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
        return _line(self.name, key_hash(self.name, self._public), signature)

    def note(self, text: str) -> str:
        """Return the whole signed note: text, blank line, signature line."""
        return f"{text}\n{self.line(text)}\n"


class Cosigner:
    """Cosign checkpoints as a witness does: type 4, with the time of the signature."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name = name
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """Return the verifier key line that others check with."""
        return verifier_key(self.name, self._public, COSIGNED)

    def line(self, text: str, seconds: int) -> str:
        """Sign a checkpoint's text as of a POSIX time; return the signature line."""
        signature = _stamp(seconds) + self._key.sign(_cosigned(text, seconds))
        return _line(self.name, key_hash(self.name, self._public, COSIGNED), signature)


class QuantumSafeSigner:
    """Sign checkpoints with ML-DSA-44: type 6. Two signatures of one text differ: they are salted.

    Errors: UnsupportedAlgorithm where the library has no ML-DSA.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        if MLDSA44PrivateKey is None:  # pragma: no cover - cryptography before 47
            raise UnsupportedAlgorithm("this version of cryptography has no ML-DSA")
        self.name = name
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self._public = self._key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """Return the verifier key line that others check with."""
        return verifier_key(self.name, self._public, QUANTUM_SAFE)

    def line(self, text: str) -> str:
        """Sign a checkpoint's text, at no stated time; return the signature line."""
        signature = _stamp(0) + self._key.sign(_tree_head(self.name, text, 0))
        return _line(self.name, key_hash(self.name, self._public, QUANTUM_SAFE), signature)


def quantum_safe(name: str, seed: bytes) -> QuantumSafeSigner | None:
    """Return a signer with ML-DSA-44, or None where the library has none."""
    try:
        return QuantumSafeSigner(name, seed)
    except UnsupportedAlgorithm:  # pragma: no cover - an OpenSSL without ML-DSA
        return None


def _line(name: str, named: bytes, signature: bytes) -> str:
    return f"{_DASH} {name} {base64.b64encode(named + signature).decode()}"


def _stamp(seconds: int) -> bytes:
    return struct.pack(">Q", seconds)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _tree_head(name: str, text: str, seconds: int) -> bytes:
    """Write the struct that ML-DSA-44 signs. Errors: ValueError for what is no checkpoint."""
    head = parse_checkpoint(text)
    cosigner, origin = name.encode(), head.origin.encode()
    return b"".join(
        (
            _LABEL,
            struct.pack(">B", len(cosigner)) + cosigner + _stamp(seconds),
            struct.pack(">B", len(origin)) + origin,
            struct.pack(">QQ", 0, head.size) + head.root,
        )
    )


def verify_line(text: str, line: str, verifier: str) -> bool:
    """Check one signature line over a text against one verifier key line."""
    return cosigned_at(text, line, verifier) is not None


def cosigned_at(text: str, line: str, verifier: str) -> int | None:
    """Return the POSIX time of a line that verifies, 0 for one without a time, else None."""
    try:
        return _checked(text, line, verifier)
    except InvalidSignature:
        return None


def _checked(text: str, line: str, verifier: str) -> int | None:
    """Check a line that names the key; None of any other, and of a key of an unknown type.

    Errors: InvalidSignature where the line names the key and does not verify.
    """
    try:
        key = read_key(verifier)
        signature = _signature(line, key)
    except ValueError:
        return None
    check = _CHECKS.get(key.kind)
    if signature is None or check is None:
        return None
    try:
        return check(text, signature, key)
    except UnsupportedAlgorithm:  # pragma: no cover - a library without ML-DSA
        return None
    except (ValueError, struct.error) as error:
        raise InvalidSignature from error


def _signature(line: str, key: VerifierKey) -> bytes | None:
    """Take the signature from a line that names this key; None from any other line."""
    dash, signer, blob = line.rstrip("\n").split(" ")
    raw = base64.b64decode(blob, validate=True)
    mine = (dash, signer, raw[:_KEY_HASH_BYTES]) == (_DASH, key.name, key.named)
    return raw[_KEY_HASH_BYTES:] if mine else None


def _plain(text: str, signature: bytes, key: VerifierKey) -> int:
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    return 0


def _of_witness(text: str, signature: bytes, key: VerifierKey) -> int:
    seconds = _seconds(signature)
    public = Ed25519PublicKey.from_public_bytes(key.public)
    public.verify(signature[_STAMP_BYTES:], _cosigned(text, seconds))
    return seconds


def _quantum_safe(text: str, signature: bytes, key: VerifierKey) -> int:
    if MLDSA44PublicKey is None:  # pragma: no cover - cryptography before 47
        raise UnsupportedAlgorithm("this version of cryptography has no ML-DSA")
    seconds = _seconds(signature)
    public = MLDSA44PublicKey.from_public_bytes(key.public)
    public.verify(signature[_STAMP_BYTES:], _tree_head(key.name, text, seconds))
    return seconds


def _seconds(signature: bytes) -> int:
    seconds: int = struct.unpack(">Q", signature[:_STAMP_BYTES])[0]
    if seconds > _LATEST:
        raise ValueError("a time beyond 2^63 - 1")
    return seconds


_CHECKS: Final[Mapping[bytes, Callable[[str, bytes, VerifierKey], int]]] = {
    ED25519: _plain,
    COSIGNED: _of_witness,
    QUANTUM_SAFE: _quantum_safe,
}


def open_note(note: str, *verifiers: str) -> str | None:
    """Return a note's text if one of its lines verifies under one of the keys, else None.

    Lines of other keys are passed over; one that names a key and does not verify spoils the note.
    """
    text, blank, signatures = note.rpartition("\n\n")
    signed = text + "\n"
    pairs = [(line, key) for line in signatures.splitlines() for key in verifiers]
    try:
        good = [line for line, key in pairs if _checked(signed, line, key) is not None]
    except InvalidSignature:
        return None
    return signed if blank and good else None


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's first three lines. Errors: ValueError, the writer's fault."""
    origin, size, encoded, *_ = text.split("\n")
    root = base64.b64decode(encoded, validate=True)
    if not origin or not size.isdecimal() or size != str(int(size)) or len(root) != HASH_BYTES:
        raise ValueError("no checkpoint: expected an origin, a size and a root of 32 bytes")
    return Checkpoint(origin, int(size), root)
