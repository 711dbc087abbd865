# SPDX-License-Identifier: Apache-2.0
"""Rule 4 again, swiftly: one compiled pattern a type over an entry's bytes.

A pattern spells the fields of its type in their canonical order, each in a closed form that has
only one spelling. What it matches is canonical, of the right types and whole; what it does not
match may still be all that, and is read by `grammar`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from consent.verify.grammar import KINDS, PURPOSES, REQUIRED, STEPS, Entry, words

Fields = tuple[bytes, ...]

_INT: Final = "(?:0|[1-8][0-9]{0,15}|9[0-9]{0,14})"
_PLACE: Final = rf"(?:{_INT}|\[{_INT},{_INT}\])"
_TEXT_RUN: Final = '"[ !#-\\[\\]-~]+"'
_BASE64: Final = '"[A-Za-z0-9_-]+"'
_SHA256: Final = '"[0-9a-f]{64}"'
_TAG: Final = '"[A-Za-z0-9_-]{21}[AQgw]"'
_WORD: Final = '"[a-z_-]+"'
_FORMS: Final[Mapping[str, str]] = {
    **dict.fromkeys(words("at served epoch not_after n denied"), _INT),
    **dict.fromkeys(words("prev effect_of"), _PLACE),
    **dict.fromkeys(words("run request"), _TEXT_RUN),
    **dict.fromkeys(words("object facts"), _BASE64),
    **dict.fromkeys(words("tag nonce"), _TAG),
    **dict.fromkeys(words("policy notice inner recipe map"), _SHA256),
    **dict.fromkeys(words("purpose step actor kind basis verdict"), _WORD),
    "reasons": rf"\[{_WORD}(?:,{_WORD})*\]",
    "v": "1",
}
_MAY: Final[Mapping[str, str]] = {
    "decision": "basis epoch facts not_after prev reasons request run",
    "effect": "actor prev recipe request run",
    "grant": "facts notice prev request run served",
    "renew": "facts notice prev request run served",
    "withdraw": "epoch prev",
    "expire": "actor prev",
    "pause": "actor not_after prev",
    "resume": "actor prev",
    "notice.served": "prev",
    "destroy": "epoch prev purpose",
    "key.destroy": "prev",
    "label.shown": "object prev",
    "erase.request": "actor prev",
    "erase.done": "actor prev",
}
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "purpose": PURPOSES,
    "step": STEPS,
    "actor": words("self system guardian operator friend"),
    "kind": frozenset(KINDS),
}


_KNOWN: Final = {word.encode(): word for known in _WORDS.values() for word in known}
"""One string for each word, however many entries are remembered that say it."""


def _names(t: str) -> list[str]:
    return sorted((REQUIRED[t] | words(_MAY[t])) - {"t", "v"})


def _pattern(t: str) -> re.Pattern[bytes]:
    """Spell a type's entries; a quoted value's group leaves the quotes out."""
    parts = []
    for name in sorted(REQUIRED[t] | words(_MAY[t])):
        form = f'"{t}"' if name == "t" else _FORMS[name]
        group = form if name in {"t", "v"} else _grouped(form)
        one = f'"{name}":{group},'
        parts.append(one if name in REQUIRED[t] else f"(?:{one})?")
    return re.compile(rf"\{{{''.join(parts)}".removesuffix(",").encode() + rb"\}")


def _grouped(form: str) -> str:
    return f'"({form[1:-1]})"' if form.startswith('"') else f"({form})"


decision_fields: Final = _pattern("decision").fullmatch
effect_fields: Final = _pattern("effect").fullmatch
DECISION_NAMES: Final = tuple(_names("decision"))
EFFECT_NAMES: Final = tuple(_names("effect"))
_OTHERS: Final = {
    t: (_pattern(t).fullmatch, _names(t)) for t in _MAY if t not in {"decision", "effect"}
}
_AFTER_TYPE: Final = re.compile(rb'"t":"([a-z.]+)","tag":"')


def _place_of(text: bytes) -> Any:  # noqa: ANN401 - an int, or a list of two
    return int(text) if text[:1] != b"[" else [int(part) for part in text[1:-1].split(b",")]


_READ: Final[Mapping[str, Callable[[bytes], Any]]] = {
    **dict.fromkeys(words("at served epoch not_after"), int),
    **dict.fromkeys(words("prev effect_of"), _place_of),
}


def swift_entry(raw: bytes) -> Entry | None:
    """Read an entry about a person that is no decision and no effect; None: read it exactly."""
    found = _AFTER_TYPE.search(raw)
    pattern, names = _OTHERS.get(found[1].decode(), (None, ())) if found else (None, ())
    match = pattern(raw) if pattern else None
    if match is None or found is None:
        return None
    entry: Entry = {"t": found[1].decode(), "v": 1}
    for name, value in zip(names, match.groups(), strict=True):
        if value is not None:
            read = _READ.get(name)
            entry[name] = (_KNOWN.get(value) or value.decode()) if read is None else read(value)
    known = all(entry[name] in known for name, known in _WORDS.items() if name in entry)
    return entry if known else None
