# SPDX-License-Identifier: Apache-2.0
"""Giving selfies and destroying one; the page lists them and never opens one."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response, UploadFile

from consent.words import parse_rfc3339, public_id
from engine.api import selfies
from engine.api.desk import Once
from engine.web.saying import back
from engine.web.visitors import Here, Visitor
from generation import album

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]


@router.post("/likeness/selfies/destroy")
def destroy_selfie(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Destroy one selfie; the portraits made from it stay."""
    selfies.destroy(viewer.rooms, viewer.subject, id)
    return back("destroyed")


@router.post("/likeness/selfies")
def add_selfies(
    viewer: Here,
    file: list[UploadFile],
    attest_self: Field = "",
    attest_adult: Field = "",
    attest_guardian: Field = "",
) -> Response:
    """Check photos and keep them, or say of each why not."""
    outcome = selfies.enrol(
        viewer.rooms,
        viewer.subject,
        [one.file.read() for one in file],
        attest_self=attest_self == "true",
        attest_adult=attest_adult == "true",
        attest_guardian=attest_guardian == "true",
    )
    reasons = ",".join(str(one.get("reason", "")) for one in outcome)
    kept = all(one["accepted"] for one in outcome)
    return back("kept") if kept else back("not-kept", reasons=reasons)


def shown(viewer: Visitor) -> dict[str, Any]:
    """Describe a person's selfies, and how much of each one's time is over."""
    given = selfies.listed(viewer.rooms, viewer.subject)
    with viewer.rooms.consent.ledger.read() as connection:
        used = {public_id(obj): n for obj, n in album.uses(connection, viewer.subject).items()}
    known = viewer.rooms.consent.attestations.of(viewer.subject)
    return {
        "selfies": [
            one | {"gone": _gone(one, viewer.now), "used": used.get(str(one["id"]), 0)}
            for one in given
        ],
        "rules": viewer.rooms.consent.policy.selfies,
        "minor": known.age_band == "minor",
    }


def _gone(selfie: dict[str, object], now: int) -> int:
    """Say how many percent of a selfie's time are over."""
    begun, ends = (parse_rfc3339(str(selfie[name])) for name in ("created_at", "expires_at"))
    return min(100, max(0, (now - begun) * 100 // max(1, ends - begun)))
