# SPDX-License-Identifier: Apache-2.0
"""From permits to orders: an idea for everybody selected, or none, with the reasons kept."""

from collections.abc import Sequence
from typing import Final

from consent.gate import Permit, Select
from consent.words import ObjectId
from engine import selection
from engine.rooms import Rooms
from feed import ranking
from feed.ranking import Candidate, Decision, Round
from feed.reasons import Part
from generation.portraits import Request, Wish

_SEED_MASK: Final = (1 << 63) - 1


def order(rooms: Rooms, permits: Sequence[Permit[Select]]) -> tuple[list[Request], int]:
    """Choose for everybody, record why, and order what was chosen.

    Returns the requests, and for how many no insert was the best choice: their permits are given
    back, so that caps do not count them.
    """
    people = selection.candidates(rooms, permits)
    now = terms(rooms)
    made = ranking.choose(rooms.feed.model, rooms.feed.catalogue, people, now)
    chosen = [
        (permit, decision, _parts(rooms, decision, person, now))
        for permit, decision, person in zip(permits, made, people, strict=True)
    ]
    rooms.feed.decisions.record(chosen)
    wanted = [(permit, one.scenario) for permit, one, _ in chosen if one.scenario is not None]
    nothing = [permit for permit, decision, _ in chosen if decision.scenario is None]
    rooms.consent.gate.give_back(nothing)
    ordered = rooms.studio.order(
        [permit for permit, _ in wanted],
        [wish(rooms, permit.object, scenario) for permit, scenario in wanted],
    )
    return [one for one in ordered if isinstance(one, Request)], len(nothing)


def one_for(rooms: Rooms, permit: Permit[Select]) -> str:
    """Choose an idea for somebody who asked for a portrait but for none in particular."""
    key = rooms.consent.accounts.draw_keys([permit.subject])[permit.subject]
    asked = Candidate(draw_key=key, asked=True)
    (made,) = ranking.choose(rooms.feed.model, rooms.feed.catalogue, [asked], terms(rooms))
    return made.scenario or ""


def wish(rooms: Rooms, obj: ObjectId, scenario: str) -> Wish:
    """Give a portrait a seed of its own, the same whenever it is made again."""
    return Wish(scenario=scenario, seed=(obj ^ rooms.settings.seed) & _SEED_MASK)


def terms(rooms: Rooms) -> Round:
    """Say what all choices of this moment have in common."""
    return Round(
        seed=rooms.settings.seed,
        now=rooms.consent.ledger.now(),
        policy=rooms.consent.policy,
        renders=rooms.studio.recipe.scenarios,
    )


def _parts(rooms: Rooms, decision: Decision, person: Candidate, now: Round) -> tuple[Part, ...]:
    if decision.scenario is None:
        return ()
    catalogue = rooms.feed.catalogue
    scenario = catalogue.of(decision.scenario)
    return ranking.explain(rooms.feed.model, scenario, person, catalogue, now)
