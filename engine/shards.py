# SPDX-License-Identifier: Apache-2.0
"""Which shard somebody belongs to: a number below how many there are, which never changes.

Rules:
1. an id's shard follows from the id alone: whoever holds an id finds its log without a table
2. a name's shard follows from the name under a key, so that nobody without it learns a thing
3. a new person's id is drawn until its shard is the name's: both ways lead to the same log
"""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consent.errors import Misused
from consent.words import Reason, Subject

LAYOUT: Final = "cells.toml"
"""The file of a home that is spread over cells."""
MOST: Final = 4_096
"""Shards there can be: an id is drawn so many times, on average, until it fits."""
_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One log among `of`, as opened in one term of it."""

    number: int
    of: int
    term: int

    @classmethod
    def read(cls, said: str) -> "Shard | None":
        """Read what a setting says: number/of/term; None where it says nothing.

        Errors: Misused(unknown-key) for what is none.
        """
        if not said:
            return None
        try:
            number, of, term = map(int, said.split("/"))
        except ValueError as error:
            raise Misused(Reason.UNKNOWN_KEY, f"shard is number/of/term, got {said!r}") from error
        return cls(number=number, of=of, term=term)

    def said(self) -> str:
        """Write it as the setting has it."""
        return f"{self.number}/{self.of}/{self.term}"

    def holds(self, subject: Subject) -> bool:
        """Say whether somebody belongs here."""
        return of_subject(subject, self.of) == self.number


def is_spread(home: Path) -> bool:
    """Say whether the people of a home are spread over shards: it has no log of its own."""
    return (home / LAYOUT).is_file()


def of_subject(subject: Subject, shards: int) -> int:
    """Say which of so many shards an id belongs to."""
    digest = hashlib.sha256(b"onlyou shard 1" + subject.to_bytes(_BYTES, "big")).digest()
    return int.from_bytes(digest[:_BYTES], "big") % shards


def of_name(key: bytes, name: str, shards: int) -> int:
    """Say which of so many shards a name belongs to, as an account writes it."""
    clean = " ".join(name.split()).encode()
    digest = hmac.digest(key, b"onlyou name 1|" + clean, "sha256")
    return int.from_bytes(digest[:_BYTES], "big") % shards
