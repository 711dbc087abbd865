# SPDX-License-Identifier: Apache-2.0
"""Notices: the words a person is shown before they say yes. Serving one is logged.

A grant quotes the serving, so what was read, in which version and language, is provable later.
The hash is that of the words alone, so whoever read them can find them in a bundle.
Files: data/notices/<purpose>.<language>.md, first line `version: N`, then the words.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from sqlalchemy import select

from consent.chance import Chance, identifier
from consent.errors import Misused
from consent.ledger import Ledger
from consent.tables import notice_served, published
from consent.words import Micros, Purpose, Reason, Seq, Subject, public_id
from consent.writing import Writing

DEFAULT_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One purpose's words in one version and language, content-addressed by the words."""

    purpose: Purpose
    version: str
    language: str
    text: str  #: what the person reads, which is what the hash covers
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One showing of a notice to one person."""

    served_id: str
    notice: Notice
    seq: Seq
    at: Micros


def read_notices() -> tuple[Notice, ...]:
    """Read all shipped notices."""
    folder = files("data") / "notices"
    found = [f for f in folder.iterdir() if f.name.endswith(".md")]
    return tuple(
        _notice(f.name, f.read_text("utf-8")) for f in sorted(found, key=lambda f: f.name)
    )


def _notice(file: str, text: str) -> Notice:
    purpose, language, _ = file.split(".")
    first, _, words = text.partition("\n")
    key, _, version = first.partition(": ")
    if key != "version":
        raise Misused(Reason.UNKNOWN_KEY, f"notice {file} must begin with 'version: '")
    words = words.strip() + "\n"
    return Notice(
        purpose=Purpose(purpose),
        version=version.strip(),
        language=language,
        text=words,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
    )


def current(notices: tuple[Notice, ...]) -> Mapping[Purpose, frozenset[str]]:
    """Map each purpose to the hashes of its notices now in force, one a language."""
    return MappingProxyType(
        {p: frozenset(n.sha256 for n in notices if n.purpose is p) for p in Purpose}
    )


class Notices:
    """Serve notices and remember who was served what."""

    def __init__(self, ledger: Ledger, notices: tuple[Notice, ...], chance: Chance) -> None:
        self._ledger = ledger
        self._chance = chance
        self.all = notices
        self.current = current(notices)
        self._by_hash = {notice.sha256: notice for notice in notices}

    def find(self, purpose: Purpose, language: str = DEFAULT_LANGUAGE) -> Notice:
        """Find the words for a purpose; English where the language is not there.

        Errors: Misused(notice-missing) for a purpose that nobody is ever asked for.
        """
        mine = {notice.language: notice for notice in self.all if notice.purpose is purpose}
        if not mine:
            raise Misused(
                Reason.NOTICE_MISSING, f"nobody is asked for {purpose}: it has no notice"
            )
        return mine.get(language) or mine[DEFAULT_LANGUAGE]

    def serve(
        self, subject: Subject, purpose: Purpose, language: str = DEFAULT_LANGUAGE
    ) -> Served:
        """Show a notice to a person and log it; the grant must quote `served_id`."""
        notice = self.find(purpose, language)
        telling = (subject, notice, public_id(identifier(self._chance)))
        return self._ledger.together(_tell, telling)

    def publish(self, writing: Writing) -> None:
        """Log every notice in force that the ledger does not know yet."""
        for notice in self.all:
            publish(writing, "notice.publish", notice.sha256, notice.text)


def publish(writing: Writing, t: str, sha256: str, content: str) -> None:
    """Log a policy or notice before its first use, once."""
    known = writing.connection.execute(
        select(published.c.seq).where(published.c.sha256 == sha256)
    ).scalar()
    if known is None:
        of_policy = t == "policy.publish"
        seq = writing.append(
            t, policy=sha256 if of_policy else None, notice=None if of_policy else sha256
        )
        row = {"sha256": sha256, "t": t, "seq": seq, "content": content}
        writing.insert(published, [row])


def _tell(writing: Writing, told: Sequence[tuple[Subject, Notice, str]]) -> Sequence[Served]:
    """Log notices that are shown to people. Shapes: who, what, and the id that a grant quotes."""
    writing.know(subject for subject, *_ in told)
    served = [_served(writing, *one) for one in told]
    rows = [
        {
            "seq": one.seq,
            "subject": subject,
            "purpose": one.notice.purpose,
            "sha256": one.notice.sha256,
            "served_id": one.served_id,
            "version": one.notice.version,
            "language": one.notice.language,
        }
        for one, (subject, *_) in zip(served, told, strict=True)
    ]
    writing.insert(notice_served, rows)
    return served


def _served(writing: Writing, subject: Subject, notice: Notice, served_id: str) -> Served:
    seq = writing.append(
        "notice.served", subject=subject, purpose=notice.purpose, notice=notice.sha256
    )
    return Served(served_id=served_id, notice=notice, seq=seq, at=writing.now)
