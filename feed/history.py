# SPDX-License-Identifier: Apache-2.0
"""What the ranking may know of people: read only for whoever holds `personalisation` now.

Whoever does not is not in the answer; there is no other way to a history.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from consent.among import among
from consent.standing import bases, newest_terms
from consent.words import Micros, Purpose, Subject
from feed.features import Act, History
from feed.tables import feed_listed, learned

_PURPOSE: Final = Purpose.PERSONALISATION


def histories(connection: Connection, people: Sequence[Subject]) -> Mapping[Subject, History]:
    """Read the histories of those who let us."""
    known = sorted({person for person, _ in bases(connection, people, [_PURPOSE])})
    terms = newest_terms(connection, known, [_PURPOSE])
    acts, shown = _lessons(connection, known), _shown(connection, known)
    return {
        person: History(
            acts=tuple(acts.get(person, ())),
            shown=tuple(shown.get(person, ())),
            since=terms[person, _PURPOSE].at,
        )
        for person in known
    }


def _lessons(connection: Connection, people: Sequence[Subject]) -> dict[Subject, list[Act]]:
    found: dict[Subject, list[Act]] = {}
    columns = (learned.c.subject, learned.c.kind, learned.c.scenario, learned.c.at)
    rows = connection.execute(
        select(*columns)
        .where(among(learned.c.subject, people), learned.c.purpose == _PURPOSE)
        .order_by(learned.c.effect_seq)
    ).all()
    for person, kind, scenario, at in rows:
        act = Act(kind=kind, scenario=scenario, at=Micros(at))
        found.setdefault(Subject(person), []).append(act)
    return found


def _shown(connection: Connection, people: Sequence[Subject]) -> dict[Subject, list[Micros]]:
    found: dict[Subject, list[Micros]] = {}
    rows = connection.execute(
        select(feed_listed.c.subject, feed_listed.c.at)
        .where(among(feed_listed.c.subject, people))
        .order_by(feed_listed.c.at)
    ).all()
    for person, at in rows:
        found.setdefault(Subject(person), []).append(Micros(at))
    return found
