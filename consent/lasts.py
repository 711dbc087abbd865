# SPDX-License-Identifier: Apache-2.0
"""Everybody's last entry, logged as one root: written after each plan, answered from for each.

Rules:
1. the map is an `aggregate` entry and covers all entries before it, up to the last one
2. it is built beside the log; only what came meanwhile is put in while the log head is held
3. who asked to be erased is in no later map: nothing can be said of them any more
4. an older map is told from what holds now and the entries since, so that no copy of it is kept
"""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from consent import entries
from consent.errors import Misused
from consent.ledger import Ledger
from consent.tables import aggregate, block, chain, entry, log_head
from consent.tag_map import (
    KIND,
    TAG_BYTES,
    Last,
    Placed,
    Tag,
    TagMap,
    described,
    named,
    previous,
    records,
)
from consent.words import Reason, Seq, Subject
from consent.writing import Writing

_IDLE: Final = ("aggregate", "checkpoint.witnessed")
"""What the log says about itself: when nothing else was said, the last map still holds."""
_ERASED: Final = ("erase.request", "erase.done")
_ROUNDS: Final = 3
_CHUNK: Final = 1_000

Ends = dict[Tag, Last | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the newest logged map says of one tag: the tag's own leaf, or those beside its gap."""

    seq: Seq
    leaves: tuple[Placed, ...]


class Lasts:
    """Log the map of last entries; prove what it says of a person."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._making = threading.Lock()
        self._made: tuple[Seq, TagMap] | None = None

    def log(self) -> Seq | None:
        """Append the map when anything was said since the last one; return its entry."""
        with self._ledger.read() as connection:
            if not _news(connection):
                return None
            size, ends = _size(connection), _ends(connection)
        made = TagMap(ends.items())
        for _ in range(_ROUNDS):
            with self._ledger.read() as connection:
                since, size = size, _size(connection)
                moved = _after(connection, since)
            made.move(moved)
        with self._ledger.write() as writing:
            made.move(_after(writing.connection, size))
            seq = _append(writing, made)
        with self._making:
            self._made = seq, made
        return seq

    def shown_to(self, subject: Subject) -> Shown | None:
        """Prove to a person what the newest map says of them; None when none was logged yet.

        Errors: Misused(unknown-subject) for whom nobody here knows.
        """
        with self._ledger.read() as connection:
            mine = select(chain.c.tag).where(chain.c.subject == subject)
            tag = connection.execute(mine).scalar()
        if tag is None:
            raise Misused(Reason.UNKNOWN_SUBJECT, "this person is not known here")
        return self.shown(tag)

    def shown(self, tag: str) -> Shown | None:
        """Prove what the newest map says of a tag; None when none was logged yet.

        The first question after a new map builds it again: seconds for a million people.
        """
        with self._making:
            with self._ledger.read() as connection:
                seq = newest(connection)
                if seq is None:
                    return None
                fresh = self._made is not None and self._made[0] == seq
                ends = {} if fresh else _as_of(connection, seq)
            if self._made is None or not fresh:
                self._made = seq, TagMap(ends.items())
            leaves = self._made[1].prove(entries.from_base64url(tag))
        return Shown(seq=seq, leaves=leaves)


def newest(connection: Connection) -> Seq | None:
    """Find the entry of the newest map."""
    maps = aggregate.c.content.contains(f'"kind":"{KIND}"', autoescape=True)
    found = select(aggregate.c.seq).where(maps).order_by(aggregate.c.seq.desc()).limit(1)
    seq = connection.execute(found).scalar()
    return None if seq is None else Seq(seq)


def _news(connection: Connection) -> bool:
    last = newest(connection)
    said = select(entry.c.seq).where(entry.c.t.not_in(_IDLE))
    since = said if last is None else said.where(entry.c.seq > last)
    return connection.execute(since.limit(1)).first() is not None


def _append(writing: Writing, made: TagMap) -> Seq:
    root = made.root().hex()
    content = described(root, len(made), writing.size)
    sha256 = hashlib.sha256(content).hexdigest()
    seq = writing.append("aggregate", content=sha256, map=root, n=len(made))
    writing.insert(aggregate, [{"seq": seq, "sha256": sha256, "content": content.decode()}])
    return seq


def _size(connection: Connection) -> int:
    size: int = connection.execute(select(log_head.c.size)).scalar_one()
    return size


def _ends(connection: Connection) -> dict[Tag, Last]:
    """Read everybody's end as it is now."""
    columns = (chain.c.tag, chain.c.last, chain.c.slot)
    rows = connection.execute(select(*columns).where(chain.c.last.is_not(None)))
    return {entries.from_base64url(tag): (last, slot) for tag, last, slot in rows}


def _after(connection: Connection, since: int) -> Ends:
    """Tell whose ends moved since a size, and where to; None of those who asked to be erased."""
    moved: Ends = {}
    gone: Ends = {}
    for one in _said(connection, since):
        if one.t in _ERASED:  # the request may have been before this size
            gone[one.tag] = None
        moved[one.tag] = one.last
    return moved | gone


def _as_of(connection: Connection, size: int) -> dict[Tag, Last]:
    """Tell everybody's end at an earlier size: of whom was spoken since, what that names."""
    before: Ends = {}
    for one in _said(connection, size):
        if one.t != "erase.done":  # of somebody erased before, or of whom the request spoke first
            before.setdefault(one.tag, one.prev)
    ends = {**_ends(connection), **before}
    return {tag: last for tag, last in ends.items() if last is not None}


@dataclass(frozen=True, slots=True)
class _Said:
    """One entry, or one slot of a block, about one person."""

    t: str
    tag: Tag
    last: Last
    prev: Last | None


def _said(connection: Connection, since: int) -> Iterator[_Said]:
    """Yield what was said about anybody since a size, in order."""
    columns = (entry.c.seq, entry.c.t, entry.c.body, block.c.records)
    both = entry.outerjoin(block, block.c.seq == entry.c.seq)
    found = select(*columns).select_from(both).where(entry.c.seq >= since).order_by(entry.c.seq)
    for seq, t, body, joined in connection.execute(found.execution_options(yield_per=_CHUNK)):
        told = entries.decode(body)
        if "tag" in told:
            tag = entries.from_base64url(told["tag"])
            yield _Said(t, tag, (seq, None), named(told.get("prev")))
        elif t == "block" and "policy" in told:
            for slot, record in enumerate(records(bytes(joined))):
                yield _Said(t, record[:TAG_BYTES], (seq, slot), previous(record))
