# SPDX-License-Identifier: Apache-2.0
"""From a slot that said yes to a permit row: what is looked at again when somebody goes on.

The database cannot see into a record. So it is read here, and once more by every auditor: what
the slot says, whose it is, and whether what it rested on still stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, select

from consent import blocks, entries
from consent.among import among
from consent.errors import Misused
from consent.paused import paused
from consent.policy import CAPPED, UNPAUSED, Policy
from consent.standing import Question, Uses, bases
from consent.tables import block, chain, entry
from consent.words import Epoch, Micros, Purpose, Reason, Seq, Subject


class Slot(Question, Protocol):
    """A decision that claims to have said yes; of a block, one slot of it."""

    @property
    def seq(self) -> Seq:
        """The entry of the decision."""
        ...

    @property
    def slot(self) -> int:
        """The place in it."""
        ...

    @property
    def epoch(self) -> Epoch:
        """The basis it rested on."""
        ...

    @property
    def not_after(self) -> Micros:
        """Until when it is good."""
        ...


def refusals(
    connection: Connection, now: Micros, policy: Policy, slots: Sequence[Slot]
) -> dict[tuple[Seq, int], Reason]:
    """Say why slots may not go on, by seq and slot; whoever may is absent from the answer.

    Withdrawn where its basis has gone, paused while that lasts, stale where its time is over, cap
    where others were used meanwhile. Errors: Misused(permit-used) for a slot that never said this.
    """
    _honest(connection, slots)
    people = sorted({s.subject for s in slots})
    held = bases(connection, people, {s.purpose for s in slots})
    stopped = paused(connection, people, now)
    uses = Uses(connection, now, slots)
    said = {
        (one.seq, one.slot): _why(held, uses, policy, now, one, stopped=one.subject in stopped)
        for one in slots
    }
    return {place: why for place, why in said.items() if why is not None}


def _why(
    held: Mapping[tuple[Subject, Purpose], Epoch],
    uses: Uses,
    policy: Policy,
    now: Micros,
    one: Slot,
    *,
    stopped: bool,
) -> Reason | None:
    if held.get((one.subject, one.purpose)) != one.epoch:
        return Reason.WITHDRAWN
    if stopped and one.step not in UNPAUSED:
        return Reason.PAUSED
    if now >= one.not_after:
        return Reason.STALE
    day, week = uses.others(one)
    caps = policy.caps.get(one.purpose)
    if caps and one.step in CAPPED and (day >= caps.per_day or week >= caps.per_week):
        return Reason.CAP
    uses.add(one)
    return None


def _honest(connection: Connection, slots: Sequence[Slot]) -> None:
    """Hold every claim against the block's entry, its record and its person's tag."""
    bodies, records = _blocks(connection, {one.seq for one in slots})
    tags = _tags(connection, {one.subject for one in slots})
    for one in slots:
        body, written = bodies.get(one.seq, {}), records.get(one.seq, b"")
        asked = (body.get("step"), body.get("purpose"), body.get("not_after"))
        if asked != (one.step, one.purpose, one.not_after) or not _says(written, one, tags):
            raise Misused(
                Reason.PERMIT_USED, f"slot {one.slot} of block {one.seq} does not allow this"
            )


def _says(written: bytes, one: Slot, tags: Mapping[Subject, str]) -> bool:
    width = blocks.RECORD.itemsize
    if not 0 <= one.slot < len(written) // width:
        return False
    said = blocks.read(written[one.slot * width : (one.slot + 1) * width])
    mine = said.tag == tags.get(one.subject)
    return mine and said.reason is None and said.epoch == one.epoch


def _blocks(
    connection: Connection, seqs: Iterable[Seq]
) -> tuple[dict[Seq, dict[str, Any]], dict[Seq, bytes]]:
    rows = connection.execute(
        select(block.c.seq, entry.c.body, block.c.records)
        .join(entry, entry.c.seq == block.c.seq)
        .where(among(block.c.seq, sorted(seqs)))
    ).all()
    bodies = {Seq(seq): entries.decode(body) for seq, body, _ in rows}
    return bodies, {Seq(seq): bytes(records) for seq, _, records in rows}


def _tags(connection: Connection, people: Iterable[Subject]) -> dict[Subject, str]:
    rows = connection.execute(
        select(chain.c.subject, chain.c.tag).where(among(chain.c.subject, sorted(people)))
    ).all()
    return {Subject(person): tag for person, tag in rows}
