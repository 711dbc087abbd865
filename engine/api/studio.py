# SPDX-License-Identifier: Apache-2.0
"""Ask for portraits: one, a pack, or one to show as a profile picture. Answered with a job.

Nothing is made while the person waits for the answer; `/v1/jobs/{id}` says how far it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from consent.errors import Misused
from consent.words import Purpose, Subject, public_id
from engine import jobs, ordering, wanting, wording
from engine.api import portraits
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.jobs import JobShape, shape
from engine.api.problems import Problem, Slug
from engine.api.tokens import Scope
from engine.atelier import Atelier
from engine.jobs import Job
from engine.ordering import Order, Unfit
from engine.rooms import Rooms
from engine.wording import Unsaid
from generation import wishes
from generation.portraits import Form

router = APIRouter(tags=["studio"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Owner = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]
Style = Annotated[str, Field(min_length=1, max_length=64)]


class Imagine(BaseModel):
    """One portrait, in an idea, in own words or neither: then the ranking chooses one.

    `choices` are of an idea's closed lists: slot to choice. `prompt` is read before it is used.
    Drawn for `profile_picture` it is still its owner's alone: showing it is an act of its own.
    """

    model_config = ConfigDict(extra="forbid")

    scenario: Style | None = None
    choices: Annotated[dict[Style, Style], Field(max_length=wishes.MOST)] | None = None
    prompt: Annotated[str, Field(max_length=2_000)] | None = None
    form: Form = "still"
    purpose: Literal[Purpose.IMAGINE, Purpose.PROFILE_PICTURE] = Purpose.IMAGINE


class Pack(BaseModel):
    """A pack of avatars in a few styles; how many of each is what the policy says."""

    model_config = ConfigDict(extra="forbid")

    styles: Annotated[list[Style], Field(min_length=1)]
    count: Annotated[int, Field(ge=1)]
    form: Form = "still"


class Confirmed(BaseModel):
    """That the person means it, said each time."""

    model_config = ConfigDict(extra="forbid")

    confirm: Literal[True]


def atelier_of(request: Request) -> Atelier:
    """Find the atelier of the running app."""
    return cast("Atelier", request.app.state.atelier)


InAtelier = Annotated[Atelier, Depends(atelier_of)]


@router.post("/v1/imagine", status_code=202, response_model=JobShape)
def imagine(rooms: InRooms, atelier: InAtelier, subject: Owner, asked: Imagine) -> Response:
    """Ask for one portrait."""
    return _begun(rooms, atelier, order_one(rooms, subject, asked))


@router.post("/v1/packs", status_code=202, response_model=JobShape)
def pack(rooms: InRooms, atelier: InAtelier, subject: Owner, asked: Pack) -> Response:
    """Ask for a pack of avatars."""
    return _begun(rooms, atelier, order_pack(rooms, subject, asked))


@router.post("/v1/portraits/{id}/profile-picture", status_code=202, response_model=JobShape)
def profile_picture(
    rooms: InRooms,
    atelier: InAtelier,
    subject: Owner,
    id: str,  # noqa: A002  the contract's name
    said: Confirmed,
) -> Response:
    """Have a portrait drawn anew to be shown as a profile picture, for everybody signed in."""
    del said
    return _begun(rooms, atelier, order_profile_picture(rooms, subject, id))


def order_one(rooms: Rooms, subject: Subject, asked: Imagine) -> Job:
    """Order one portrait.

    Errors: Problem `invalid` for an idea that is not here and for words that are not drawn;
    Denied, an ordinary answer.
    """
    with _about("scenario"):
        wish = wording.asked(
            rooms,
            subject,
            scenario=asked.scenario,
            choices=asked.choices,
            prompt=asked.prompt,
            form=asked.form,
        )
    return placed(rooms, subject, Order(kind="imagine", purpose=asked.purpose, wishes=(wish,)))


def order_pack(rooms: Rooms, subject: Subject, asked: Pack) -> Job:
    """Order a pack, its styles in turn. Errors: as for one, and for what the policy limits."""
    if len(set(asked.styles)) < len(asked.styles):
        raise Problem(Slug.INVALID, "Name each style once.", field="styles")
    if asked.count < len(asked.styles):
        raise Problem(Slug.INVALID, "Ask for at least one avatar of each style.", field="count")
    with _about("styles"):
        ordering.fits(rooms.consent.policy, styles=len(asked.styles), count=asked.count)
        wishes = wanting.pack(rooms, subject, asked.styles, asked.count, form=asked.form)
    order = Order(kind="pack", purpose=Purpose.AVATAR_PACK, wishes=wishes)
    return placed(rooms, subject, order)


def order_profile_picture(rooms: Rooms, subject: Subject, id: str) -> Job:  # noqa: A002  as above
    """Order a portrait like this one under its own purpose; it is shared when it is made.

    Errors: Problem `not-found` for what is gone or not theirs; Denied, an ordinary answer.
    """
    wish = wanting.again(rooms, subject, portraits.shown(rooms, subject, id).id)
    order = Order(
        kind="imagine", purpose=Purpose.PROFILE_PICTURE, wishes=(wish,), onward="profile"
    )
    return placed(rooms, subject, order)


def placed(rooms: Rooms, subject: Subject, order: Order) -> Job:
    """Place an order and show its job. Errors: Denied, an ordinary answer."""
    return jobs.find(rooms, subject, ordering.place(rooms, subject, order))


@contextmanager
def _about(field: str) -> Iterator[None]:
    """Name the field in which something was asked for that is not here."""
    try:
        yield
    except Misused as wrong:
        named = wrong.field if isinstance(wrong, Unfit | Unsaid) else field
        raise Problem(Slug.INVALID, wrong.sentence, reason=wrong.reason, field=named) from wrong


def _begun(rooms: Rooms, atelier: Atelier, job: Job) -> Response:
    """Let the work begin, and say where to look how far it is."""
    atelier.call()
    place = f"/v1/jobs/{public_id(job.id)}"
    return json(shape(rooms, job), status=202, headers={"Location": place})
