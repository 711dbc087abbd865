# SPDX-License-Identifier: Apache-2.0
"""Who gets a portrait in this plan: combines what consent and feed answer, decides nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consent.gate import Permit, Select
from consent.words import ObjectId, Purpose, Step, Subject
from engine import pregeneration, trying
from engine.plans import Plan
from engine.rooms import Rooms
from feed import inserts, preferences
from feed.history import histories
from feed.ranking import Candidate

MOST = 5_000
"""So many people at a time are looked up by name, and ordered for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The people of a plan: those who may be drawn, and how many the gate denied."""

    permits: tuple[Permit[Select], ...]
    denied: int
    before: int  #: requests of this plan that stand already: it was begun and cut off


def anybody(_subject: Subject) -> bool:
    """Mean everybody."""
    return True


def due(rooms: Rooms, plan: Plan, among: Callable[[Subject], bool] = anybody) -> Selected:
    """Ask the gate for everybody whose turn it could be; nothing is asked for twice.

    `among` says who is meant, where others select the rest.

    The answers are a block of the ledger for ten thousand people each. A plan that died after its
    blocks writes new ones: nobody has a permit row until their portrait is ordered.
    """
    objects, before = _objects(rooms, plan, among)
    select: Select = Step.SELECT
    decided = rooms.consent.gate.decide_all(select, Purpose.FEED_INSERT, objects, run=plan.run)
    return Selected(permits=decided.permits(objects), denied=decided.denied, before=before)


def _objects(
    rooms: Rooms, plan: Plan, among: Callable[[Subject], bool]
) -> tuple[dict[Subject, ObjectId], int]:
    """Name the one portrait that this plan may make for each person who is due.

    Returns them, and how many others of this plan were asked for already.
    """
    accounts = rooms.consent.accounts.list()
    everybody = [one.subject for one in accounts if among(one.subject)]
    key = rooms.consent.keys.derived("plan")
    found: dict[Subject, ObjectId] = {}
    before = 0
    for start in range(0, len(everybody), MOST):
        people = everybody[start : start + MOST]
        ids = {person: plan.request_id(person, key) for person in people}
        known = rooms.studio.known(list(ids.values()))
        skipped = _not_due(rooms, plan, people)
        found |= {w: obj for w, obj in ids.items() if w not in skipped and obj not in known}
        before += len(known)
    return found, before


def _not_due(rooms: Rooms, plan: Plan, people: Sequence[Subject]) -> frozenset[Subject]:
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        skipped = trying.not_due(rooms, connection, people, now)
    return skipped | pregeneration.too_early(rooms, plan, people)


def candidates(rooms: Rooms, permits: Sequence[Permit[Select]]) -> tuple[Candidate, ...]:
    """Describe selected people to the ranking: their history only where they let it be used."""
    people = [permit.subject for permit in permits]
    now = rooms.consent.ledger.now()
    keys: Mapping[Subject, int] = rooms.consent.accounts.draw_keys(people)
    with rooms.consent.ledger.read() as connection:
        days = rooms.consent.policy.slots.scenario_days
        had = inserts.had_lately(connection, people, days=days, now=now)
        wanted = preferences.wishes(connection, people)
        known = histories(connection, people)
    return tuple(
        Candidate(
            draw_key=keys[person],
            history=known.get(person),
            without=had[person]
            | wanted.get(person, preferences.NO_WISHES).unwanted(rooms.feed.catalogue),
        )
        for person in people
    )
