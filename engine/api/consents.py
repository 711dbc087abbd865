# SPDX-License-Identifier: Apache-2.0
"""`/v1/consents`: where a person stands for every purpose; saying yes, saying no, the receipt.

A yes quotes a served notice and may be tied to what the client saw (`If-Match`). A no needs no
header, no body and no fresh state, and succeeds again when repeated.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, Field

from consent.holdings import Held
from consent.keepsakes import Format
from consent.withdrawal import Destroyed
from consent.words import Actor, Purpose, Subject, parent_of, rfc3339
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import person, rooms_of
from engine.api.problems import Problem, Slug, not_found
from engine.api.shapes import Consent, Consents, Receipt
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(tags=["consent"], responses=REFUSALS, dependencies=[SIGNED_IN])

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]
_NOTHING: Final = {
    "basis": None,
    "granted_at": None,
    "expires_at": None,
    "grant_seq": None,
    "notice": None,
}


class Grant(BaseModel):
    """A yes to words that were served before; a guardian says it for a minor.

    `age_band` and `region` say more of the person, before the yes is taken. Never a birthday.
    """

    served_id: Annotated[str, Field(min_length=1, max_length=64)]
    affirmative: Literal[True]
    guardian: bool = False
    age_band: Literal["adult", "minor"] | None = None
    region: Annotated[str, Field(max_length=6)] | None = None


@router.get("/v1/consents", response_model=Consents)
def consents(rooms: InRooms, subject: Who) -> Response:
    """List every purpose, granted or not."""
    return json({"items": standing(rooms, subject)})


@router.put("/v1/consents/{purpose}", response_model=Consent)
def grant(
    rooms: InRooms,
    subject: Who,
    purpose: Purpose,
    yes: Grant,
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Say yes to one purpose, quoting the notice that was served for it."""

    def still(held: Held | None) -> bool:
        return if_match is None or _matches(rooms, held, if_match)

    if not still(rooms.consent.grants.show(subject).get(purpose)):
        raise Problem(Slug.STALE, "This consent has changed since you read it.", purpose=purpose)
    if yes.age_band is not None or yes.region is not None:
        rooms.consent.attestations.attest(subject, age_band=yes.age_band, region=yes.region)
    actor = speaker(yes.guardian)
    rooms.consent.grants.grant(subject, purpose, yes.served_id, actor=actor, still=still)
    held = rooms.consent.grants.show(subject)
    paused = rooms.consent.pauses.of(subject) is not None
    stands = _consent(rooms, subject, purpose, held, paused=paused)
    return json(stands, headers={"ETag": etag(rooms, held.get(purpose))})


@router.delete("/v1/consents/{purpose}", response_model=Receipt)
def withdraw(
    rooms: InRooms, subject: Who, purpose: Purpose, *, guardian: bool = False
) -> Response:
    """Say no to one purpose: everything made under it is destroyed when this answers."""
    done = rooms.consent.withdrawals.withdraw(subject, purpose, actor=speaker(guardian))
    return json(done)


@router.get("/v1/consents/{purpose}/receipt", response_model=Receipt | dict[str, Any])
def receipt(
    rooms: InRooms,
    subject: Who,
    purpose: Purpose,
    *,
    format: Format | None = None,  # noqa: A002  the query's own word
) -> Response:
    """Prove the last thing this person said about a purpose, in one of three formats."""
    if format is None:
        return json(last_receipt(rooms, subject, purpose))
    return json(last_keepsake(rooms, subject, purpose, format))


def speaker(guardian: bool) -> Actor:
    """Name who says a yes or a no. That they are the guardian is their word; the log keeps it."""
    return Actor.GUARDIAN if guardian else Actor.SELF


def standing(rooms: Rooms, subject: Subject) -> list[dict[str, object]]:
    """Describe where a person stands for every purpose."""
    held = rooms.consent.grants.show(subject)
    paused = rooms.consent.pauses.of(subject) is not None
    return [_consent(rooms, subject, purpose, held, paused=paused) for purpose in Purpose]


def last_receipt(rooms: Rooms, subject: Subject, purpose: Purpose) -> Mapping[str, object]:
    """Prove a person's last word on a purpose. Errors: Problem `not-found` where there is none."""
    found = rooms.consent.last_receipt(subject, purpose)
    if found is None:
        raise not_found()
    return found


def last_keepsake(
    rooms: Rooms, subject: Subject, purpose: Purpose, kind: Format
) -> Mapping[str, object]:
    """Export a person's last word on a purpose. Errors: Problem `not-found` without one."""
    found = rooms.consent.keepsake(subject, purpose, kind)
    if found is None:
        raise not_found()
    return found


def etag(rooms: Rooms, held: Held | None) -> str:
    """Name what a client saw of a purpose: the grant it rests on, under which policy."""
    seq = "none" if held is None else held.notice.seq if held.notice else held.epoch
    return f'W/"{seq}-{rooms.consent.policy.sha256[:16]}"'


def _matches(rooms: Rooms, held: Held | None, seen: str) -> bool:
    if seen.strip() == "*":
        return held is not None
    return etag(rooms, held) in {tag.strip() for tag in seen.split(",")}


def _consent(
    rooms: Rooms,
    subject: Subject,
    purpose: Purpose,
    all_held: Mapping[Purpose, Held],
    *,
    paused: bool,
) -> dict[str, object]:
    held = all_held.get(purpose)
    facts = _NOTHING if held is None else _facts(held)
    gone = rooms.consent.withdrawals.would_destroy(subject, purpose) if held else Destroyed()
    return {
        "purpose": purpose,
        "state": state(held, paused=paused),
        **facts,
        "requires": parent_of(purpose),
        "would_destroy": {
            "portraits": gone.portraits,
            "inserts": gone.inserts,
            "shares": gone.shares,
        },
        "etag": etag(rooms, held),
    }


def _facts(held: Held) -> dict[str, object]:
    quoted = held.notice
    notice = quoted and {
        "sha256": quoted.sha256,
        "version": quoted.version,
        "language": quoted.language,
    }
    return {
        "basis": held.kind,
        "granted_at": rfc3339(held.granted_at),
        "expires_at": rfc3339(held.expires_at),
        "grant_seq": held.epoch,
        "notice": notice,
    }


def state(held: Held | None, *, paused: bool) -> str:
    """Say how good a basis still is, in the contract's words."""
    if held is None:
        return "not_granted"
    if held.expired:
        return "expired"
    if paused:
        return "paused"
    return "outdated" if held.outdated else "granted"
