# SPDX-License-Identifier: Apache-2.0
"""Place portraits into their owner's feed, and know which are ready for a slot.

Rules:
1. placing takes an insert permit for exactly this portrait; the viewer is the permit's subject
2. an insert expires by itself; what expired is not ready, whoever asks
3. hidden, reported, or answered with "fewer": that insert is not ready any more, nor is one that
   a restore took out of the feed; what was not placed before a restore is not placed after it
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Select, bindparam, exists, or_, select

from consent import effects
from consent.among import among
from consent.effects import Spent
from consent.gate import Denial, Insert, Permit
from consent.ledger import Ledger
from consent.policy import Policy
from consent.prepared import Prepared
from consent.words import DAY, HOUR, Micros, ObjectId, Purpose, Subject
from feed.slots import Shown
from feed.tables import asset, decision, feed_act, feed_insert, feed_listed

_PURPOSE = Purpose.FEED_INSERT
RESTORED = "restored"
"""Stands where an act does: nobody knows what the person did with this portrait since a backup."""
AWAY = ("hide", "fewer", "report", RESTORED)
"""Acts after which an insert is not shown again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An insert in its owner's feed."""

    object: ObjectId
    scenario: str
    placed_at: Micros
    expires_at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A stored portrait that may go into its owner's feed."""

    subject: Subject
    object: ObjectId
    scenario: str


class Inserts:
    """Place inserts; everything about them is read by subject."""

    def __init__(self, ledger: Ledger, policy: Policy) -> None:
        self._ledger = ledger
        self._hours = policy.portraits.insert_hours

    def place(
        self,
        permits: Sequence[Permit[Insert]],
        scenarios: Sequence[str],
        marks: Sequence[str | None] = (),
    ) -> tuple[Spent | Denial, ...]:
        """Put stored portraits into the feeds of their owners, in one transaction.

        `marks` holds the commitment to each one's label and credential; its entry repeats it.
        Answers come in order; a Denial where the basis has gone since, or another has placed it.
        Errors: Misused(permit-used) for a permit that is spent, too old or for something else.
        """
        if not permits:
            return ()
        with self._ledger.write(permits) as writing:
            expires_at = writing.now + self._hours * HOUR
            rows = [{"scenario": scenario, "expires_at": expires_at} for scenario in scenarios]
            stands = _standing(writing.connection, permits)
            free = [place for place, one in enumerate(permits) if one.object not in stands]
            done = effects.spend(
                writing,
                [permits[place] for place in free],
                feed_insert,
                [rows[place] for place in free],
                marks=[marks[place] for place in free] if marks else (),
            )
        by_place = dict(zip(free, done, strict=True))
        return tuple(by_place.get(place) or effects.used(one) for place, one in enumerate(permits))

    def unplaced(self, only: Collection[ObjectId] | None = None) -> tuple[Waiting, ...]:
        """List stored portraits made for the feed that never stood in it, oldest first.

        Of those that were there at a restore nobody knows whether they stood in it since.
        `only` names those that are meant; None: all.
        """
        same = (feed_act.c.subject == asset.c.subject) & (feed_act.c.item == asset.c.object)
        joined = asset.join(decision, decision.c.id == asset.c.object).outerjoin(
            feed_insert, feed_insert.c.object == asset.c.object
        )
        waiting = (
            select(asset.c.subject, asset.c.object, decision.c.scenario)
            .select_from(joined)
            .where(asset.c.purpose == _PURPOSE, feed_insert.c.object.is_(None))
            .where(~exists().where(same, feed_act.c.kind == RESTORED))
            .order_by(asset.c.effect_seq)
        )
        if only is not None:
            waiting = waiting.where(among(asset.c.object, only))
        with self._ledger.read() as connection:
            rows = connection.execute(waiting).all()
        return tuple(
            Waiting(subject=Subject(person), object=ObjectId(obj), scenario=scenario or "")
            for person, obj, scenario in rows
        )


def _standing(connection: Connection, permits: Sequence[Permit[Insert]]) -> frozenset[int]:
    """Name what stands under another permit: a process has placed it since these were given."""
    mine = {permit.object: (permit.seq, permit.slot) for permit in permits}
    row = (feed_insert.c.object, feed_insert.c.permit_seq, feed_insert.c.permit_slot)
    found = connection.execute(select(*row).where(among(feed_insert.c.object, mine)))
    return frozenset(obj for obj, *place in found if tuple(place) != mine[ObjectId(obj)])


def ready(
    connection: Connection, viewer: Subject, *, placed_by: Micros, now: Micros
) -> tuple[Placed, ...]:
    """List what may stand in a viewer's feed, newest first."""
    rows = _READY(connection, viewer=viewer, placed_by=placed_by, now=now)
    return tuple(
        Placed(
            object=ObjectId(obj),
            scenario=scenario,
            placed_at=Micros(at),
            expires_at=Micros(expires_at),
        )
        for obj, scenario, at, expires_at in rows
    )


def _ready() -> Select[*tuple[Any, ...]]:
    who: BindParameter[int] = bindparam("viewer")
    expires = feed_insert.c.expires_at
    away = or_(*(feed_act.c.kind == one for one in AWAY))
    gone = select(feed_act.c.item).where(feed_act.c.subject == who, away)
    return (
        select(feed_insert.c.object, feed_insert.c.scenario, feed_insert.c.at, expires)
        .where(
            feed_insert.c.subject == who,
            feed_insert.c.at <= bindparam("placed_by"),
            bindparam("now") < expires,
            feed_insert.c.object.not_in(gone),
        )
        .order_by(feed_insert.c.at.desc(), feed_insert.c.object)
    )


_READY: Final = Prepared(_ready())
_LISTED: Final = Prepared(
    select(feed_listed.c.object, feed_listed.c.scenario, feed_listed.c.at)
    .where(feed_listed.c.subject == bindparam("viewer"))
    .order_by(feed_listed.c.at, feed_listed.c.object)
)


def listed(connection: Connection, viewer: Subject) -> tuple[Shown, ...]:
    """List what a viewer's pages have held, and when first."""
    rows = _LISTED(connection, viewer=viewer)
    return tuple(Shown(id=obj, scenario=scenario, at=Micros(at)) for obj, scenario, at in rows)


def had_lately(
    connection: Connection, people: Sequence[Subject], *, days: int, now: Micros
) -> Mapping[Subject, frozenset[str]]:
    """Name the scenarios that each person was given or shown in the last days."""
    since = now - days * DAY
    found: dict[Subject, set[str]] = {person: set() for person in people}
    for table in (feed_insert, feed_listed):
        rows = connection.execute(
            select(table.c.subject, table.c.scenario).where(
                among(table.c.subject, people), table.c.at > since
            )
        ).all()
        for person, scenario in rows:
            found[Subject(person)].add(scenario)
    return {person: frozenset(scenarios) for person, scenarios in found.items()}


def placed(connection: Connection, viewer: Subject) -> frozenset[ObjectId]:
    """Name the portraits that stand or stood in a viewer's feed."""
    rows = connection.execute(select(feed_insert.c.object).where(feed_insert.c.subject == viewer))
    return frozenset(ObjectId(obj) for obj in rows.scalars())
