# SPDX-License-Identifier: Apache-2.0
"""Who gets a portrait in this plan: combines what consent and feed answer, decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consent.gate import Ask, Denial, Permit, Select
from consent.words import Purpose, Step, Subject
from engine.plans import Plan
from engine.rooms import Rooms
from feed import inserts, turns
from feed.history import histories
from feed.ranking import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The people of a plan: those who may be drawn, and those whom the gate denied."""

    permits: tuple[Permit[Select], ...]
    denials: tuple[Denial, ...]


def due(rooms: Rooms, plan: Plan) -> Selected:
    """Ask the gate for everybody whose turn it could be; nothing is asked for twice."""
    asked = _questions(rooms, plan)
    answers = rooms.consent.gate.ask_all(asked, run=plan.run)
    return Selected(
        permits=tuple(answer for answer in answers if isinstance(answer, Permit)),
        denials=tuple(answer for answer in answers if isinstance(answer, Denial)),
    )


def _questions(rooms: Rooms, plan: Plan) -> list[Ask[Select]]:
    people = [account.subject for account in rooms.consent.accounts.list()]
    ids = {
        person: plan.request_id(person, rooms.consent.keys.derived("plan")) for person in people
    }
    rules, now = rooms.consent.policy.slots, rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        skipped = turns.not_due(connection, people, rules, now)
    known = rooms.studio.known(list(ids.values()))
    return [
        Ask(
            step=Step.SELECT,
            subject=person,
            purpose=Purpose.FEED_INSERT,
            object=ids[person],
            request=ids[person],
        )
        for person in people
        if person not in skipped and ids[person] not in known
    ]


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
