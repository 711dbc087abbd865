# SPDX-License-Identifier: Apache-2.0
"""The last form of the control centre: delete everything, and the certificate."""

import base64
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Form, Request, Response

from engine.api.desk import Once
from engine.api.problems import Problem, Slug
from engine.web import doors, rendering
from engine.web.visitors import Here

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]
_WORD: Final = "erase"


@router.post("/likeness/erase")
def erase(request: Request, viewer: Here, confirm: Field) -> Response:
    """Delete everything of the person, and show the certificate: the last page they get."""
    if confirm.strip().lower() != _WORD:
        raise Problem(
            Slug.INVALID, f"Nothing was deleted: the word is “{_WORD}”.", field="confirm"
        )
    certificate = viewer.rooms.consent.erasures.erase(viewer.subject)
    file = base64.b64encode(orjson.dumps(certificate)).decode()
    shown = rendering.page("erased.html", certificate=certificate, file=file)
    return doors.without_cookie(shown, request)
