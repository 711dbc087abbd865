# SPDX-License-Identifier: Apache-2.0
"""`/openapi.json` as it is: a refusal is a problem, whatever FastAPI would have answered."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

_PROBLEM: Final = "#/components/schemas/ProblemShape"
_THEIRS: Final = frozenset({"HTTPValidationError", "ValidationError"})


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Build what tells an app's routes, once, with every refusal as an RFC 9457 problem."""
    tell = app.openapi

    def told() -> dict[str, Any]:
        if app.openapi_schema is None:
            _mend(tell())
        return app.openapi_schema or {}

    return told


def _mend(made: dict[str, Any]) -> None:
    for path in made["paths"].values():
        for action in path.values():
            answers = action["responses"]
            answers.pop("422", None)
            for answer in (one for status, one in answers.items() if status == "4XX"):
                problem = {"schema": {"$ref": _PROBLEM}}
                answer["content"] = {"application/problem+json": problem}
    schemas = made["components"]["schemas"]
    for name in _THEIRS & schemas.keys():
        del schemas[name]
