# SPDX-License-Identifier: Apache-2.0
"""Draw for those who will probably look, within a plan's seconds, close to when they look.

In force where `gpu_seconds` is set; without it everybody who is due is drawn for in every plan.
Rules:
1. whoever is left for later has no permit row and no request: caps do not count them, the next
   plan asks the gate for them again, and nothing of this plan is owed to them or kept of them
2. what is known of a person's looks comes from feed/looks, only under `telemetry`; everybody else
   is as likely as people are, and has no usual hour
3. portraits that somebody asked for are made whatever they take; a plan alone has a budget
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consent.gate import Permit, Select
from consent.words import DAY, HOUR, Micros, ObjectId, Subject
from engine import budget, costs
from engine.budget import Turn
from engine.plans import Plan
from engine.rooms import Rooms
from feed import likelihood, looks

COUNTED: Final = ("later", "lot")
"""What an outcome counts more where there is a budget: left for a later plan; served by lot."""
_MARGIN: Final = 1.0
"""Hours before the usual one by which a portrait should be there."""
_HOURS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Those of the selected who are drawn for now."""

    permits: tuple[Permit[Select], ...]
    drawn: frozenset[ObjectId]
    later: int

    @property
    def counted(self) -> Mapping[str, int]:
        """Count for the plan's outcome."""
        return {"later": self.later, "lot": len(self.drawn)}


def within(
    rooms: Rooms, plan: Plan, permits: tuple[Permit[Select], ...], *, before: int
) -> Served:
    """Keep those whose turn it is; `before` of this plan's places went before a crash."""
    if not rooms.settings.gpu_seconds:
        return Served(permits=permits, drawn=frozenset(), later=0)
    each = costs.seconds_each(rooms)
    count = max(0, budget.places(rooms.settings.gpu_seconds, each) - before)
    turns = _turns(rooms, {permit.subject: permit.object for permit in permits}, each)
    split = budget.split(turns, count, seed=rooms.settings.seed, slot=plan.slot // HOUR)
    return Served(
        permits=tuple(permits[place] for place in split.served),
        drawn=frozenset(permits[place].object for place in split.drawn),
        later=len(permits) - len(split.served),
    )


def too_early(rooms: Rooms, plan: Plan, people: Sequence[Subject]) -> frozenset[Subject]:
    """Name those who usually look so late that a later plan of the same day is soon enough."""
    hours = rooms.settings.plan_hours
    if not rooms.settings.gpu_seconds or hours >= _HOURS:
        return frozenset()
    with rooms.consent.ledger.read() as connection:
        known = looks.looks(connection, people, rooms.consent.notices.current)
    usual = {who: likelihood.usual_hour(mine) for who, mine in known.items()}
    return frozenset(
        who
        for who, hour in usual.items()
        if hour is not None and not _soon(plan.slot, hour, hours)
    )


def _soon(slot: Micros, hour: float, hours: int) -> bool:
    """Say whether an hour, less the margin, lies between this plan and the next one."""
    return (hour - _MARGIN - slot % DAY / HOUR) % _HOURS < hours


def _turns(rooms: Rooms, due: Mapping[Subject, ObjectId], each: float) -> list[Turn]:
    """Describe those who are due, in their order."""
    now = rooms.consent.ledger.now()
    keys = rooms.consent.accounts.draw_keys(list(due))
    everybody = [account.subject for account in rooms.consent.accounts.list()]
    with rooms.consent.ledger.read() as connection:
        known = looks.looks(connection, everybody, rooms.consent.notices.current)
        since = looks.waiting_since(connection, due)
    crowd = likelihood.prior(list(known.values()), now)
    tallies = {who: likelihood.tally(mine, now) for who, mine in known.items()}
    return [
        Turn(
            draw_key=keys[who],
            chance=likelihood.chance(tallies.get(who), crowd),
            seconds=each,
            since=since[who],
        )
        for who in due
    ]
