# SPDX-License-Identifier: Apache-2.0
"""The closed vocabulary of consent: purposes, steps, reasons, ids and times. Knows nobody."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType

Subject = NewType("Subject", int)
"""A person's pseudonym: 63 random bits. The name lives in `account`, erasable."""
ObjectId = NewType("ObjectId", int)
"""A selfie or a portrait (a portrait's id is that of its request): 63 random bits."""
Seq = NewType("Seq", int)
"""Position of an entry in the ledger, from 0, gapless."""
Epoch = NewType("Epoch", int)
"""Seq of the grant entry a basis rests on; no counter that could start again."""
Micros = NewType("Micros", int)
"""Microseconds since 1970-01-01 UTC."""

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR


class Purpose(StrEnum):
    """What a person can say yes to. None implies another."""

    LIKENESS = "likeness"  #: process my face at all; parent of the eight below
    IMAGINE = "imagine"  #: portraits and edits I ask for
    FEED_INSERT = "feed_insert"  #: unprompted portraits in my own feed
    AVATAR_PACK = "avatar_pack"
    PROFILE_PICTURE = "profile_picture"
    STORY = "story"
    SHARE = "share"
    ADS = "ads"
    TRAINING = "training"
    PERSONALISATION = "personalisation"  #: a root of its own, as are the two below
    EXPERIMENT = "experiment"
    TELEMETRY = "telemetry"


ROOTS: Final = frozenset(
    {Purpose.LIKENESS, Purpose.PERSONALISATION, Purpose.EXPERIMENT, Purpose.TELEMETRY}
)
PORTRAIT_PURPOSES: Final = (
    Purpose.IMAGINE,
    Purpose.FEED_INSERT,
    Purpose.AVATAR_PACK,
    Purpose.PROFILE_PICTURE,
)
"""Purposes under which selfies are read and portraits made."""


def parent_of(purpose: Purpose) -> Purpose | None:
    """Name the purpose that must hold before this one can be granted."""
    return None if purpose in ROOTS else Purpose.LIKENESS


class Step(StrEnum):
    """What is done with a likeness; each needs its own permit."""

    ENROL = "enrol"
    SELECT = "select"
    READ = "read"
    GENERATE = "generate"
    MODERATE = "moderate"
    STORE = "store"
    INSERT = "insert"
    VIEW = "view"
    SHARE = "share"
    LEARN = "learn"


class Kind(StrEnum):
    """How a basis came to be; `implied` is recorded as implied, never as consent."""

    EXPLICIT = "explicit"
    PARENTAL = "parental"
    IMPLIED = "implied"


class Actor(StrEnum):
    """Who acted."""

    SELF = "self"
    SYSTEM = "system"
    GUARDIAN = "guardian"
    OPERATOR = "operator"
    FRIEND = "friend"


class Reason(StrEnum):
    """Why not: the closed list on denials, refusals and problems (CONTRACTS.md)."""

    NOT_GRANTED = "not-granted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NOTICE_OUTDATED = "notice-outdated"
    NOTICE_MISSING = "notice-missing"
    PAUSED = "paused"
    PURPOSE_MISMATCH = "purpose-mismatch"
    POLICY_SILENT = "policy-silent"
    POLICY_FORBIDS = "policy-forbids"
    CAP = "cap"
    QUOTA = "quota"
    SELFIES_REQUIRED = "selfies-required"
    AGE = "age"
    GUARDIAN_REQUIRED = "guardian-required"
    STALE = "stale"
    PERMIT_USED = "permit-used"
    MODERATION_FAILED = "moderation-failed"
    IDENTITY_FAILED = "identity-failed"
    NSFW = "nsfw"
    NO_FACE = "no-face"
    MULTI_FACE = "multi-face"
    TOO_SMALL = "too-small"
    BLURRED = "blurred"
    DARK = "dark"
    DUPLICATE = "duplicate"
    DIFFERENT_PERSON = "different-person"
    ATTESTATION_MISSING = "attestation-missing"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"
    STOPPED = "stopped"
    UNKNOWN_SUBJECT = "unknown-subject"
    UNKNOWN_KEY = "unknown-key"
    SCHEMA_VERSION = "schema-version"


HELD_FOR: Final = (
    Reason.NSFW,
    Reason.IDENTITY_FAILED,
    Reason.NO_FACE,
    Reason.MULTI_FACE,
    Reason.MODERATION_FAILED,
    Reason.UNAVAILABLE,
)
"""What a gate may say of a drawn picture so that it is held back, where the policy lists it."""


PLAIN: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.LIKENESS: "Use my selfies to draw me",
        Purpose.IMAGINE: "Draw portraits when I ask for one",
        Purpose.FEED_INSERT: "Put drawings of me in my feed, where only I see them",
        Purpose.AVATAR_PACK: "Make a pack of avatars when I ask for one",
        Purpose.PROFILE_PICTURE: "Draw a profile picture when I ask for one",
        Purpose.STORY: "Show a portrait I choose in my story",
        Purpose.SHARE: "Show a portrait I choose to friends",
        Purpose.ADS: "Use my face in advertising",
        Purpose.TRAINING: "Train models on my pictures",
        Purpose.PERSONALISATION: "Learn from what I like and hide",
        Purpose.EXPERIMENT: "Include me in product experiments",
        Purpose.TELEMETRY: "Count what I look at and for how long",
    }
)
"""Each purpose in the first person, as a page asks for it."""

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH: Final = 13
_PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)


def public_id(number: int) -> str:
    """Write an id as clients see it: 13 characters of Crockford's base32, lower case."""
    return (
        f"{_ALPHABET[number >> 60 & 31]}{_PAIRS[number >> 50 & 1023]}{_PAIRS[number >> 40 & 1023]}"
        f"{_PAIRS[number >> 30 & 1023]}{_PAIRS[number >> 20 & 1023]}{_PAIRS[number >> 10 & 1023]}"
        f"{_PAIRS[number & 1023]}"
    )


def parse_id(text: str) -> int | None:
    """Read a client's id; anything that is not one is None, never an error."""
    if len(text) != _ID_LENGTH or any(c not in _ALPHABET for c in text):
        return None
    number = 0
    for character in text:
        number = number << 5 | _ALPHABET.index(character)
    return number if number < 1 << 63 else None


_EPOCH_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(at: int) -> str:
    """Write a time as HTTP and JSON output carry it: RFC 3339, UTC, `Z`."""
    moment = _EPOCH_START + timedelta(microseconds=at)
    text = moment.isoformat(timespec="microseconds" if at % SECOND else "seconds")
    return text.replace("+00:00", "Z")


def parse_rfc3339(text: str) -> Micros:
    """Read an RFC 3339 time. Errors: ValueError, the caller's fault."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with an offset or Z, got {text!r}")
    return Micros((moment - _EPOCH_START) // timedelta(microseconds=1))
