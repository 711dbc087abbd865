# SPDX-License-Identifier: Apache-2.0
"""A portrait as it leaves: shared, downloaded or packed, it says in its pixels that it was made.

1. the label is drawn in (`lettering`), in the corner where it changes the look least: the
   fingerprint that is kept of the portrait still finds it
2. the same watermark reference is written again, over the label, too
3. the file gets a credential of its own: the same label and salted receipt, and that it was edited
4. for whoever wants nothing to move the first frame of one that moves is a still of its own: to be
   looked at here, so without the label, with all other marks (`still`)
What lies sealed stays as it was made. A picture that moves leaves frame by frame, all alike.
"""

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from sqlalchemy import select

from consent.chance import Chance
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.words import ObjectId, Seq, Subject
from generation import fingerprints, lettering, loops, provenance
from generation.credentials import Statement
from generation.lettering import Corner
from generation.marking import Marking
from generation.portraits import Picture
from generation.tables import asset, mark

_NAME_BYTES: Final = 16
_EDITED: Final = "The words of the label were drawn into the picture."
_STILL: Final = "The first frame of a picture that moves was taken as a still."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is remembered of a portrait's marks; nothing of one from before there were marks."""

    granted: Seq
    reference: int | None
    fingerprint: bytes | None


class Leaving:
    """Write portraits as they leave, with this installation's keys."""

    def __init__(
        self, *, ledger: Ledger, keys: KeyStore, marking: Marking, chance: Chance
    ) -> None:
        self._ledger = ledger
        self._keys = keys
        self._marking = marking
        self._chance = chance

    def __call__(self, owner: Subject, obj: ObjectId, picture: Picture, label: str) -> bytes:
        """Write an opened portrait of a person as the file that leaves, of the same media type.

        Whether it may leave was decided when it was opened. Errors: LookupError where the person
        has no such portrait any more, Broken(unavailable) once their secret is destroyed.
        """
        known = self._known(owner, obj)
        with Image.open(io.BytesIO(picture.file)) as image:
            encoded = self._encoded(image, picture, known, label)
        statement = self._statement(owner, obj, known, picture, label, edited=_EDITED)
        return self._marking.credentials.sign(encoded, picture.media_type, statement)

    def still(self, owner: Subject, obj: ObjectId, picture: Picture) -> Picture:
        """Take an opened portrait for a still: the first frame of one that moves, else as it is.

        Errors: as when it leaves.
        """
        if picture.media_type != loops.MEDIA_TYPE:
            return picture
        known = self._known(owner, obj)
        frame = loops.first(picture.file)
        if known.reference is not None:
            frame = self._marking.watermark.write(frame, known.reference)
        made = picture.provenance
        statement = self._statement(owner, obj, known, picture, made.label, edited=_STILL)
        file = self._marking.credentials.sign(
            provenance.marked(frame, made.source_type), provenance.MEDIA_TYPE, statement
        )
        return Picture(media_type=provenance.MEDIA_TYPE, file=file, provenance=made)

    def _statement(
        self,
        owner: Subject,
        obj: ObjectId,
        known: _Known,
        picture: Picture,
        label: str,
        *,
        edited: str,
    ) -> Statement:
        return Statement(
            name=self._chance.token(_NAME_BYTES),
            source_type=picture.provenance.source_type,
            label=label,
            receipt=self._marking.receipt(known.granted, obj, self._keys.secret(owner)),
            edited=edited,
        )

    def _encoded(self, image: Image.Image, picture: Picture, known: _Known, label: str) -> bytes:
        frames = [
            np.array(frame.convert("RGB"), dtype=np.uint8)
            for frame in ImageSequence.Iterator(image)
        ]
        corner = self._corner(frames[0], known, label)
        drawn = [self._drawn(frame, known, label, corner) for frame in frames]
        if picture.media_type == loops.MEDIA_TYPE:
            return loops.written(drawn, picture.provenance.source_type)
        return provenance.marked(drawn[0], picture.provenance.source_type)

    def _drawn(
        self, pixels: NDArray[np.uint8], known: _Known, label: str, corner: Corner
    ) -> NDArray[np.uint8]:
        said = lettering.lettered(pixels, label, corner)
        if known.reference is None:
            return said
        return self._marking.watermark.write(said, known.reference)

    def _corner(self, pixels: NDArray[np.uint8], known: _Known, label: str) -> Corner:
        """Choose where the words change the look least, of equals the first."""
        kept = known.fingerprint
        if kept is None:
            return Corner.LOWER_LEFT
        best, least = Corner.LOWER_LEFT, fingerprints.BITS
        for corner in Corner:
            look = self._marking.fingerprints.of(lettering.lettered(pixels, label, corner))
            if (changed := fingerprints.distance(look, kept)) < least:
                best, least = corner, changed
            if not least:
                break
        return best

    def _known(self, owner: Subject, obj: ObjectId) -> _Known:
        mine = (asset.c.subject == owner, asset.c.object == obj)
        with self._ledger.read() as connection:
            row = connection.execute(
                select(asset.c.epoch, mark.c.reference, mark.c.fingerprint)
                .select_from(asset.outerjoin(mark, mark.c.object == asset.c.object))
                .where(*mine)
            ).one_or_none()
        if row is None:
            raise LookupError("there is no such portrait any more")
        epoch, reference, fingerprint = row
        return _Known(granted=Seq(epoch), reference=reference, fingerprint=fingerprint)
