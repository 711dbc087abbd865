# SPDX-License-Identifier: Apache-2.0
"""`/openapi.json` as it is: what every route shares, said once and for all of them.

1. a refusal is a problem, whatever FastAPI would have answered
2. every answer tells the rate limit; every POST takes an `Idempotency-Key` and needs none
3. `text` writes it the same way on every machine: `docs/openapi.json` is compared with it
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from fastapi import FastAPI

_PROBLEM: Final = "#/components/schemas/ProblemShape"
_THEIRS: Final = frozenset({"HTTPValidationError", "ValidationError"})
_RATES: Final = {
    "RateLimit-Policy": "The limit of this class of routes: a name, `q` requests in `w` seconds",
    "RateLimit": "What is left of it: `r` requests, and in `t` seconds there is more",
}
_RETRY: Final = {"Retry-After": "Seconds after which to try again, on 429 and 503"}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same body, the first answer is given again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_STATUSES: Final = {
    "4XX": "A refusal, as an RFC 9457 problem",
    "5XX": "Nothing was done; a problem",
}


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Build what tells an app's routes, once, with every refusal as an RFC 9457 problem."""
    tell = app.openapi

    def told() -> dict[str, Any]:
        if app.openapi_schema is None:
            _mend(tell())
        return app.openapi_schema or {}

    return told


def text(app: FastAPI) -> str:
    """Write an app's description as the file that is kept of it."""
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _mend(made: dict[str, Any]) -> None:
    for method, action in _actions(made):
        answers = action["responses"]
        answers.pop("422", None)
        for status, description in _STATUSES.items():
            answers[status] = _problem(description)
        for answer in answers.values():
            answer["headers"] = {**answer.get("headers", {}), **_headers(_RATES)}
        if method == "post":
            action.setdefault("parameters", []).append(_KEY)
    schemas = made["components"]["schemas"]
    for name in _THEIRS & schemas.keys():
        del schemas[name]


def _actions(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in made["paths"].values():
        yield from path.items()


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": _PROBLEM}}},
        "headers": _headers(_RETRY),
    }


def _headers(told: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": description, "schema": {"type": "string"}}
        for name, description in told.items()
    }
