# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/export`: everything that is kept of the person who asks, as one ZIP file.

Every picture in it is opened by a decision of the gate, as any download is. What nobody may open
any more is not in it: of destroyed and refused images only their lines are.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response
from starlette.responses import StreamingResponse

from consent.errors import Denied, Misused
from consent.words import Purpose, Subject, public_id, rfc3339
from engine import export
from engine.api import (
    consents,
    downloads,
    friends,
    jobs,
    own_entries,
    portraits,
    preferences,
    reports,
    selfies,
    shares,
)
from engine.api.answers import REFUSALS, SIGNED_IN
from engine.api.desk import person, rooms_of
from engine.api.problems import Problem
from engine.api.tokens import Scope
from engine.export import File
from engine.jobs import listed
from engine.rooms import Rooms

router = APIRouter(tags=["person"], responses=REFUSALS, dependencies=[SIGNED_IN])

SCHEMA: Final = "onlyou-export/1"
_NOT_TO_BE_OPENED: Final = (Problem, Denied, Misused)
"""Held back, gone in the meantime, or denied; what is broken breaks the file, and is no blank."""
_README: Final = """\
Everything that Onlyou keeps of you, and nothing of anybody else but the names of your friends.

images/         your portraits, each with its label, watermark and credential inside
consents.json   what you agreed to; receipts/ proves each last word
notices/        the words that you were shown
ledger.json     every entry about you, with proofs: check it with `onlyou audit me`
feed.json       what you were shown, and what you did
activity.json   your images as ActivityStreams 2.0, each for you alone

Your selfies are listed in selfies.json. Their pixels are sealed for drawing and are opened for
nothing else; you have the files that you gave.
Every file is described in docs/export.md of the source code.
"""


@router.get(
    "/v1/export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "Everything of mine"}},
)
def take_everything(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))],
) -> Response:
    """Take away everything that is kept of me."""
    now = rooms.consent.ledger.now()
    name = f"onlyou-{public_id(subject)}-{rfc3339(now)[:10]}.zip"
    return StreamingResponse(
        export.zipped(everything(rooms, subject), now),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def everything(rooms: Rooms, subject: Subject) -> Iterator[File]:
    """Write every file of a person, one at a time; their part of the log comes last."""
    yield "README.txt", _README.encode()
    yield export.json("export.json", _head(rooms, subject))
    yield from _agreed(rooms, subject)
    yield export.json("selfies.json", {"items": selfies.listed(rooms, subject)})
    every = portraits.listed(rooms, subject)
    files: dict[str, str] = {}
    yield from _images(rooms, subject, every, files)
    yield export.json("portraits.json", {"items": _portraits(rooms, subject, every, files)})
    yield export.json("activity.json", export.activity(public_id(subject), every, files))
    yield from _acts(rooms, subject)
    yield export.json("ledger.json", own_entries.told(rooms, subject))


def _head(rooms: Rooms, subject: Subject) -> Mapping[str, object]:
    consent = rooms.consent
    said = consent.attestations.of(subject)
    return {
        "schema": SCHEMA,
        "at": rfc3339(consent.ledger.now()),
        "person": {
            "id": public_id(subject),
            "name": consent.accounts.find(public_id(subject)).name,
            "age_band": said.age_band,
            "region": said.region,
        },
        "policy": {"id": consent.policy.id, "sha256": consent.policy.sha256},
        "log": {"origin": consent.ledger.origin, "keys": list(consent.ledger.verifiers)},
    }


def _agreed(rooms: Rooms, subject: Subject) -> Iterator[File]:
    """Write what a person agreed to, the words, and the receipt of each last word."""
    yield export.json("consents.json", {"items": consents.standing(rooms, subject)})
    for purpose in Purpose:
        receipt = rooms.consent.last_receipt(subject, purpose)
        if receipt is not None:
            yield export.json(f"receipts/{purpose}.json", receipt)
    for notice in _notices(rooms, subject):
        yield f"notices/{notice.sha256}.md", notice.text.encode()


def _notices(rooms: Rooms, subject: Subject) -> list[Any]:
    """Find the words that a person's yeses quote, as far as they are still shipped."""
    held = rooms.consent.grants.show(subject).values()
    quoted = {one.notice.sha256 for one in held if one.notice is not None}
    return [one for one in rooms.consent.notices.all if one.sha256 in quoted]


def _images(
    rooms: Rooms, subject: Subject, every: list[dict[str, object]], files: dict[str, str]
) -> Iterator[File]:
    """Open every portrait that its person may open, and note in `files` what it is called."""
    for one in every:
        try:
            taken = downloads.download(rooms, subject, str(one["id"]))
        except _NOT_TO_BE_OPENED:
            continue  # its line says why
        files[str(one["id"])] = f"images/{len(files) + 1:03}-{taken.name}"
        yield files[str(one["id"])], taken.file


def _portraits(
    rooms: Rooms, subject: Subject, every: list[dict[str, object]], files: Mapping[str, str]
) -> list[dict[str, object]]:
    """Describe every image, with its file where there is one, and what it rests on."""
    told = []
    for one in every:
        own = str(one["id"])
        why = None
        if own in files:
            with suppress(*_NOT_TO_BE_OPENED):
                why = portraits.explain(rooms, subject, own)
        told.append(one | {"file": files.get(own), "why": why})
    return told


def _acts(rooms: Rooms, subject: Subject) -> Iterator[File]:
    wishes = rooms.feed.preferences.of(subject)
    yield export.json("feed.json", export.feed(rooms, subject))
    yield export.json("preferences.json", preferences.shown(rooms, wishes))
    yield export.json("reports.json", {"items": reports.listed(rooms, subject)})
    asked = [jobs.shape(rooms, one) for one in listed(rooms, subject)]
    yield export.json("jobs.json", {"items": asked})
    mine = [shares.shape(rooms, subject, one) for one in rooms.feed.shares.of_owner(subject)]
    yield export.json("shares.json", {"items": mine})
    yield export.json("friends.json", {"items": friends.listed(rooms, subject)})
