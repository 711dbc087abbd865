# SPDX-License-Identifier: Apache-2.0
"""Plain words for pages: times, counts, reasons, notices. Pure; knows consent's words only.

Times come in as RFC 3339 text, as the API writes them, so a page says what the API says.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from consent.words import DAY, HOUR, PLAIN, SECOND, Micros, Purpose, Reason, parse_rfc3339, rfc3339

_MONTHS: Final = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())  # noqa: SIM905  twelve words
_MINUTE: Final = 60 * SECOND
_SHADES: Final = 6

GROUPS: Final = (
    (
        "Drawing you",
        (
            Purpose.LIKENESS,
            Purpose.IMAGINE,
            Purpose.FEED_INSERT,
            Purpose.AVATAR_PACK,
            Purpose.PROFILE_PICTURE,
        ),
    ),
    ("Letting others see one", (Purpose.SHARE, Purpose.STORY)),
    ("Learning from you", (Purpose.PERSONALISATION, Purpose.TELEMETRY, Purpose.EXPERIMENT)),
    ("Not possible here", (Purpose.ADS, Purpose.TRAINING)),
)
"""The purposes in the order and company in which a person meets them."""

BECAUSE: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.NO_FACE: "No face found. Look at the camera, in daylight.",
        Reason.MULTI_FACE: "More than one face. Only you may be on it.",
        Reason.TOO_SMALL: "The face is too small. Come closer.",
        Reason.BLURRED: "Too blurred. Hold still.",
        Reason.DARK: "Too dark or too bright. Try by a window.",
        Reason.DUPLICATE: "You gave this one before.",
        Reason.DIFFERENT_PERSON: "This seems to be somebody else than on your other selfies.",
        Reason.ATTESTATION_MISSING: "Say first that it is you, and that you are an adult.",
        Reason.UNREADABLE: "Not a photo we can read. JPEG, PNG or WebP.",
        Reason.NSFW: "Too bare to draw from.",
        Reason.IDENTITY_FAILED: "Face match failed.",
        Reason.MODERATION_FAILED: "Did not pass the checks.",
    }
)
"""Each refusal in plain words, with what to do about it."""

_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "de": "German"})
_EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {"grant": "You said yes to", "renew": "You said yes again to", "withdraw": "You turned off"}
)


def day(at: str) -> str:
    """Write a date: 3 Nov 2026."""
    year, month, number = at[:10].split("-")
    return f"{int(number)} {_MONTHS[int(month) - 1]} {year}"


def clock(at: str) -> str:
    """Write a date and a time to the minute: 3 Nov 2026, 19:42."""
    return f"{day(at)}, {rfc3339(parse_rfc3339(at))[11:16]}"


def ago(at: str, now: Micros) -> str:
    """Write how long ago, in one unit: 20 min, 3 h, 2 days; a date beyond a week."""
    gone = max(0, now - parse_rfc3339(at))
    if gone < HOUR:
        return f"{max(1, gone // _MINUTE)} min"
    if gone < DAY:
        return f"{gone // HOUR} h"
    if gone < 7 * DAY:
        return counted(gone // DAY, "day", "days")
    return day(at)


def left(at: str, now: Micros) -> str:
    """Write how long until, in at most two units: 11 days 4 h."""
    rest = max(0, parse_rfc3339(at) - now)
    days, hours = rest // DAY, rest % DAY // HOUR
    if days:
        return counted(days, "day", "days") + (f" {hours} h" if hours else "")
    return f"{hours} h" if hours else f"{rest // _MINUTE} min"


def figure(number: int) -> str:
    """Write a number with a comma a thousand: 15,902."""
    return f"{number:,}"


def counted(number: int, one: str, many: str) -> str:
    """Write a count with its noun: 1 portrait, 7 portraits."""
    return f"{number:,} {one if number == 1 else many}"


def plainly(purpose: str) -> str:
    """Say a purpose in the first person, as its notice does."""
    return PLAIN[Purpose(purpose)]


def because(reason: str | None) -> str:
    """Say a reason code in plain words."""
    return BECAUSE.get(Reason(reason), "Not shown.") if reason else "Not shown."


def takes(consent: Mapping[str, Any]) -> str:
    """Say beforehand what turning a purpose off takes along."""
    gone = consent["would_destroy"]
    parts = [
        counted(gone[name], one, many)
        for name, one, many in (
            ("portraits", "portrait", "portraits"),
            ("inserts", "place in your feed", "places in your feed"),
            ("shares", "share", "shares"),
        )
        if gone.get(name)
    ]
    if not parts:
        return "Turning it off destroys nothing."
    return f"Turning it off destroys {' and '.join(parts)}. It can\u2019t be undone."


def language(code: str) -> str:
    """Name a language."""
    return _LANGUAGES.get(code, code)


def event(name: str) -> str:
    """Say what a receipt is for."""
    return _EVENTS.get(name, name)


def capitalised(text: str) -> str:
    """Begin a title with a capital and leave the rest."""
    return text[:1].upper() + text[1:]


def initials(name: str) -> str:
    """Shorten a name to the letters that stand for a face: Keo Nakoa, KN."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def shade(name: str) -> int:
    """Give a name one of six colours, always the same."""
    return sum(name.encode()) % _SHADES


def blocks(text: str) -> list[tuple[str, str | list[str]]]:
    """Split a notice into headings, lists and paragraphs; the template escapes each."""
    found: list[tuple[str, str | list[str]]] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in part.splitlines()]
        if lines[0].startswith("#"):
            found.append(("heading", lines[0].lstrip("# ")))
            lines = lines[1:]
        if lines and all(line.startswith(("- ", "* ")) for line in lines):
            found.append(("items", [line[2:] for line in lines]))
        elif lines:
            found.append(("paragraph", " ".join(lines)))
    return found
