# SPDX-License-Identifier: Apache-2.0
"""The values a portrait's life is told in: what is asked for, what comes of it, what is kept.

Knows consent's words and the bytes of a parcel, neither models nor storage.
"""

from dataclasses import dataclass
from typing import Final, Literal

from consent.words import ObjectId, Purpose, Reason, Subject
from generation import parcels
from generation.parcels import Parcel
from generation.provenance import Provenance, provenance

KIND: Final = "portrait/1"
Form = Literal["still", "loop"]
"""One picture, or a short one that moves and begins again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be drawn, before anybody's name is on it. Units: seed 0 to 2^63 - 1.

    `words`, moderated, are what a model is given; None: those of the catalogue.
    """

    scenario: str
    seed: int
    words: str | None = None
    form: Form = "still"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One portrait, selected under a permit; its id runs through the portrait's whole life."""

    id: ObjectId
    subject: Subject
    purpose: Purpose
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """A portrait that was made, passed every check and is sealed. It holds no pixel."""

    request: Request
    recipe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A portrait that was begun and must not be shown; its pixels are gone."""

    request: Request
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack(Refusal):
    """A portrait that did not pass and lies in the quarantine: its owner may appeal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A request that another worker has taken: what comes of it is theirs to write."""

    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A portrait as its owner gets to see it: the file, and how it came to be."""

    media_type: str
    file: bytes
    provenance: Provenance


def pack(file: bytes, made: Provenance) -> bytes:
    """Write a portrait as the bytes to seal: its file and its provenance as one."""
    return parcels.encode(Parcel(kind=KIND, facts=made.facts(), picture=file))


def unpack(content: bytes) -> Picture:
    """Open what `pack` wrote and the vault gave to its owner. Errors: Broken for anything else."""
    parcel = parcels.decode(content, KIND)
    made = provenance(parcel.facts)
    return Picture(media_type=made.media_type, file=parcel.picture, provenance=made)
