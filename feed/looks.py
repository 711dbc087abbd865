# SPDX-License-Identifier: Apache-2.0
"""Who looked at which portrait: noted and read only for whoever holds `telemetry` now.

Rules:
1. a note takes a `learn` permit for `telemetry` and hangs on that basis: it goes when that goes
2. only portraits placed since the present yes count, and only while its notice is the one in force
3. the rows by which the gate opens a portrait for its owner are not read here: they are a record
   of access, not of behaviour, and nobody agreed to their being learned from
`personalisation` does not allow this: its notice promises that nothing counts but what was tapped.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, and_, select

from consent import effects
from consent.among import among
from consent.gate import Ask, Gate, Learn, Permit
from consent.ledger import Ledger
from consent.standing import bases, newest_terms
from consent.words import Micros, ObjectId, Purpose, Step, Subject
from consent.writing import Writing
from feed.likelihood import Look
from feed.tables import decision, feed_insert, learned, share_view

_PURPOSE: Final = Purpose.TELEMETRY
SEEN: Final = "seen"
_MOST: Final = 5_000
_Note = tuple[Ask[Learn], str]


class Looks:
    """Note that somebody looked, where they let us count."""

    def __init__(self, ledger: Ledger, gate: Gate) -> None:
        self._ledger = ledger
        self._gate = gate

    def note(self, viewer: Subject, portrait: ObjectId) -> bool:
        """Note the first look at an insert; say whether a note was made of it."""
        with self._ledger.read() as connection:
            scenario = _unnoted(connection, viewer, portrait)
        if scenario is None:
            return False
        question: Ask[Learn] = Ask(
            step=Step.LEARN, subject=viewer, purpose=_PURPOSE, object=portrait
        )
        return self._ledger.together(self._keep, (question, scenario))

    def _keep(self, writing: Writing, notes: Sequence[_Note]) -> Sequence[bool]:
        return [self._keep_one(writing, *note) for note in notes]

    def _keep_one(self, writing: Writing, question: Ask[Learn], scenario: str) -> bool:
        if _unnoted(writing.connection, question.subject, question.object) is None:
            return False
        (answer,) = self._gate.answer(writing, [question])
        if not isinstance(answer, Permit):
            return False
        row = {"kind": SEEN, "scenario": scenario}
        return isinstance(effects.spend(writing, [answer], learned, [row])[0], effects.Spent)


def looks(
    connection: Connection,
    people: Sequence[Subject],
    current: Mapping[Purpose, frozenset[str]],
) -> Mapping[Subject, tuple[Look, ...]]:
    """Read who looked at what, of those who let us; whoever does not is not in the answer.

    `current` holds the hashes of the notices in force.
    """
    found: dict[Subject, tuple[Look, ...]] = {}
    for start in range(0, len(people), _MOST):
        found |= _looks(connection, people[start : start + _MOST], current)
    return found


def waiting_since(
    connection: Connection, turns: Mapping[Subject, ObjectId]
) -> Mapping[Subject, Micros]:
    """Say since when people wait for a turn: since their last one, or since their yes.

    `turns` names the portrait each would get now: what a crash left recorded of it is no turn.
    """
    people = list(turns)
    terms = newest_terms(connection, people, [Purpose.FEED_INSERT])
    since = {person: term.at for (person, _), term in terms.items()}
    rows = connection.execute(
        select(decision.c.subject, decision.c.id, decision.c.at)
        .where(among(decision.c.subject, people))
        .order_by(decision.c.at)
    )
    return since | {
        Subject(person): Micros(at) for person, obj, at in rows if turns[Subject(person)] != obj
    }


def by_others(connection: Connection, owner: Subject) -> frozenset[int]:
    """Name the decisions by which somebody else looked at what a person shows; never who."""
    rows = select(share_view.c.permit_seq).where(share_view.c.subject == owner)
    return frozenset(connection.execute(rows).scalars())


def _unnoted(connection: Connection, viewer: Subject, portrait: ObjectId) -> str | None:
    """Name the scenario of an insert whose look is to be noted; None where none is."""
    if (viewer, _PURPOSE) not in bases(connection, [viewer], [_PURPOSE]):
        return None
    row = connection.execute(
        select(feed_insert.c.scenario)
        .select_from(feed_insert.outerjoin(learned, _NOTED))
        .where(
            feed_insert.c.subject == viewer,
            feed_insert.c.object == portrait,
            learned.c.object.is_(None),
        )
    ).one_or_none()
    return None if row is None else str(row[0])


def _looks(
    connection: Connection,
    people: Sequence[Subject],
    current: Mapping[Purpose, frozenset[str]],
) -> dict[Subject, tuple[Look, ...]]:
    held = sorted({person for person, _ in bases(connection, people, [_PURPOSE])})
    terms = newest_terms(connection, held, [_PURPOSE])
    since = {
        person: term.at for (person, _), term in terms.items() if term.current(_PURPOSE, current)
    }
    rows = connection.execute(
        select(*_COLUMNS)
        .select_from(feed_insert.outerjoin(learned, _NOTED))
        .where(feed_insert.c.subject.in_(since))
        .order_by(feed_insert.c.at)
    )
    found: dict[Subject, list[Look]] = {person: [] for person in since}
    for person, placed_at, expires_at, seen_at in rows:
        if placed_at >= since[Subject(person)]:
            look = Look(placed_at=placed_at, expires_at=expires_at, seen_at=seen_at)
            found[Subject(person)].append(look)
    return {person: tuple(mine) for person, mine in found.items()}


_NOTED: Final = and_(
    learned.c.subject == feed_insert.c.subject,
    learned.c.object == feed_insert.c.object,
    learned.c.purpose == _PURPOSE,
    learned.c.kind == SEEN,
)
_COLUMNS: Final = (
    feed_insert.c.subject,
    feed_insert.c.at,
    feed_insert.c.expires_at,
    learned.c.at,
)
