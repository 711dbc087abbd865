# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is not: nothing is made that could not be shown.

Resting are those who asked for quiet, supplied those with an insert that no page has held yet,
full those whose rolling week holds as many as the policy allows or as they want themselves.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from consent.among import among
from consent.policy import SlotRules
from consent.words import DAY, Micros, Subject
from feed import preferences
from feed.quiet import Said, quiet_until
from feed.tables import feed_act, feed_insert, feed_listed


def not_due(
    connection: Connection, people: Sequence[Subject], rules: SlotRules, now: Micros
) -> frozenset[Subject]:
    """Name those for whom nothing new should be made now; whoever is not known here is due."""
    resting = _resting(connection, people, rules, now)
    return resting | _supplied(connection, people, now) | _full(connection, people, rules, now)


def _resting(
    connection: Connection, people: Sequence[Subject], rules: SlotRules, now: Micros
) -> frozenset[Subject]:
    rows = connection.execute(
        select(feed_act.c.subject, feed_act.c.kind, feed_act.c.at)
        .where(among(feed_act.c.subject, people))
        .order_by(feed_act.c.at)
    ).all()
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
            among(feed_insert.c.subject, people),
            feed_insert.c.expires_at > now,
            feed_listed.c.object.is_(None),
        )
    )
    return frozenset(Subject(person) for person in connection.execute(unseen).scalars())


def _full(
    connection: Connection, people: Sequence[Subject], rules: SlotRules, now: Micros
) -> frozenset[Subject]:
    """Name those whose last seven days hold all they may have, or all they want."""
    lately = (among(feed_listed.c.subject, people), feed_listed.c.at > now - 7 * DAY)
    counted = select(feed_listed.c.subject, func.count()).where(*lately)
    had = {
        Subject(person): count
        for person, count in connection.execute(counted.group_by(feed_listed.c.subject))
    }
    wanted = preferences.wishes(connection, people)
    rest = {person: preferences.lowered(rules, wishes) for person, wishes in wanted.items()}
    return frozenset(
        person
        for person in had.keys() | rest.keys()
        if had.get(person, 0) >= rest.get(person, rules).per_week
    )
