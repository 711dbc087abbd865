# SPDX-License-Identifier: Apache-2.0
"""`/v1/selfies`: giving photos, listing what was given, destroying one. None is shown back."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile

from consent.attestations import guarded
from consent.words import Actor, ObjectId, Purpose, Reason, Subject, parse_id, public_id, rfc3339
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.problems import OF_REASON, Problem, not_found
from engine.api.shapes import Enrolled as EnrolledShape
from engine.api.shapes import Selfies
from engine.api.tokens import Scope
from engine.rooms import Rooms
from generation import album
from generation.album import Given
from generation.enrolment import Enrolled, Outcome, Withheld
from generation.selfies import ADVICE, Attested, Rejected

router = APIRouter(
    tags=["selfies"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once
)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]


@router.post("/v1/selfies", status_code=201, response_model=EnrolledShape)
def give(
    rooms: InRooms,
    subject: Who,
    *,
    file: Annotated[list[UploadFile], File()],
    purpose: Annotated[Purpose, Form()] = Purpose.LIKENESS,
    attest_self: Annotated[bool, Form()] = False,
    attest_adult: Annotated[bool, Form()] = False,
    attest_guardian: Annotated[bool, Form()] = False,
    region: Annotated[str | None, Form(max_length=6)] = None,
) -> Response:
    """Check photos and keep them sealed; all or nothing unless the policy says otherwise.

    For a minor, `attest_guardian` says that an adult, their guardian, gives the photos.
    """
    items = enrol(
        rooms,
        subject,
        [one.file.read() for one in file],
        purpose=purpose,
        attest_self=attest_self,
        attest_adult=attest_adult,
        attest_guardian=attest_guardian,
        region=region,
    )
    if not any(item["accepted"] for item in items):
        raise _refusal(items)
    return json({"items": items}, 201)


@router.get("/v1/selfies", response_model=Selfies)
def selfies(rooms: InRooms, subject: Who) -> Response:
    """List the person's selfies, newest first."""
    return json({"items": listed(rooms, subject)})


@router.delete("/v1/selfies/{id}", status_code=204)
def remove(rooms: InRooms, subject: Who, id: str) -> Response:  # noqa: A002  the contract's name
    """Destroy one selfie; the portraits made from it stay."""
    destroy(rooms, subject, id)
    return Response(status_code=204)


def enrol(
    rooms: Rooms,
    subject: Subject,
    files: Sequence[bytes],
    *,
    purpose: Purpose = Purpose.LIKENESS,
    attest_self: bool,
    attest_adult: bool,
    attest_guardian: bool = False,
    region: str | None = None,
) -> list[dict[str, object]]:
    """Hand photos to the studio and say of each what became of it, in their order.

    Errors: Denied(age) for a minor who says to be an adult, Misused(attestation-missing) for a
    guardian of somebody who is no minor.
    """
    known = rooms.consent.attestations
    if attest_guardian:
        guarded(known.of(subject), Actor.GUARDIAN)
    elif attest_adult or region:
        known.attest(subject, age_band="adult" if attest_adult else None, region=region)
    attested = Attested(myself=attest_self, adult=attest_adult or attest_guardian)
    outcomes = rooms.studio.enrol(subject, files, attested, purpose=purpose)
    return [_outcome(one) for one in outcomes]


def listed(rooms: Rooms, subject: Subject) -> list[dict[str, object]]:
    """Describe the person's selfies."""
    with rooms.consent.ledger.read() as connection:
        return [_selfie(given) for given in album.selfies(connection, subject)]


def destroy(rooms: Rooms, subject: Subject, id: str) -> None:  # noqa: A002  the contract's name
    """Destroy a selfie of this person. Errors: Problem `not-found` for anything else."""
    number = parse_id(id)
    with rooms.consent.ledger.read() as connection:
        mine = {given.id for given in album.selfies(connection, subject)}
    if number is None or ObjectId(number) not in mine:
        raise not_found()
    rooms.consent.withdrawals.destroy(subject, ObjectId(number))


def _outcome(one: Outcome) -> dict[str, object]:
    match one:
        case Enrolled():
            return {"id": public_id(one.id), "accepted": True}
        case Rejected():
            return {"accepted": False, "reason": one.reason}
        case Withheld():
            return {"accepted": False}


def _refusal(items: Sequence[dict[str, object]]) -> Problem:
    """Refuse an upload by the first photo that was wrong with it."""
    reasons = [Reason(str(item["reason"])) for item in items if "reason" in item]
    first = reasons[0]
    detail = f"None was kept. {ADVICE.get(first, 'Send others.')}"
    return Problem(OF_REASON[first], detail, reason=first, field="file", items=items)


def _selfie(given: Given) -> dict[str, object]:
    return {
        "id": public_id(given.id),
        "state": "ready",
        "purposes": given.purposes,
        "created_at": rfc3339(given.given_at),
        "expires_at": rfc3339(given.expires_at),
    }
