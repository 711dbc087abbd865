# SPDX-License-Identifier: Apache-2.0
"""Openings: the facts behind decisions and grants, held against what their entries commit to."""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from typing import Any, Final

from consent.verify.canonical import Folder, canonical, read_json
from consent.verify.findings import Findings
from consent.verify.policy import FACTS

Facts = Mapping[str, Any]

_NAME: Final = re.compile(r"(0|[1-9][0-9]{0,15})\.json")
_SHAPE: Final = re.compile(
    rb'\{"facts":(\{.*\}),"salt":"([A-Za-z0-9_-]*)","seq":(0|[1-9][0-9]{0,15})\}'
)
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_PADDING: Final = (b"", b"", b"==", b"=")
_MOST_KNOWN: Final = 10_000
_MOST_STRANGERS: Final = 1_000
_CHUNK: Final = 13
_BYTES: Final = (1 << _CHUNK - 3) - 1


def salted(text: bytes) -> bytes:
    """Read a salt or a tag from base64url. Errors: ValueError."""
    padded = text.translate(_FROM_URL) + _PADDING[len(text) % 4]
    return a2b_base64(padded, strict_mode=True)


def named(raw: bytes) -> bytes:
    """Write bytes as base64url without padding."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL)


class Bits:
    """A set of numbers, dense in places: a bit each in chunks of 8,192."""

    def __init__(self) -> None:
        self.chunks: dict[int, bytearray] = {}

    def add(self, number: int) -> None:
        """Put a number in."""
        chunk = self.chunks.setdefault(number >> _CHUNK, bytearray(1 << _CHUNK - 3))
        chunk[number >> 3 & _BYTES] |= 1 << (number & 7)

    def __contains__(self, number: int) -> bool:
        chunk = self.chunks.get(number >> _CHUNK)
        return chunk is not None and bool(chunk[number >> 3 & _BYTES] >> (number & 7) & 1)

    def take(self, other: "Bits") -> None:
        """Put all numbers of another set in."""
        for number, chunk in other.chunks.items():
            mine = self.chunks.setdefault(number, bytearray(len(chunk)))
            mine[:] = map(int.__or__, mine, chunk)

    def __iter__(self) -> Iterator[int]:
        for number in sorted(self.chunks):
            for place, byte in enumerate(self.chunks[number]):
                for bit in range(8) if byte else ():
                    if byte >> bit & 1:
                        yield (number << _CHUNK) + place * 8 + bit


def list_openings(folder: Folder) -> tuple[Bits, list[str]]:
    """Return for which entries a bundle holds openings, and the names that name none."""
    there = Bits()
    strangers: list[str] = []
    for name in folder.names("openings"):
        found = _NAME.fullmatch(name)
        if found is not None:
            there.add(int(found[1]))
        elif len(strangers) < _MOST_STRANGERS:
            strangers.append(name)
    return there, sorted(strangers)


class Opened:
    """Which openings a bundle holds, which were asked for, and what facts they disclose."""

    def __init__(self, folder: Folder, there: Bits) -> None:
        self._folder = folder
        self._there = there
        self.used = Bits()
        self._known: dict[bytes, Facts | None] = {}

    def has(self, seq: int) -> bool:
        """Say whether an entry's opening is there, and take it as asked for."""
        if seq not in self._there:
            return False
        self.used.add(seq)
        return True

    def read(self, seq: int) -> bytes:
        """Return an opening's bytes; nothing where it cannot be read."""
        return self._folder.read(f"openings/{seq}.json") or b""

    def one(self, seq: int, commitment: bytes) -> Facts | None:
        """Return the facts of an opening if they are what its entry commits to, else None."""
        raw = self.read(seq)
        found = _SHAPE.fullmatch(raw)
        if found is not None and int(found[3]) == seq:
            return self._match(found[2], found[1], commitment)
        match read_json(raw):
            case {"seq": int(own), "salt": str(salt), "facts": dict(facts)} if own == seq:
                try:
                    return self._match(salt.encode(), canonical(facts), commitment)
                except (ValueError, RecursionError):
                    return None
            case _:
                return None

    def _match(self, salt: bytes, facts: bytes, commitment: bytes) -> Facts | None:
        try:
            return self.held(salt, facts, salted(commitment))
        except ValueError:
            return None

    def held(self, salt: bytes, facts: bytes, commitment: bytes) -> Facts | None:
        """Return canonical facts if, salted, they hash to a commitment of 32 bytes."""
        try:
            right = sha256(salted(salt) + facts).digest() == commitment
        except ValueError:
            return None
        return self.facts(facts) if right else None

    def text(self, facts: object) -> bytes | None:
        """Write facts canonically; None where they have no such form."""
        try:
            return canonical(facts) if type(facts) is dict else None
        except (ValueError, RecursionError):
            return None

    def facts(self, raw: bytes) -> Facts | None:
        """Read canonical facts, each different text once; None where they are no facts."""
        if raw not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[raw] = _typed(raw)
        return self._known[raw]


def _typed(raw: bytes) -> Facts | None:
    facts = read_json(raw)
    try:
        if type(facts) is not dict or canonical(facts) != raw:
            return None
    except (ValueError, RecursionError):
        return None
    good = all(type(facts.get(name, kind())) is kind for name, kind in FACTS.items())
    return facts if good else None


def report_left_over(
    there: Bits, used: Bits, strangers: Sequence[str], findings: Findings
) -> None:
    """Report openings that no entry asked for."""
    alone = (f"{seq}.json" for seq in there if seq not in used)
    for name in chain(strangers, alone):
        findings.add("commitment-mismatch", "it opens no decision", file=f"openings/{name}")
