# SPDX-License-Identifier: Apache-2.0
"""How a text may be read: the ways in which people hide a word from a list, undone.

Rules:
1. A text is read as letters a to z and digits, whatever it was written with: compatibility forms,
   capitals, accents and joined letters are taken off first.
2. A text has several readings - letters written as digits, stretched, or spelled out one by one -
   and a word found in any of them was found.
3. What cannot be read that way is unreadable, and nobody guesses: other alphabets, invisible
   characters, signs between letters, private characters, emoji.
"""

import re
import unicodedata
from typing import Final

Tokens = tuple[str, ...]

_JOINED: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
    | dict.fromkeys("\u2018\u2019\u201a\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
_PLAIN: Final = re.compile(r"[a-z0-9 .,:;!?'\"()&/%°-]*")
_WORD: Final = re.compile(r"[a-z0-9]+")
_WRITTEN: Final = re.compile(r"[a-z0-9@$!|+€£]+")
_SIGNS: Final = str.maketrans("034567890@$!|+€£", "oeasgtbgoasiltel")
_ONES: Final = ("ii", "ll", "il", "li")  # what the first 1 of a word stands for, and the others
_SPELLED: Final = 3  # single letters in a row
_STRETCHED: Final = 5  # letters of a word that may lose its doubles


def fold(text: str) -> str:
    """Take off all that two spellings of one word may differ in, but letters and their order."""
    wide = unicodedata.normalize("NFKC", text).casefold().translate(_JOINED)
    apart = unicodedata.normalize("NFKD", wide)
    kept = "".join(c for c in apart if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    return " ".join(kept.split())


def readable(text: str) -> bool:
    """Say whether every character is one that a reading keeps: nothing invisible, no other script.

    An accent passes, a heap of them does not.
    """
    if any(unicodedata.category(c) in {"Cf", "Cc", "Co", "Cs", "Cn"} - _breaks(c) for c in text):
        return False
    apart = unicodedata.normalize("NFKD", text)
    if re.search(r"[\u0300-\u036f]{2}|[\u0334-\u0338\u20d0-\u20ff]", apart):
        return False
    return _PLAIN.fullmatch(fold(text)) is not None


def readings(text: str) -> tuple[Tokens, ...]:
    """List the ways to read a text, the plain one first, each once."""
    folded = fold(text)
    plain = tuple(_WORD.findall(folded))
    written = tuple(token.rstrip("!|+") for token in _WRITTEN.findall(folded))
    found = {plain: None}
    for tokens in (plain, *(_digits(written, ones) for ones in _ONES)):
        for way in (_same, _halved, _thinned, _single):
            changed = tuple(way(token) for token in tokens if token)
            found |= {changed: None, _spelled_out(changed): None}
    return tuple(found)


def _breaks(character: str) -> set[str]:
    return {"Cc"} if character in "\n\r\t" else set()


def _digits(tokens: Tokens, ones: str) -> Tokens:
    """Read digits and signs as letters, in words that have a letter, or one alone."""
    return tuple(
        token.replace("1", ones[0], 1).replace("1", ones[1]).translate(_SIGNS)
        if len(token) == 1 or re.search("[a-z]", token)
        else token
        for token in tokens
    )


def _same(token: str) -> str:
    return token


def _halved(token: str) -> str:
    return re.sub(r"(.)\1{2,}", r"\1\1", token)


def _thinned(token: str) -> str:
    return re.sub(r"(.)\1{2,}", r"\1", token)


def _single(token: str) -> str:
    """Take doubles off, less an s at the end: brass is not a stretched word."""
    if len(token) < _STRETCHED:
        return token
    return re.sub(r"([^s])\1+|s{2,}(?=.)", lambda found: found[0][0], token)


def _spelled_out(tokens: Tokens) -> Tokens:
    """Join runs of single letters to one word."""
    joined: list[str] = []
    run: list[str] = []
    for token in (*tokens, ""):
        if len(token) == 1:
            run.append(token)
            continue
        joined += ["".join(run)] if len(run) >= _SPELLED else run
        joined += [token] if token else []
        run = []
    return tuple(joined)
