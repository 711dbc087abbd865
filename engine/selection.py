# SPDX-License-Identifier: Apache-2.0
"""Who gets a portrait in this plan: combines what consent and feed answer, decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consent.gate import Permit, Select
from consent.words import ObjectId, Purpose, Step, Subject
from engine.plans import Plan
from engine.rooms import Rooms
from feed import inserts, turns
from feed.history import histories
from feed.ranking import Candidate

MOST = 5_000
"""So many people at a time are looked up by name, and ordered for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The people of a plan: those who may be drawn, and how many the gate denied."""

    permits: tuple[Permit[Select], ...]
    denied: int


def due(rooms: Rooms, plan: Plan) -> Selected:
    """Ask the gate for everybody whose turn it could be; nothing is asked for twice.

    The answers are a block of the ledger for ten thousand people each. A plan that died after its
    blocks writes new ones: nobody has a permit row until their portrait is ordered.
    """
    objects = _objects(rooms, plan)
    select: Select = Step.SELECT
    decided = rooms.consent.gate.decide_all(select, Purpose.FEED_INSERT, objects, run=plan.run)
    return Selected(permits=decided.permits(objects), denied=decided.denied)


def _objects(rooms: Rooms, plan: Plan) -> dict[Subject, ObjectId]:
    """Name the one portrait that this plan may make for each person who is due."""
    everybody = [account.subject for account in rooms.consent.accounts.list()]
    key = rooms.consent.keys.derived("plan")
    found: dict[Subject, ObjectId] = {}
    for start in range(0, len(everybody), MOST):
        people = everybody[start : start + MOST]
        found |= _due(rooms, {person: plan.request_id(person, key) for person in people})
    return found


def _due(rooms: Rooms, ids: Mapping[Subject, ObjectId]) -> dict[Subject, ObjectId]:
    rules, now = rooms.consent.policy.slots, rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        skipped = turns.not_due(connection, list(ids), rules, now)
    known = rooms.studio.known(list(ids.values()))
    return {who: obj for who, obj in ids.items() if who not in skipped and obj not in known}


def candidates(rooms: Rooms, permits: Sequence[Permit[Select]]) -> tuple[Candidate, ...]:
    """Describe selected people to the ranking: their history only where they let it be used."""
    people = [permit.subject for permit in permits]
    now = rooms.consent.ledger.now()
    keys: Mapping[Subject, int] = rooms.consent.accounts.draw_keys(people)
    with rooms.consent.ledger.read() as connection:
        days = rooms.consent.policy.slots.scenario_days
        had = inserts.had_lately(connection, people, days=days, now=now)
        known = histories(connection, people)
    return tuple(
        Candidate(draw_key=keys[person], history=known.get(person), without=had[person])
        for person in people
    )
