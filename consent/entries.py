# SPDX-License-Identifier: Apache-2.0
"""What a ledger entry looks like: canonical JSON, commitments in place of personal data.

Canonical profile: RFC 8785 with ASCII keys, strings in NFC, integers below 2^53, no floats and no
nulls. Times are integer microseconds UTC; bytes are base64url without padding.
"""

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from consent.words import Actor, Kind, Purpose, Reason, Step

Value = int | str | bool | Sequence["Value"] | Mapping[str, "Value"]
VERSION: Final = 1
MAX_BYTES: Final = 65_535
_MAX_INT: Final = 1 << 53
_TAG_BYTES: Final = 16
_BLOCK: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
TYPES: Final = frozenset(
    (
        *("policy.publish", "notice.publish", "notice.served", "grant", "renew", "withdraw"),
        *("expire", "pause", "resume", "decision", "block", "effect", "label.shown", "destroy"),
        *("key.destroy", "erase.request", "erase.done", "experiment.start", "experiment.stop"),
        *("aggregate", "selftest", "checkpoint.witnessed", "schema.migrate", "admin"),
    )
)
"""Every type an entry may have (CONTRACTS.md); one is only ever added, never renamed."""

_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


_SORTED: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_SIMPLE: Final = frozenset((bool, int, str, Actor, Kind, Purpose, Reason, Step))


def canonical(body: Mapping[str, Value]) -> bytes:
    """Write a body as the one byte string that stands for it. Errors: ValueError, the caller's."""
    encoded = _quickly(body) or _checked(body)
    if len(encoded) > MAX_BYTES:
        raise ValueError(f"expected an entry of at most {MAX_BYTES} bytes, got {len(encoded)}")
    return encoded


def _quickly(body: Mapping[str, Value]) -> bytes | None:
    """Write what is canonical beyond doubt, as most bodies are; None for all else.

    Types are looked at first: orjson would write a float or a None. It keeps integers below 2^53
    itself, and what it wrote in ASCII alone needs no NFC. What it gives lies in a buffer of its
    own making, several times as large: a copy is what can be kept in thousands.
    """
    if type(body) is not dict or not _simple(body.values()):
        return None
    try:
        encoded = orjson.dumps(body, option=_SORTED)
    except orjson.JSONEncodeError:
        return None
    return bytes(memoryview(encoded)) if encoded.isascii() else None


def _simple(values: Collection[Any]) -> bool:
    return _SIMPLE.issuperset(map(type, values)) or all(map(_simple_one, values))


def _simple_one(value: Any) -> bool:  # noqa: ANN401 - it is here to find out
    kind = type(value)
    if kind is dict:
        return _simple(value.values())
    return kind in _SIMPLE or (kind in (list, tuple) and _simple(value))


def _checked(body: Mapping[str, Value]) -> bytes:
    _check(body)
    return _ENCODER.encode(body).encode()


def _check(value: Any) -> None:  # noqa: ANN401 - it is here to find out
    match value:
        case bool():
            return
        case int() if abs(value) < _MAX_INT:
            return
        case str() if unicodedata.is_normalized("NFC", value):
            return
        case Mapping() if all(isinstance(key, str) and key.isascii() for key in value):
            _check_all(value.values())
        case list() | tuple():
            _check_all(value)
        case _:
            raise ValueError(f"no canonical form for {type(value).__name__}")


def _check_all(values: Iterable[Any]) -> None:
    for value in values:
        _check(value)


def decode(body: bytes) -> dict[str, Any]:
    """Read an entry's body."""
    read: dict[str, Any] = json.loads(body)
    return read


def base64url(raw: bytes) -> str:
    """Write bytes as entries carry them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Read bytes as entries carry them."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def tag(secret: bytes, origin: str) -> str:
    """Name a person in one log, unlinkable to another log and, once erased, to anybody."""
    return base64url(hmac.digest(secret, b"tag" + origin.encode(), "sha256")[:_TAG_BYTES])


def salt(secret: bytes, purpose: bytes, identity: bytes) -> bytes:
    """Derive the salt that hides a commitment until its person or their key opens it.

    HMAC-SHA256, written out as its two hashes: it is what this room does most of all, and the
    library's own call takes half as long again. Errors: ValueError for too long a secret.
    """
    key, said = secret.ljust(_BLOCK, b"\x00"), purpose + b"\x00" + identity
    if len(key) > _BLOCK:
        raise ValueError(f"expected a secret of at most {_BLOCK} bytes, got {len(key)}")
    inner = hashlib.sha256(key.translate(_INNER) + said).digest()
    return hashlib.sha256(key.translate(_OUTER) + inner).digest()


def commitment(salted: bytes, opened: Mapping[str, Value]) -> str:
    """Commit to facts without telling them: SHA-256(salt || canonical facts)."""
    return committed(salted, canonical(opened))


def committed(salted: bytes, facts: bytes) -> str:
    """Commit to facts that are written canonically already."""
    return base64url(hashlib.sha256(salted + facts).digest())


def opening(salted: bytes, facts: bytes) -> bytes:
    """Write what opens a commitment, canonically: the facts as they were written, and the salt."""
    return b'{"facts":%b,"salt":"%b"}' % (facts, base64url(salted).encode())


def object_commitment(secret: bytes, public: str) -> str:
    """Name a selfie or portrait in the ledger: equal for equal objects, nothing to outsiders."""
    return commitment(salt(secret, b"object", public.encode()), {"object": public})


def request_name(secret: bytes, public: str) -> str:
    """Name one portrait's life in the ledger, so that its entries can be told as a story."""
    return base64url(salt(secret, b"request", public.encode())[:_TAG_BYTES])
