# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is not: who asked for quiet, and for whom an unseen insert is waiting already."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from consent.policy import SlotRules
from consent.words import Micros, Subject
from feed.quiet import Said, quiet_until
from feed.tables import feed_act, feed_insert, feed_listed


def not_due(
    connection: Connection, people: Sequence[Subject], rules: SlotRules, now: Micros
) -> frozenset[Subject]:
    """Name those for whom nothing new should be made now; whoever is not known here is due."""
    return _resting(connection, people, rules, now) | _supplied(connection, people, now)


def _resting(
    connection: Connection, people: Sequence[Subject], rules: SlotRules, now: Micros
) -> frozenset[Subject]:
    rows = connection.execute(
        select(feed_act.c.subject, feed_act.c.kind, feed_act.c.at)
        .where(feed_act.c.subject.in_(people))
        .order_by(feed_act.c.at)
    )
    acts: dict[Subject, list[Said]] = {}
    for person, kind, at in rows:
        acts.setdefault(Subject(person), []).append(Said(kind=kind, at=Micros(at)))
    return frozenset(person for person, said in acts.items() if quiet_until(said, rules) > now)


def _supplied(
    connection: Connection, people: Sequence[Subject], now: Micros
) -> frozenset[Subject]:
    """Name those with an insert that no page of theirs has held yet."""
    same = (feed_listed.c.subject == feed_insert.c.subject) & (
        feed_listed.c.object == feed_insert.c.object
    )
    unseen = (
        select(feed_insert.c.subject)
        .select_from(feed_insert.outerjoin(feed_listed, same))
        .where(
            feed_insert.c.subject.in_(people),
            feed_insert.c.expires_at > now,
            feed_listed.c.object.is_(None),
        )
    )
    return frozenset(Subject(person) for person in connection.execute(unseen).scalars())
