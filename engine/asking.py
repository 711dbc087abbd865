# SPDX-License-Identifier: Apache-2.0
"""A portrait that somebody asks for: the same studio call as the nightly plan, another purpose."""

from consent.chance import identifier
from consent.gate import Ask, Denial, Permit, Select, denied
from consent.words import ObjectId, Purpose, Step, Subject
from engine.rooms import Rooms
from feed import ranking
from feed.ranking import Candidate, Round
from generation.portraits import Portrait, Refusal, Request, Wish


def imagine(
    rooms: Rooms, subject: Subject, scenario: str | None = None
) -> Portrait | Refusal | Denial:
    """Make one portrait for a person who asks; without a scenario the ranking chooses one.

    What using `imagine` implies is recorded as implied, and nothing under strict policies.
    Errors: Denied, an ordinary answer; Misused(unknown-key) for no such scenario.
    """
    obj = ObjectId(identifier(rooms.consent.chance))
    ask: Ask[Select] = Ask(
        step=Step.SELECT, subject=subject, purpose=Purpose.IMAGINE, object=obj, request=obj
    )
    permit = rooms.consent.gate.ask(ask)
    idea = scenario or _chosen(rooms, permit)
    seed = (obj ^ rooms.settings.seed) & ((1 << 63) - 1)
    (request,) = rooms.studio.order([permit], [Wish(scenario=idea, seed=seed)])
    if isinstance(request, Denial):
        raise denied(request)
    rooms.consent.grants.imply(subject, Purpose.IMAGINE)
    return _made(rooms, request)


def _made(rooms: Rooms, request: Request) -> Portrait | Refusal | Denial:
    (outcome,) = rooms.studio.make([request])
    return outcome


def _chosen(rooms: Rooms, permit: Permit[Select]) -> str:
    """Choose an idea for somebody who asked for a portrait but for none in particular."""
    key = rooms.consent.accounts.draw_keys([permit.subject])[permit.subject]
    terms = Round(
        seed=rooms.settings.seed,
        now=rooms.consent.ledger.now(),
        policy=rooms.consent.policy,
        renders=rooms.studio.recipe.scenarios,
    )
    candidate = Candidate(draw_key=key, asked=True)
    (made,) = ranking.choose(rooms.feed.model, rooms.feed.catalogue, [candidate], terms)
    return made.scenario or ""
