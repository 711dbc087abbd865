# SPDX-License-Identifier: Apache-2.0
"""Write an answer as JSON, by hand and at once; describe what all personal routes share."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from fastapi import Security
from fastapi.security import HTTPBearer
from starlette.responses import Response

from engine.api.shapes import ProblemShape

JSON: Final = "application/json"
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {
        "model": ProblemShape,
        "content": {"application/problem+json": {}},
        "description": "An RFC 9457 problem",
    }
}

SIGNED_IN: Final = Security(HTTPBearer(auto_error=False, scheme_name="token", bearerFormat="JWT"))
"""Says in the contract that a route takes a bearer token; `desk` is what checks it."""


def json(
    content: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON that a client may rely on."""
    return Response(
        orjson.dumps(content), status_code=status, headers=dict(headers or {}), media_type=JSON
    )
