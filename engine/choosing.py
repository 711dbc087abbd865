# SPDX-License-Identifier: Apache-2.0
"""From permits to orders: an idea for everybody selected, or none, with the reasons kept."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

from consent.gate import Permit, Select
from consent.words import DAY, ObjectId, Reason, Subject
from engine import models, selection, trying
from engine.rooms import Rooms
from feed import ranking, shadows
from feed.model import Model
from feed.preferences import EVERYTHING, Unwanted
from feed.ranking import Candidate, Decision, Round
from feed.reasons import LOT, Part
from generation.portraits import Request, Wish

_SEED_MASK: Final = (1 << 63) - 1


def order(
    rooms: Rooms, permits: Sequence[Permit[Select]], drawn: Collection[ObjectId] = ()
) -> tuple[list[Request], int]:
    """Choose for everybody, record why, and order what was chosen.

    `drawn` names those whose turn it is by lot: the records say so, for whoever weighs them.
    Returns the requests, and for how many no insert was the best choice: they never get a permit
    row, so caps do not count them.
    """
    ordered: list[Request] = []
    nothing = 0
    for start in range(0, len(permits), selection.MOST):
        some, none = _order(rooms, permits[start : start + selection.MOST], drawn)
        ordered += some
        nothing += none
    return ordered, nothing


def _order(
    rooms: Rooms, permits: Sequence[Permit[Select]], drawn: Collection[ObjectId]
) -> tuple[list[Request], int]:
    people = selection.candidates(rooms, permits)
    keys = {permit.subject: one.draw_key for permit, one in zip(permits, people, strict=True)}
    now = terms(rooms)
    people = trying.with_rankers(rooms, permits, people, now)
    held = models.roles(rooms.settings.home)
    made = ranking.choose(held.in_charge, rooms.feed.catalogue, people, now)
    parts = _explained(rooms, held.in_charge, made, people, now)
    chosen = [
        (permit, decision, why + _lot(permit, drawn))
        for permit, decision, why in zip(permits, made, parts, strict=True)
    ]
    foretold = shadows.cast(held.all, rooms.feed.catalogue, people, made, now)
    rooms.feed.decisions.record(chosen, foretold)
    wanted = [(permit, one.scenario) for permit, one, _ in chosen if one.scenario is not None]
    ordered = rooms.studio.order(
        [permit for permit, _ in wanted],
        [
            wish(rooms, keys[permit.subject], scenario, f"day {now.now // DAY}")
            for permit, scenario in wanted
        ],
    )
    return [one for one in ordered if isinstance(one, Request)], len(chosen) - len(wanted)


def unless_blocked(rooms: Rooms, subject: Subject, scenario: str | None) -> frozenset[str]:
    """Refuse an idea whose theme a person blocked, or to choose where they blocked every one.

    Returns the ids that must not be chosen for them. Errors: Unwanted, before anything is asked
    of the gate; Misused(unknown-key) for no such scenario.
    """
    wanted, catalogue = rooms.feed.preferences, rooms.feed.catalogue
    if scenario is not None:
        wanted.check(subject, catalogue.of(scenario))
        return frozenset()
    without = wanted.unwanted(subject)
    most = rooms.consent.policy.slots.most_sensitive
    renders = rooms.studio.recipe.scenarios
    if not catalogue.eligible(renders, most_sensitive=most, without=without):
        raise Unwanted(Reason.UNKNOWN_KEY, EVERYTHING)
    return without


def wish(rooms: Rooms, draw_key: int, scenario: str, when: str) -> Wish:
    """Give a portrait a seed that follows from run, person and time, not from a random id."""
    name = f"onlyou portrait {rooms.settings.seed} {draw_key:016x} {scenario} {when}"
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") & _SEED_MASK
    return Wish(scenario=scenario, seed=seed)


def terms(rooms: Rooms) -> Round:
    """Say what all choices of this moment have in common."""
    return Round(
        seed=rooms.settings.seed,
        now=rooms.consent.ledger.now(),
        policy=rooms.consent.policy,
        renders=rooms.studio.recipe.scenarios,
    )


def _explained(
    rooms: Rooms, model: Model, made: Sequence[Decision], people: Sequence[Candidate], now: Round
) -> list[tuple[Part, ...]]:
    """Take the value of every choice apart; an idea is worth the same to all who are not known."""
    catalogue = rooms.feed.catalogue
    alike: dict[str, tuple[Part, ...]] = {}
    explained: list[tuple[Part, ...]] = []
    for decision, person in zip(made, people, strict=True):
        idea = decision.scenario
        known = () if idea is None else alike.get(idea) if person.known is None else None
        if known is None and idea is not None:
            known = ranking.explain(model, catalogue.of(idea), person, catalogue, now)
            if person.known is None:
                alike[idea] = known
        explained.append(known or ())
    return explained


def _lot(permit: Permit[Select], drawn: Collection[ObjectId]) -> tuple[Part, ...]:
    """Say that a turn was drawn by lot: of no effect on the value of any idea."""
    return (Part(feature=LOT, effect=0.0, personal=False),) if permit.object in drawn else ()
