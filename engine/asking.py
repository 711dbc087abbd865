# SPDX-License-Identifier: Apache-2.0
"""A portrait that somebody asks for: the same studio call as the nightly plan, another purpose."""

from consent.chance import identifier
from consent.gate import Ask, Denial, Select, denied
from consent.words import ObjectId, Purpose, Step, Subject
from engine import choosing
from engine.rooms import Rooms
from generation.portraits import Portrait, Refusal


def imagine(
    rooms: Rooms, subject: Subject, scenario: str | None = None
) -> Portrait | Refusal | Denial:
    """Make one portrait for a person who asks; without a scenario the ranking chooses one.

    What using `imagine` implies is recorded as implied, and nothing under strict policies.
    Errors: Denied, an ordinary answer; Misused(unknown-key) for no such scenario,
    Unwanted for one that the person blocked.
    """
    named = rooms.feed.catalogue.of(scenario).id if scenario else None
    choosing.unless_blocked(rooms, subject, named)
    obj = ObjectId(identifier(rooms.consent.chance))
    ask: Ask[Select] = Ask(
        step=Step.SELECT, subject=subject, purpose=Purpose.IMAGINE, object=obj, request=obj
    )
    permit = rooms.consent.gate.ask(ask)
    (request,) = rooms.studio.order([permit], [choosing.asked(rooms, permit, named)])
    if isinstance(request, Denial):
        raise denied(request)
    rooms.consent.grants.imply(subject, Purpose.IMAGINE)
    (outcome,) = rooms.studio.make([request])
    return outcome
