# SPDX-License-Identifier: Apache-2.0
"""Rule 1: signature lines under a checkpoint, as C2SP signed notes carry them.

Types: 1 Ed25519 over the text; 4 Ed25519 over `cosignature/v1`, a time and the text; 6 ML-DSA-44
over the struct `subtree/v1`. A line that nobody here can check counts as good and is reported as
unchecked. Source: C2SP signed-note, tlog-checkpoint, tlog-cosignature.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from consent.verify.findings import Findings

_ED25519: Final = 1
_COSIGNATURE: Final = 4
_QUANTUM_SAFE: Final = 6
_SHORT_BYTES: Final = 4
_ROOT_BYTES: Final = 32
_TIME_BYTES: Final = 8
_LATEST: Final = 1 << 63
_DASH: Final = "\N{EM DASH}"
_SIZE: Final = re.compile("0|[1-9][0-9]{0,15}")
_LINE: Final = re.compile(f"{_DASH} [^ +\\s]+ [A-Za-z0-9+/]+=*")
Check = Callable[[bytes, bytes, bytes], bool]


def ed25519() -> Check | None:
    """Return a function that checks (key, signature, message), or None without `cryptography`."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - it is optional
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PublicKey,
        )
    except ImportError:
        return None

    def check(key: bytes, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return check


def mldsa44() -> Check | None:
    """Do the same for ML-DSA-44, which only newer versions of `cryptography` have."""
    try:
        from cryptography.exceptions import (  # noqa: PLC0415 - it is optional
            InvalidSignature,
            UnsupportedAlgorithm,
        )
        from cryptography.hazmat.primitives.asymmetric.mldsa import (  # noqa: PLC0415
            MLDSA44PublicKey,
        )

        MLDSA44PublicKey.from_public_bytes(bytes(1_312))
    except Exception:  # noqa: BLE001 - whatever it lacks, then it cannot check
        return None

    def check(key: bytes, signature: bytes, message: bytes) -> bool:
        try:
            MLDSA44PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True

    return check


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint as it was read: text, its three lines, its signature lines."""

    text: str
    origin: str
    size: int
    root: bytes
    lines: tuple[str, ...]


def read_note(raw: bytes | None) -> Head | None:
    """Read a signed checkpoint, or None where it is none: a line under it that is no signature."""
    try:
        text, blank, signatures = (raw or b"").decode().rpartition("\n\n")
        origin, size, root, *_ = f"{text}\n".split("\n")
        hashed = exact_base64(root)
    except ValueError:
        return None
    *lines, end = signatures.split("\n")
    formed = blank and origin and not end and lines and all(map(_LINE.fullmatch, lines))
    if not formed or not _SIZE.fullmatch(size) or len(hashed) != _ROOT_BYTES:
        return None
    return Head(f"{text}\n", origin, int(size), hashed, tuple(lines))


def exact_base64(text: str) -> bytes:
    """Read base64 that has only this one spelling. Errors: ValueError."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("bits are left over")
    return raw


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name, the four bytes that stand for it on a signature line, its type and key."""

    name: str
    short: bytes
    kind: int
    key: bytes


def read_key(line: str) -> VerifierKey | None:
    """Read `name+hash+base64(type || key)`; None where it does not hang together."""
    try:
        name, short, encoded = line.split("+", 2)
        raw = exact_base64(encoded)
        hashed = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:_SHORT_BYTES]
    except ValueError:
        return None
    return VerifierKey(name, hashed, raw[0], raw[1:]) if raw and hashed.hex() == short else None


class Signatures:
    """Check the lines under a checkpoint, and count those checked and those that none here can."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        plain = ed25519()
        self._checks = {_ED25519: plain, _COSIGNATURE: plain, _QUANTUM_SAFE: mldsa44()}
        self.checked = 0
        self.unchecked = 0

    def log(
        self, head: Head, keys: Sequence[VerifierKey], file: str, *, every: bool = False
    ) -> None:
        """Expect a line of the log's own Ed25519 key, or of `every` key it has, all of them good.

        A checkpoint kept from before may be older than the log's second key.
        """
        told = [(key, blob) for key in keys for blob in _blobs(head, key)]
        signed = {key.short for key, _ in told}
        needed = {key.short for key in keys if every or key.kind == _ED25519}
        missing = needed - signed if every else not needed & signed
        if missing or not needed:
            detail = "a key of keys/log.vkey has signed no line"
            self._findings.add("signature-missing", detail, file=file)
        for key, blob in told:
            if not self._good(key, blob, head):
                detail = f"the line of {key.name!a} does not verify"
                self._findings.add("signature-invalid", detail, file=file)

    def witnesses(self, head: Head, threshold: int, keys: Sequence[VerifierKey]) -> None:
        """Expect lines of at least `threshold` witnesses of different names and keys."""
        good = [
            key
            for key in keys
            if key.kind in {_COSIGNATURE, _QUANTUM_SAFE}
            if True in [self._good(key, blob, head) for blob in _blobs(head, key)]
        ]
        told = min(len({key.name for key in good}), len({key.key for key in good}))
        if told < threshold:
            detail = f"{told} witnesses cosigned, {threshold} are needed"
            self._findings.add("witness-threshold", detail, file="checkpoint")

    def _good(self, key: VerifierKey, blob: bytes, head: Head) -> bool:
        """Say whether a line verifies; one that cannot be checked counts as good."""
        check = self._checks.get(key.kind)
        if check is None:
            self.unchecked += 1
            return True
        self.checked += 1
        if key.kind == _ED25519:
            return check(key.key, blob, head.text.encode())
        stamp, signature = int.from_bytes(blob[:_TIME_BYTES], "big"), blob[_TIME_BYTES:]
        signed = _signed_by_witness(key, stamp, head)
        return stamp < _LATEST and signed is not None and check(key.key, signature, signed)


def _signed_by_witness(key: VerifierKey, stamp: int, head: Head) -> bytes | None:
    """Return what a cosigner signs; None where it has no such form."""
    if key.kind == _COSIGNATURE:
        return f"cosignature/v1\ntime {stamp}\n{head.text}".encode()
    try:
        names = [bytes((len(raw),)) + raw for raw in (key.name.encode(), head.origin.encode())]
    except ValueError:
        return None
    moment, size = (number.to_bytes(8, "big") for number in (stamp, head.size))
    return b"".join((b"subtree/v1\n\x00", names[0], moment, names[1], bytes(8), size, head.root))


def _blobs(head: Head, key: VerifierKey) -> Iterator[bytes]:
    for line in head.lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            raw = exact_base64(encoded)
        except ValueError:
            continue
        if (dash, name, raw[:_SHORT_BYTES]) == (_DASH, key.name, key.short):
            yield raw[_SHORT_BYTES:]
