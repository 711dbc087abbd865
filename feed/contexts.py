# SPDX-License-Identifier: Apache-2.0
"""What a page of the feed gives its reader to say back: opaque, signed, good for one viewer.

A `req_id` names the page; an item's `context` says that this item was served to this viewer. Acts
may carry both, so that the record knows where they come from. Neither opens anything.

Rules:
1. a context of ours fits one viewer and one item; it is the same on every page
2. a `req_id` that is not ours is nobody's page: the act is taken, no page is recorded
Source: RFC 7693 (BLAKE2), section 2.9: keyed, it is a MAC; a page has one for each item.
"""

import hmac
from hashlib import blake2b
from typing import Final

from consent.words import Subject, parse_id, public_id

_MAC_BYTES: Final = 12
_NAME: Final = 13


class Contexts:
    """Sign and check what comes back."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def req_id(self, viewer: Subject, page: int) -> str:
        """Name a page, for this viewer."""
        name = public_id(page)
        return name + self._mac(viewer, "page", name)

    def page(self, viewer: Subject, req_id: str) -> int | None:
        """Read which page is named; None for what is not one of this viewer's."""
        name = req_id[:_NAME]
        genuine = _same(req_id[_NAME:], self._mac(viewer, "page", name))
        return parse_id(name) if genuine else None

    def of(self, viewer: Subject, item_id: str) -> str:
        """Say that an item was served to a viewer."""
        return self._mac(viewer, "item", item_id)

    def fits(self, viewer: Subject, item_id: str, context: str) -> bool:
        """Say whether a context is the one that this viewer was given with this item."""
        return _same(context, self.of(viewer, item_id))

    def _mac(self, viewer: Subject, kind: str, text: str) -> str:
        said = f"{viewer} {kind} {text}".encode()
        return blake2b(said, key=self._key, digest_size=_MAC_BYTES).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
