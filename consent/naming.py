# SPDX-License-Identifier: Apache-2.0
"""What a transaction derives from people's secrets: names of objects, keys of openings; each once.

It lives as long as its transaction, and may begin a little before it: what will be said of whom is
mostly known, and nobody has to wait for the log head while it is derived. A name is held under the
secret that it was derived from, so a secret that is gone by then leaves nothing to be named by.
"""

from collections.abc import Sequence
from typing import Protocol

from consent import entries
from consent.keys import KeyStore
from consent.words import ObjectId, Subject, public_id


class Mention(Protocol):
    """Something to be said of a person's object, on the way of a request: a question, a permit."""

    @property
    def subject(self) -> Subject:
        """The person it is about."""
        ...

    @property
    def object(self) -> ObjectId:
        """Their object."""
        ...

    @property
    def request(self) -> ObjectId | None:
        """The portrait's life that it belongs to."""
        ...


def opening_key(secret: bytes) -> bytes:
    """Derive the key under which a person's openings are sealed."""
    return entries.salt(secret, b"opening key", b"1")


class Names:
    """The names of one transaction."""

    def __init__(self) -> None:
        self._objects: dict[tuple[bytes, ObjectId], str] = {}
        self._requests: dict[tuple[bytes, ObjectId], str] = {}
        self._openings: dict[bytes, bytes] = {}

    @classmethod
    def of(cls, keys: KeyStore, mentions: Sequence[Mention]) -> "Names":
        """Derive what will be said of people, of whom there still is a secret."""
        names = cls()
        known = keys.secrets(sorted({one.subject for one in mentions})) if mentions else {}
        for one in mentions:
            if secret := known.get(one.subject):
                names.object(secret, one.object)
                names.opening_key(secret)
                if one.request is not None:
                    names.request(secret, one.request)
        return names

    def object(self, secret: bytes, obj: ObjectId) -> str:
        """Name a person's object: `entries.object_commitment`."""
        known = self._objects.get((secret, obj))
        if known is None:
            known = entries.object_commitment(secret, public_id(obj))
            self._objects[secret, obj] = known
        return known

    def request(self, secret: bytes, request: ObjectId) -> str:
        """Name one portrait's life: `entries.request_name`."""
        known = self._requests.get((secret, request))
        if known is None:
            known = entries.request_name(secret, public_id(request))
            self._requests[secret, request] = known
        return known

    def opening_key(self, secret: bytes) -> bytes:
        """Derive the key of a person's openings."""
        known = self._openings.get(secret)
        if known is None:
            known = self._openings[secret] = opening_key(secret)
        return known
