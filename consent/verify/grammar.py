# SPDX-License-Identifier: Apache-2.0
"""Rule 4: what an entry may say. The exact way, for any bytes; `swift` reads most entries faster.

A field that nobody here knows is read past: it must only be canonical.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from consent.verify.canonical import canonical, read_json

Entry = dict[str, Any]


def words(text: str) -> frozenset[str]:
    """Split a text into the set of its words."""
    return frozenset(text.split())


STEPS: Final = words("enrol select read generate moderate store insert view share learn")
ROOTS: Final = words("likeness personalisation experiment telemetry")
PURPOSES: Final = ROOTS | words(
    "imagine feed_insert avatar_pack profile_picture story share ads training"
)
KINDS: Final = ("explicit", "parental", "implied")
_ACTORS: Final = words("self system guardian operator friend")
_IN_ORDER: Final = """
    not-granted withdrawn expired notice-outdated notice-missing paused purpose-mismatch
    policy-silent policy-forbids cap quota selfies-required age guardian-required stale
    permit-used moderation-failed identity-failed nsfw no-face multi-face too-small blurred
    dark duplicate different-person attestation-missing unreadable unavailable stopped
    unknown-subject unknown-key schema-version
"""
REASONS: Final = tuple(_IN_ORDER.split())
"""In the order in which records of blocks count them; one is only ever added at the end."""
_REASONS_SET: Final = frozenset(REASONS)
_NO_MORE: Final = words("checkpoint.witnessed schema.migrate admin")
_NEEDED: Final[Mapping[str, str]] = {
    "policy.publish": "policy",
    "notice.publish": "notice",
    "notice.served": "tag purpose notice",
    "grant": "tag purpose kind policy not_after actor",
    "renew": "tag purpose kind policy not_after actor",
    "withdraw": "tag purpose actor",
    "expire": "tag purpose epoch",
    "decision": "tag purpose step policy verdict object",
    "block": "step n denied inner",
    "effect": "tag step object effect_of",
    "destroy": "tag object",
    "key.destroy": "tag purpose epoch",
    "aggregate": "object",
    "experiment.start": "experiment object by",
    "experiment.stop": "experiment object day why value",
    "selftest": "recipe kind verdict",
    **dict.fromkeys(words("pause resume label.shown erase.request erase.done"), "tag"),
    **dict.fromkeys(_NO_MORE, ""),
}
REQUIRED: Final = {t: words("v t at") | words(names) for t, names in _NEEDED.items()}
_OF_VERDICT: Final = {"allow": words("basis epoch not_after"), "deny": words("reasons")}
_OF_BLOCK: Final = words("purpose policy nonce")
_OF_MAP: Final = words("map n")
_NOBODYS: Final = words("policy.publish notice.publish selftest experiment.start experiment.stop")
_MAX_INT: Final = 1 << 53
_TEXT: Final = re.compile(r"[ -~]+")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_SIXTEEN: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
"""Sixteen bytes in base64url; its last character has only these four forms."""


def _whole(value: Any) -> bool:  # noqa: ANN401 - it is here to find out
    return type(value) is int and 0 <= value < _MAX_INT


def _place(value: Any) -> bool:  # noqa: ANN401 - as above
    pair = type(value) is list and len(value) == len(("seq", "slot")) and all(map(_whole, value))
    return _whole(value) or pair


def _one_of(known: frozenset[str]) -> Callable[[Any], bool]:
    return lambda value: type(value) is str and value in known


def _like(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _reasons(value: Any) -> bool:  # noqa: ANN401 - as above
    return type(value) is list and bool(value) and all(map(_one_of(_REASONS_SET), value))


_FIELDS: Final[dict[str, Callable[[Any], bool]]] = {
    "v": lambda value: value == 1 and type(value) is int,
    "t": _one_of(frozenset(REQUIRED)),
    "purpose": _one_of(PURPOSES),
    "step": _one_of(STEPS),
    "actor": _one_of(_ACTORS),
    "kind": _one_of(frozenset(KINDS)),
    "basis": _one_of(frozenset(KINDS)),
    "verdict": _one_of(frozenset(_OF_VERDICT)),
    "reasons": _reasons,
    **dict.fromkeys(words("policy notice inner recipe map"), _like(_HEX)),
    **dict.fromkeys(words("run request"), _like(_TEXT)),
    **dict.fromkeys(words("object facts"), _like(_BASE64URL)),
    **dict.fromkeys(words("tag nonce"), _like(_SIXTEEN)),
    **dict.fromkeys(words("at served epoch not_after n denied day"), _whole),
    **dict.fromkeys(words("experiment arm"), _like(_TEXT)),
    **dict.fromkeys(words("prev effect_of"), _place),
}

_OF_SELFTEST: Final[dict[str, Callable[[Any], bool]]] = {
    "kind": _one_of(words("bit-identical leak single")),
    "verdict": _one_of(words("pass fail")),
}
"""What two words mean where a recipe is tried and nobody is asked anything."""


def read_entry(raw: bytes) -> Entry | str:
    """Read an entry, or say in words why it is none."""
    entry = read_json(raw)
    if type(entry) is not dict:
        return "it is no JSON object with integers only"
    try:
        return _flaw(entry, raw) or entry
    except (ValueError, RecursionError):
        return "it has no canonical form"


def _flaw(entry: Entry, raw: bytes) -> str | None:
    if canonical(entry) != raw:
        return "its bytes are not the canonical ones"
    fields = _FIELDS | _OF_SELFTEST if entry.get("t") == "selftest" else _FIELDS
    for name, value in entry.items():
        good = fields.get(name)
        if not (good(value) if good else name.isascii() and _plain(value)):
            return f"its field {name!a} is not what it may be"
    if "tag" in entry and _is_nobodys(entry):
        return "it is about nobody and names a person"
    missing = _needed(entry) - entry.keys()
    return f"it lacks {', '.join(sorted(missing))}" if missing else None


def _needed(entry: Entry) -> frozenset[str]:
    needed = REQUIRED.get(entry.get("t", ""), words("t"))
    match entry.get("t"):
        case "decision":
            return needed | _OF_VERDICT.get(entry.get("verdict", ""), frozenset())
        case "block" if "policy" in entry:
            return needed | _OF_BLOCK
        case "aggregate" if "map" in entry:
            return needed | _OF_MAP
        case _:
            return needed


def _is_nobodys(entry: Entry) -> bool:
    """Say whether an entry is for everybody to read: what is published, tried, decided, mapped."""
    match entry.get("t"):
        case "block":
            return "policy" in entry
        case "aggregate":
            return "map" in entry
        case t:
            return t in _NOBODYS


def _plain(value: Any) -> bool:  # noqa: ANN401 - it is here to find out
    """Admit in a field that we do not know what the canonical profile admits."""
    match value:
        case bool():
            return True
        case int():
            return abs(value) < _MAX_INT
        case str():
            return unicodedata.is_normalized("NFC", value)
        case list():
            return all(map(_plain, value))
        case dict():
            return all(name.isascii() and _plain(inner) for name, inner in value.items())
        case _:
            return False
