# SPDX-License-Identifier: Apache-2.0
"""Look at any picture and say which marks of this installation it bears.

1. Three answers, side by side, never summed up: credential, watermark, fingerprint. None of them
   says that a picture is real, and all three absent says nothing at all.
2. To anybody they tell what is in the picture; whose it is, nobody is told but its owner, and of
   others' portraits not even the owner of one.
3. The file is judged before it is decoded; a broken one gets a sentence, never an answer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from consent.ledger import Ledger
from consent.scopes import EVERYBODY, within
from consent.words import ObjectId, Subject
from generation import fingerprints, marking, photographs
from generation.marking import Marking, Remembered
from generation.notary import Reading, State
from generation.photographs import Unreadable

_LOOK: Final = "fingerprint"
_KINDS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"RIFF", "image/webp"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a picture bears, as anybody may know it."""

    credential: State
    watermark: bool
    fingerprint: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A portrait of the asker that a picture shows, and by which marks that is known."""

    object: ObjectId
    by: tuple[str, ...]
    #: what the insert's `marks` in the ledger opens to, where the credential led here
    opening: Mapping[str, Any] | None = None


class Recognition:
    """Answer questions about pictures. `shape` is what portraits are made in: width, height."""

    def __init__(self, *, ledger: Ledger, marking: Marking, shape: tuple[int, int]) -> None:
        self._ledger = ledger
        self._marking = marking
        self._shape = shape

    def look(
        self, file: bytes, subject: Subject | None = None, *, max_bytes: int, max_pixels: int
    ) -> tuple[Seen, tuple[Own, ...]] | Unreadable:
        """Say what a file bears, and which of the asker's own portraits it shows.

        Units: bytes; pixels.
        """
        pixels = photographs.opened(file, max_bytes=max_bytes, max_pixels=max_pixels, moving=True)
        if isinstance(pixels, Unreadable):
            return pixels
        borne = _Borne(
            credential=self._marking.credentials.read(file, _media_type(file)),
            reference=self._reference(pixels),
            look=self._marking.fingerprints.of(pixels),
        )
        return self._seen(borne), () if subject is None else self._own(borne, subject)

    def _reference(self, pixels: NDArray[np.uint8]) -> int | None:
        """Read the watermark: the first reading that was ever given out."""
        for reading in self._marking.watermark.readings(pixels, self._shape):
            with self._ledger.read() as connection:
                if marking.known(connection, reading):
                    return reading
        return None

    def _seen(self, borne: "_Borne") -> Seen:
        now = self._ledger.now()
        with within(EVERYBODY), self._ledger.read() as connection:
            kept = marking.fingerprints(connection, now)
        return Seen(
            credential=borne.credential.state,
            watermark=borne.reference is not None,
            fingerprint=len(fingerprints.nearest(borne.look, kept)) > 0,
        )

    def _own(self, borne: "_Borne", subject: Subject) -> tuple[Own, ...]:
        """Find the asker's portraits in it: the one that is named, else all that look so."""
        now = self._ledger.now()
        with self._ledger.read() as connection:
            mine = marking.remembered(connection, subject, now)
        alike = fingerprints.nearest(borne.look, [one.fingerprint for one in mine])
        near = {mine[at].object for at in alike}
        found = [self._known_by(borne, subject, one, near) for one in mine]
        owned = tuple(own for own in found if own.by)
        return tuple(own for own in owned if own.by != (_LOOK,)) or owned

    def _known_by(
        self, borne: "_Borne", subject: Subject, one: Remembered, near: Collection[ObjectId]
    ) -> Own:
        opened = self._marking.opening(subject, one.object, borne.credential)
        led = opened is not None and opened["commitment"] == one.commitment
        marks = {
            "c2pa": led,
            "watermark": one.reference == borne.reference,
            _LOOK: one.object in near,
        }
        by = tuple(name for name, found in marks.items() if found)
        return Own(object=one.object, by=by, opening=opened if led else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Borne:
    """What a picture bears, before it is said whose it is."""

    credential: Reading
    reference: int | None
    look: bytes


def _media_type(file: bytes) -> str:
    return next(kind for start, kind in _KINDS if file.startswith(start))
