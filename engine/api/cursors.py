# SPDX-License-Identifier: Apache-2.0
"""Cursors of plain lists: opaque, and worth nothing to anybody but their owner.

A cursor names the last item a page held, sealed with an HMAC over it and its owner.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Any, Final

from consent.words import Subject
from engine.api.problems import Problem, Slug
from engine.rooms import Rooms

_MAC: Final = 16


def cursor(rooms: Rooms, subject: Subject, last: object) -> str:
    """Name the place after `last`."""
    name = str(last).encode()
    return _text(_mac(rooms, subject, name) + name)


def after(
    rooms: Rooms,
    subject: Subject,
    text: str | None,
    items: Sequence[dict[str, Any]],
    *,
    name: str = "id",
) -> list[dict[str, Any]]:
    """Return what follows a cursor; `name` is what items call their id.

    Errors: Problem `invalid` for one that is not theirs.
    """
    if text is None:
        return list(items)
    last = _name(rooms, subject, text)
    ids = [item[name] for item in items]
    return list(items[ids.index(last) + 1 :]) if last in ids else []


def _name(rooms: Rooms, subject: Subject, text: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as wrong:
        raise _unreadable() from wrong
    mac, name = raw[:_MAC], raw[_MAC:]
    if not hmac.compare_digest(mac, _mac(rooms, subject, name)) or text != _text(raw):
        raise _unreadable()
    return name.decode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mac(rooms: Rooms, subject: Subject, name: bytes) -> bytes:
    key = rooms.consent.keys.derived("list cursors")
    return hmac.digest(key, f"{subject} ".encode() + name, "sha256")[:_MAC]


def _unreadable() -> Problem:
    return Problem(Slug.INVALID, "This cursor is not one of yours.", field="cursor")
