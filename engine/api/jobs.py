# SPDX-License-Identifier: Apache-2.0
"""`/v1/jobs`: how far is what a person asked for, stop it, and take away what was made.

Whatever is not theirs, is no id, or is gone answers with the same 404.
"""

import io
import zipfile
from collections.abc import Iterable
from pathlib import PurePath
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Response

from consent.words import ObjectId, Purpose, Reason, Subject, public_id, rfc3339
from engine import jobs, wording
from engine.api import downloads
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.cursors import after, cursor
from engine.api.desk import person, rooms_of
from engine.api.downloads import Download
from engine.api.problems import not_found
from engine.api.shapes import Id, Shape, Time
from engine.api.tokens import Scope
from engine.jobs import Job, NoSuchJob
from engine.rooms import Rooms

router = APIRouter(tags=["studio"], responses=REFUSALS, dependencies=[SIGNED_IN])

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.FEED_READ))]
Owner = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]
_PAGE: Final = 50
_MOST: Final = 100


class RefusedPart(Shape):
    """Why one portrait of a job was not made, or is not shown."""

    reason: Reason


class JobShape(Shape):
    """Something a person asked for, and how far it is."""

    id: Id
    kind: Literal["imagine", "pack"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int
    portraits: list[Id]
    refusals: list[RefusedPart]
    purpose: Purpose
    created_at: Time
    expires_at: Time | None = None
    quota_left: int | None = None
    words: str | None = None


class JobList(Shape):
    """What a person asked for, newest first."""

    items: list[JobShape]
    cursor: str | None = None


@router.get("/v1/jobs", response_model=JobList)
def all_jobs(
    rooms: InRooms,
    subject: Who,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _PAGE,
) -> Response:
    """List what the person asked for, newest first."""
    named = [{"id": public_id(one.id), "job": one} for one in jobs.listed(rooms, subject)]
    return json(_page(rooms, subject, after(rooms, subject, cursor, named), limit))


@router.get("/v1/jobs/{id}", response_model=JobShape)
def one_job(rooms: InRooms, subject: Who, id: str) -> Response:  # noqa: A002  the contract's name
    """Say how far a job is."""
    return json(shape(rooms, found(rooms, subject, id)))


@router.delete("/v1/jobs/{id}", response_model=JobShape)
def stop_job(rooms: InRooms, subject: Owner, id: str) -> Response:  # noqa: A002  as above
    """Stop a job: what is made stays, the rest is not made. Succeeds again when repeated."""
    return json(stop(rooms, subject, id))


@router.get(
    "/v1/jobs/{id}/download",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "All its portraits"}},
)
def download_job(rooms: InRooms, subject: Who, id: str) -> Response:  # noqa: A002  as above
    """Take all portraits of a job away, each with its credentials inside."""
    name = f'attachment; filename="onlyou-{id}.zip"'
    return Response(
        packed(rooms, subject, id),
        media_type="application/zip",
        headers={"Content-Disposition": name},
    )


def found(rooms: Rooms, subject: Subject, id: str | ObjectId) -> Job:  # noqa: A002  as above
    """Find a job of this person. Errors: Problem `not-found` for anything else."""
    try:
        return jobs.find(rooms, subject, id)
    except NoSuchJob as unknown:
        raise not_found() from unknown


def stop(rooms: Rooms, subject: Subject, id: str) -> dict[str, object]:  # noqa: A002  as above
    """Stop a job of this person. Errors: Problem `not-found` for anything else."""
    try:
        return shape(rooms, jobs.stop(rooms, subject, id))
    except NoSuchJob as unknown:
        raise not_found() from unknown


def packed(rooms: Rooms, subject: Subject, id: str) -> bytes:  # noqa: A002  as above
    """Put a job's portraits into a zip, as they leave. Errors: Problem `not-found` for none."""
    one = found(rooms, subject, id)
    if not one.portraits:
        raise not_found()
    return zipped(downloads.download(rooms, subject, public_id(part.id)) for part in one.portraits)


def zipped(files: Iterable[Download]) -> bytes:
    """Write files that leave into one, numbered in their order; they are compressed already."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as made:
        for number, one in enumerate(files, start=1):
            name = PurePath(one.name)
            info = zipfile.ZipInfo(f"{name.stem}-{number:02}{name.suffix}")
            made.writestr(info, one.file)
    return whole.getvalue()


def shape(rooms: Rooms, one: Job) -> dict[str, object]:
    """Describe a job as the contract does."""
    ends = [part.expires_at for part in one.portraits if part.expires_at is not None]
    said: dict[str, object] = {
        "id": public_id(one.id),
        "kind": one.kind,
        "state": one.state,
        "done": one.done,
        "total": one.total,
        "portraits": [public_id(part.id) for part in one.portraits],
        "refusals": [{"reason": reason} for reason in one.refusals],
        "purpose": one.purpose,
        "created_at": rfc3339(one.at),
    }
    drawn = [(part.id, part.scenario) for part in one.parts if part.scenario is not None]
    if words := wording.told(rooms, one.subject, drawn):
        said["words"] = next(iter(words.values()))
    if ends:
        said["expires_at"] = rfc3339(min(ends))
    if one.kind == "pack":
        said["quota_left"] = _left(rooms, one.subject)
    return said


def _left(rooms: Rooms, subject: Subject) -> int:
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        return jobs.packs_left(rooms, connection, subject, now)


def _page(
    rooms: Rooms, subject: Subject, rest: list[dict[str, Any]], limit: int
) -> dict[str, object]:
    """Describe no more jobs than are on the page."""
    named = rest[:limit]
    more = {"cursor": cursor(rooms, subject, named[-1]["id"])} if len(rest) > limit else {}
    return {"items": [shape(rooms, one["job"]) for one in named], **more}
