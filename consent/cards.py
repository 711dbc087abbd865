# SPDX-License-Identifier: Apache-2.0
"""Model cards: which models, of which licence and hash, touched a face. Content-addressed TOML.

An effect's entry names its card; the bundle holds the card; a person's receipt lists the models.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from consent.tables import card
from consent.writing import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card as it is kept: the SHA-256 of its bytes, and its text."""

    sha256: str
    text: str

    @staticmethod
    def of(text: str) -> "Card":
        """Name a card by its content."""
        return Card(sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)


def keep(writing: Writing, one: Card) -> None:
    """Keep a card before the first entry that names it, once."""
    known = select(card.c.sha256).where(card.c.sha256 == one.sha256)
    if writing.connection.execute(known).first() is None:
        writing.insert(card, [{"sha256": one.sha256, "content": one.text}])


def read(connection: Connection, names: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
    """Read cards by hash, in the order of their hashes."""
    wanted = sorted(set(names))
    rows = connection.execute(
        select(card.c.sha256, card.c.content).where(card.c.sha256.in_(wanted))
    )
    found = {sha256: tomllib.loads(content) for sha256, content in rows}
    return {sha256: found[sha256] for sha256 in wanted if sha256 in found}
