# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/notices/{purpose}`: the words before a yes. Serving them is logged."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from consent.notices import DEFAULT_LANGUAGE
from consent.words import Purpose, Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import person, rooms_of
from engine.api.shapes import Notice
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(tags=["consent"], responses=REFUSALS, dependencies=[SIGNED_IN])


@router.get("/v1/notices/{purpose}", response_model=Notice)
def notice(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))],
    purpose: Purpose,
    language: str = DEFAULT_LANGUAGE,
) -> Response:
    """Show the notice for a purpose; the grant must quote `served_id`, once."""
    return json(serve(rooms, subject, purpose, language))


def serve(
    rooms: Rooms, subject: Subject, purpose: Purpose, language: str = DEFAULT_LANGUAGE
) -> dict[str, object]:
    """Serve a notice to a person and describe it."""
    served = rooms.consent.notices.serve(subject, purpose, language)
    return {
        "served_id": served.served_id,
        "purpose": purpose,
        "sha256": served.notice.sha256,
        "version": served.notice.version,
        "language": served.notice.language,
        "text": served.notice.text,
        "policy": {"id": rooms.consent.policy.id, "sha256": rooms.consent.policy.sha256},
    }
