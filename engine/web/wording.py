# SPDX-License-Identifier: Apache-2.0
"""Plain words for pages: times, counts, reasons, notices. Pure; knows consent's words only.

Times come in as RFC 3339 text, as the API writes them, so a page says what the API says.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from zlib import crc32

from markupsafe import Markup, escape

from consent.words import DAY, HOUR, PLAIN, SECOND, Micros, Purpose, Reason, parse_rfc3339, rfc3339
from feed.scenarios import shipped
from generation.selfies import ADVICE

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

_BECAUSE: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.IDENTITY_FAILED: "It does not look enough like you.",
        Reason.MODERATION_FAILED: "It did not pass the checks.",
        Reason.NSFW: "It did not pass the checks.",
        Reason.NO_FACE: "No face could be found in it.",
        Reason.MULTI_FACE: "It showed more than one face.",
        Reason.UNAVAILABLE: "It could not be checked.",
    }
)
"""Why a portrait is held back, in plain words."""

_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "de": "German"})
_EVENTS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("grant", "self"): "You said yes to",
        ("renew", "self"): "You said yes again to",
        ("withdraw", "self"): "You turned off",
        ("grant", "guardian"): "Your guardian said yes to",
        ("renew", "guardian"): "Your guardian said yes again to",
        ("withdraw", "guardian"): "Your guardian turned off",
        ("withdraw", "operator"): "Whoever runs this turned off",
        ("grant", "system"): "Nobody asked you: it was taken for granted that you agree to",
        ("expire", "system"): "Your yes has run out, by itself, to",
    }
)
_GIVEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "explicit": "You said yes",
        "parental": "Your parent or guardian said yes",
        "implied": "You were never asked: it was taken for granted",
    }
)
_SURFACES: Final = MappingProxyType(
    {"page": "on these pages", "api": "through an app", "cli": "at the command line"}
)
_LAST: Final = 12
"""In the last twelfth of its term, a month of a year, a yes is said to be ending."""


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


def odds(chance: float) -> str:
    """Write a chance in words a person reads at once: about 1 chance in 25."""
    return f"about 1 chance in {max(1, round(1 / chance)):,}" if chance < 1 else "no rival"


def counted(number: int, one: str, many: str) -> str:
    """Write a count with its noun: 1 portrait, 7 portraits."""
    return f"{number:,} {one if number == 1 else many}"


def plainly(purpose: str) -> str:
    """Say a purpose in the first person, as its notice does."""
    return PLAIN[Purpose(purpose)]


def because(reason: str | None) -> str:
    """Say a reason code in plain words."""
    return _BECAUSE.get(Reason(reason), "It is not shown.") if reason else "It is not shown."


def advice(reason: str) -> str:
    """Say what was wrong with a selfie and how to do better, with its code."""
    return f"{ADVICE.get(Reason(reason), 'It was not kept.')} ({reason})"


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


def told(entry: Mapping[str, Any]) -> str:
    """Say what an entry of consent is, and whose word it was."""
    return _EVENTS.get((entry["t"], entry.get("actor", "system")), entry["t"])


def given(consent: Mapping[str, Any]) -> str:
    """Say how a purpose came to be on."""
    return _GIVEN[consent["basis"]]


def due(consent: Mapping[str, Any], now: Micros) -> str | None:
    """Say why a yes wants to be looked at: outdated, run out, never asked for, about to end."""
    if consent["state"] == "not_granted":
        return None
    if consent["state"] == "expired":
        return "It has run out"
    if consent["basis"] == "implied":
        return f"Implied since {day(consent['granted_at'])}"
    if consent["state"] == "outdated":
        return "The words have changed since"
    begun, ends = (parse_rfc3339(consent[name]) for name in ("granted_at", "expires_at"))
    soon = (ends - now) * _LAST <= ends - begun
    return f"Ends by itself in {left(consent['expires_at'], now)}" if soon else None


def validity(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say how a yes came about, in the order in which one would ask; nothing for a no."""
    if not facts:
        return []
    yes, no = facts["clicks_grant"], facts["clicks_withdraw"]
    asked = f"{counted(yes, 'act', 'acts')} {_SURFACES[facts['method']]}; turning off takes {no}"
    said = [
        ("Saying yes took", asked if facts["affirmative"] else f"nothing; turning off takes {no}"),
        ("A notice was shown before", "yes" if facts["notice_shown"] else "no"),
        ("Ticked for you beforehand", "yes" if facts["prechecked"] else "no"),
        ("Brought nothing else along", "yes" if facts["unbundled"] else "no"),
        ("Jurisdiction", facts.get("jurisdiction", "not said")),
    ]
    more = (("age_band", "Said to be"), ("region", "Said to live in"))
    return said + [(term, str(facts[name])) for name, term in more if name in facts]


def short(title: str) -> str:
    """Shorten a scenario's title for a tile: "You, above the evening" is "Above the evening"."""
    rest = title.removeprefix("You, ")
    return rest[:1].upper() + rest[1:]


def alt(scenario: str) -> str:
    """Say in words what a portrait shows."""
    return shipped().of(scenario).alt


def initials(name: str) -> str:
    """Shorten a name to the letters that stand for a face: Keo Nakoa, KN."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def shade(name: str) -> int:
    """Give a name one of six colours, always the same."""
    return crc32(name.encode()) % _SHADES


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


def bold(text: str) -> Markup:
    """Set what a notice stresses in bold; everything else of it is escaped."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text))))  # noqa: S704  escaped just here


def number_word(number: int) -> str:
    """Write a small number as a word that begins a sentence: Three."""
    words = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[number] if 0 <= number < len(words) else f"{number:,}"
