# SPDX-License-Identifier: Apache-2.0
"""`/v1/chat`: one message of a chat in, one reply out; a chat of another service is its client."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from consent.words import Subject
from engine import chat, jobs
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.jobs import JobShape, shape
from engine.api.shapes import Shape
from engine.api.studio import InAtelier
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(tags=["studio"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Owner = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]


class Message(BaseModel):
    """What somebody writes; `/imagine ...` asks for a portrait, anything else for help."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=chat.LONGEST)]


class Reply(Shape):
    """What is said back, and what was begun."""

    reply: str
    job: JobShape | None = None


@router.post("/v1/chat", response_model=Reply)
def message(rooms: InRooms, atelier: InAtelier, subject: Owner, said: Message) -> Response:
    """Answer a message; where it asks for a portrait and may, begin one."""
    told = answer(rooms, subject, said.text)
    atelier.call()
    return json(told)


def answer(rooms: Rooms, subject: Subject, text: str) -> Mapping[str, object]:
    """Answer a message as clients see it: the reply, and the job where one was begun."""
    told = chat.answered(rooms, subject, text)
    if told.job is None:
        return {"reply": told.reply}
    return {"reply": told.reply, "job": shape(rooms, jobs.find(rooms, subject, told.job))}
