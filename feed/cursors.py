# SPDX-License-Identifier: Apache-2.0
"""Where a reading of the feed has come to: opaque, signed, good for one viewer only.

A cursor fixes what a page is made of (the moment, the last post, the inserts listed so far), so
that reading it again gives the same page. It fixes no permission: what was withdrawn, hidden or
has expired since is not on the page, whatever the cursor remembers.
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass, replace
from typing import Final

from consent.errors import Misused
from consent.words import Micros, Reason, Subject

_MAC_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """One place in one reading."""

    snapshot: Micros  #: when the reading began; later posts and inserts are not in it
    post_at: Micros  #: the last post's time and id: the next page goes on below it
    post_id: int
    posts_before: int = 0
    posts_since: int | None = None  #: posts since the last insert of this reading
    listed: tuple[int, ...] = ()  #: inserts of this reading's earlier pages

    @classmethod
    def start(cls, now: Micros) -> "Cursor":
        """Begin a reading."""
        return cls(snapshot=now, post_at=Micros(now + 1), post_id=0)


class Cursors:
    """Write and read cursors under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, viewer: Subject, cursor: Cursor) -> str:
        """Write a cursor as the client carries it: URL-safe, meaningless to them."""
        values = [getattr(cursor, name) for name in Cursor.__slots__]
        content = json.dumps(values, separators=(",", ":")).encode()
        return _text(self._mac(viewer, content) + content)

    def read(self, viewer: Subject, text: str) -> Cursor:
        """Read a cursor. Errors: Misused(unknown-key) for one that is not this viewer's."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError) as error:
            raise _unknown() from error
        mac, content = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(viewer, content)) or text != _text(raw):
            raise _unknown()
        cursor = Cursor(**dict(zip(Cursor.__slots__, json.loads(content), strict=True)))
        return replace(cursor, listed=tuple(cursor.listed))

    def _mac(self, viewer: Subject, content: bytes) -> bytes:
        return hmac.digest(self._key, viewer.to_bytes(8, "big") + content, "sha256")[:_MAC_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unknown() -> Misused:
    return Misused(Reason.UNKNOWN_KEY, "this cursor is not one of yours; start at the top again")
