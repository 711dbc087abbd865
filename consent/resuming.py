# SPDX-License-Identifier: Apache-2.0
"""Go on from an older copy of a database: nothing that ended since comes back, nobody returns.

A copy is behind. What ended meanwhile is told by the entries that came since, which hold no
personal data, so that any auditor's bundle has them; and by the key store, which was not copied.
Rules, all in the transaction that brings the copy:
1. the entries since are appended as they were: the log goes on, it does not fork
2. what they ended ends: bases with all that hangs on them, things that were destroyed, people
3. what they began is lost, since its rows and keys are: it is logged as ended, by the system, and
   its person is asked again. Whoever joined since is logged as erased
4. what was used counts as used: caps hold
5. whose secret is gone was erased, whatever the copy says; a key whose wrapping key is gone opens
   nothing, so its basis ends
6. what other rooms know that no entry tells of ends as they say (`also`)
7. so a copy brings back no yes that its person took back, and none that nobody can act on
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from consent import batches, entries, erasure, merkle, withdrawal
from consent.chance import Chance
from consent.keys import ROOT_WEEK, KeyStore
from consent.remains import Place, Remains
from consent.since import Acts, Since
from consent.tables import (
    aggregate,
    basis,
    block,
    card,
    chain,
    entry,
    log_head,
    published,
    subject_key,
)
from consent.words import Actor, Micros, Purpose, Subject
from consent.writing import Writing

_PUBLISHED: Final = {"policy.publish": "policy", "notice.publish": "notice"}
Also = Callable[[Writing], None]
"""What other rooms do in the same transaction, once all that ended has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What came of it: how many entries were added, and what they and the keys ended."""

    entries: int
    ended: int  #: bases of the copy that end now
    destroyed: int  #: things of the copy that go now
    erased: int  #: people of the copy who are gone
    lapsed: int  #: people told of in the added entries alone, and what began in them


class Resuming:
    """Bring a copy up to date, in the transaction that brought it."""

    def __init__(self, connection: Connection, keys: KeyStore, chance: Chance) -> None:
        self._connection = connection
        self._keys = keys
        self._chance = chance
        self._remains = Remains(connection)
        rows = connection.execute(select(chain.c.tag, chain.c.subject))
        self._people = {tag: Subject(who) for tag, who in rows}
        self._tags = {who: tag for tag, who in self._people.items()}
        self._acts = Acts(connection, keys, self._people)

    def resume(self, since: Iterable[Since], now: Micros, also: Also = lambda _: None) -> Resumed:
        """Append what came since and end what ended; see the rules above."""
        size, at = self._connection.execute(select(log_head.c.size, log_head.c.now)).one()
        before = size
        for one in since:
            body = entries.decode(one.body)
            self._append(one, body)
            self._acts.take(one.seq, body)
            self._remains.take(one.seq, body, one.records)
            size, at = one.seq + 1, max(at, body["at"])
        at = Micros(max(at, now))
        self._connection.execute(update(log_head).values(size=size, now=at))
        self._move_chains()
        gone = self._gone()
        writing = Writing(self._connection, size, at, self._keys, self._chance)
        unopenable = self._end_unopenable(writing, gone)
        lapsed = self._close(writing, gone)
        also(writing)
        writing.close()
        return Resumed(
            entries=size - before,
            ended=self._acts.ended + unopenable,
            destroyed=self._acts.destroyed,
            erased=len(gone),
            lapsed=lapsed,
        )

    # --- entries as they were

    def _append(self, one: Since, body: Mapping[str, Any]) -> None:
        row = (one.seq, body["t"], one.body, merkle.leaf_hash(one.body))
        batches.add_entries(self._connection, [row])
        if one.records:
            records = {"seq": one.seq, "records": one.records}
            self._connection.execute(block.insert().values(records))
        if one.content is not None:
            self._keep(one.seq, body, one.content)
        if one.card is not None:
            self._once(card, {"sha256": body["recipe"], "content": one.card})

    def _keep(self, seq: int, body: Mapping[str, Any], content: str) -> None:
        t, named = body["t"], _PUBLISHED.get(body["t"])
        row = {"seq": seq, "t": t, "content": content}
        if named is None:
            self._connection.execute(aggregate.insert().values(row | {"sha256": body["object"]}))
        else:
            self._once(published, row | {"sha256": body[named]})

    def _once(self, table: Any, row: Mapping[str, Any]) -> None:  # noqa: ANN401 - a Table
        there = select(table.c.sha256).where(table.c.sha256 == row["sha256"])
        if self._connection.execute(there).first() is None:
            self._connection.execute(table.insert().values(row))

    def _move_chains(self) -> None:
        ends = self._remains.ends
        rows = [
            (*_pair(place), self._people[tag])
            for tag, place in sorted(ends.items())
            if tag in self._people
        ]
        batches.move_chains(self._connection, rows)

    # --- what cannot go on

    def _gone(self) -> Sequence[Subject]:
        """List who asked to be erased since, or has no secret any more."""
        asked = {self._people[tag] for tag in self._remains.asked if tag in self._people}
        everybody = sorted(self._tags)
        secrets = self._keys.secrets(everybody)
        return sorted(asked.union(who for who in everybody if who not in secrets))

    def _close(self, writing: Writing, gone: Sequence[Subject]) -> int:
        """Log the end of all that began since or cannot go on; return how many it was of."""
        self._erase(writing, gone)
        lapsed = 0
        for tag in self._remains.people():
            who = self._people.get(tag)
            if who in gone or (who is None and tag in self._remains.erased):
                continue
            prev = self._remains.ends[tag] if who is None else writing.link(who).prev
            lapsed += self._lapse(writing, tag, who, _place(prev))
        return lapsed

    def _lapse(self, writing: Writing, tag: str, who: Subject | None, prev: Place | None) -> bool:
        if who is not None:
            last = self._remains.end(writing, tag, prev)
            if last != prev:
                writing.follow(who, last)  # type: ignore[arg-type]
            return last != prev
        if tag not in self._remains.asked:
            prev = writing.append("erase.request", tag=tag, prev=prev, actor=Actor.SYSTEM)
        last = self._remains.end(writing, tag, prev)
        writing.append("erase.done", tag=tag, prev=last, actor=Actor.SYSTEM)
        return True

    def _erase(self, writing: Writing, gone: Sequence[Subject]) -> None:
        """Let everything of these people go; their log says so, if it did not yet."""
        if not gone:
            return
        whole = Remains(self._connection)
        wanted = {self._tags[who] for who in gone}
        self._read(whole, wanted)
        for who in gone:
            tag = self._tags[who]
            self._keys.destroy_secret(who)
            prev = whole.ends.get(tag)
            self._connection.execute(delete(basis).where(basis.c.subject == who))
            erasure.purge(self._connection, who)
            if tag in whole.erased:
                continue
            if tag not in whole.asked:
                prev = writing.append("erase.request", tag=tag, prev=prev, actor=Actor.SYSTEM)
            last = whole.end(writing, tag, prev)
            writing.append("erase.done", tag=tag, prev=last, actor=Actor.SYSTEM)

    def _read(self, whole: Remains, wanted: set[str]) -> None:
        columns = (entry.c.seq, entry.c.body, block.c.records)
        both = entry.outerjoin(block, block.c.seq == entry.c.seq)
        rows = self._connection.execute(select(*columns).select_from(both).order_by(entry.c.seq))
        for seq, body, records in rows:
            told = entries.decode(bytes(body))
            if told["t"] == "block" or told.get("tag") in wanted:
                whole.take(seq, told, bytes(records or b""))

    def _end_unopenable(self, writing: Writing, gone: Sequence[Subject]) -> int:
        """End bases whose key no wrapping key opens any more: the copy is older than it may be."""
        there = {*self._keys.weeks(), ROOT_WEEK}
        weeks = self._connection.execute(select(subject_key.c.week).distinct()).scalars()
        lost = [week for week in weeks if week not in there]
        columns = (subject_key.c.subject, subject_key.c.purpose)
        dead = select(*columns).where(subject_key.c.week.in_(lost)).order_by(*columns)
        rows = self._connection.execute(dead).all() if lost else ()
        return sum(
            withdrawal.lapse(writing, Subject(who), Purpose(purpose))
            for who, purpose in rows
            if who not in gone
        )


def _pair(place: Place) -> tuple[int, int | None]:
    return (place, None) if isinstance(place, int) else (place[0], place[1])


def _place(prev: Any) -> Place | None:  # noqa: ANN401 - as an entry has it
    return prev if prev is None or isinstance(prev, int) else list(prev)
