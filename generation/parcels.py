# SPDX-License-Identifier: Apache-2.0
"""One container for a picture and what is known of it: both are sealed and destroyed as one.

Layout: the magic `OYP1`, the length of the head as 4 bytes big-endian, the head (JSON, ASCII, keys
sorted), then the picture's file to the end. No code is ever loaded from it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from consent.errors import Broken
from consent.words import Reason

_MAGIC: Final = b"OYP1"
_HEAD_AT: Final = len(_MAGIC) + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A picture's file and its facts."""

    #: what is in it: `selfie/1`, `portrait/1`
    kind: str
    facts: Mapping[str, Any]
    picture: bytes


def encode(parcel: Parcel) -> bytes:
    """Write a parcel as the bytes that the vault seals; equal parcels give equal bytes."""
    head = json.dumps({"kind": parcel.kind, **parcel.facts}, sort_keys=True, separators=(",", ":"))
    return _MAGIC + len(head).to_bytes(4, "big") + head.encode("ascii") + parcel.picture


def decode(content: bytes, kind: str) -> Parcel:
    """Read what `encode` wrote.

    Errors: Broken when it is no parcel of this kind, so the vault is not what it must be.
    """
    ends = _HEAD_AT + int.from_bytes(content[len(_MAGIC) : _HEAD_AT], "big")
    if content[: len(_MAGIC)] != _MAGIC or len(content) < ends:
        raise Broken(Reason.UNREADABLE, f"expected a parcel of {kind}, got other bytes")
    facts = json.loads(content[_HEAD_AT:ends])
    found = facts.pop("kind")
    if found != kind:
        raise Broken(Reason.UNREADABLE, f"expected a parcel of {kind}, got {found}")
    return Parcel(kind=kind, facts=facts, picture=content[ends:])
