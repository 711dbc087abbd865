# SPDX-License-Identifier: Apache-2.0
"""`/v1/reports`: say that something is wrong with an item; read what came of it, and by when.

A report takes the item out of the feed at once. Nobody looks at a portrait to answer one.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Response

from consent.words import Micros, Subject, parse_id, public_id, rfc3339
from engine.api import shares
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.problems import Problem, Slug, not_found
from engine.api.shapes import Id, Shape, Time
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed.acts import Event, Kind, NoSuchItem
from feed.reports import About, Outcome, Report, Why

router = APIRouter(
    tags=["reports"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once
)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.FEED_READ))]
_EVENTS = UUID("6f7a1d0c-6c0e-4b6f-9d58-2f6f0c6a1b1e")


class Reported(Shape):
    """What is reported: one of the two, and from a closed list why."""

    item_id: Id | None = None
    share_id: Id | None = None
    why: Why | None = None


class ReportShape(Shape):
    """One report; `outcome` is null until it is answered, at the latest at `due_at`."""

    id: Id
    about: About
    item_id: Id
    why: Why | None
    at: Time
    due_at: Time
    outcome: Literal["upheld", "dismissed"] | None
    answered_at: Time | None


class Reports(Shape):
    """Everything a person reported, newest first."""

    items: list[ReportShape]


@router.post("/v1/reports", status_code=201, response_model=ReportShape)
def report(rooms: InRooms, subject: Who, said: Reported) -> Response:
    """Report an item of my feed, a portrait of mine, or a share that I can see."""
    if (said.item_id is None) == (said.share_id is None):
        raise Problem(Slug.INVALID, "Name one: an item_id or a share_id.", field="item_id")
    if said.item_id is not None:
        made = file(rooms, subject, said.item_id, said.why)
    else:
        made = file_share(rooms, subject, str(said.share_id), said.why)
    return json(shape(made, rooms.consent.ledger.now()), 201)


@router.get("/v1/reports", response_model=Reports)
def reports(rooms: InRooms, subject: Who) -> Response:
    """List what I reported, by when it is answered, and what came of it."""
    return json({"items": listed(rooms, subject)})


def listed(rooms: Rooms, subject: Subject) -> list[Mapping[str, object]]:
    """Describe every report of a person, newest first."""
    now = rooms.consent.ledger.now()
    return [shape(one, now) for one in rooms.feed.reports.of(subject)]


def file(rooms: Rooms, subject: Subject, item_id: str, why: Why | None = None) -> Report:
    """Report an item of a person's feed, or any portrait of theirs.

    What stands in the feed leaves it, as with the `report` interaction.
    Errors: Problem `not-found` for what is somebody else's or nobody's.
    """
    number = parse_id(item_id)
    about = None if number is None else rooms.feed.reports.about(subject, number)
    if number is None or about is None:
        raise not_found()
    event_id = str(uuid5(_EVENTS, item_id))
    event = Event(event_id=event_id, item_id=item_id, kind=Kind.REPORT, why=why)
    with suppress(NoSuchItem):  # one that never stood in the feed need not be taken out of it
        rooms.feed.feedback.record(subject, [event])
    return rooms.feed.reports.file(subject, about, number, why)


def file_share(rooms: Rooms, subject: Subject, share_id: str, why: Why | None = None) -> Report:
    """Report a share that a person can see. Errors: Problem `not-found` for any other."""
    found = shares.find(rooms, subject, share_id)
    return rooms.feed.reports.file(subject, About.SHARE, found.id, why)


def shape(one: Report, now: Micros) -> Mapping[str, object]:
    """Write a report as clients see it; one whose time is over counts as right from then on."""
    over = one.outcome is None and one.due_at <= now
    outcome = Outcome.UPHELD if over else one.outcome
    answered = one.due_at if over else one.answered_at
    return {
        "id": public_id(one.id),
        "about": one.about,
        "item_id": public_id(one.item),
        "why": one.why,
        "at": rfc3339(one.at),
        "due_at": rfc3339(one.due_at),
        "outcome": outcome,
        "answered_at": None if answered is None else rfc3339(answered),
    }
