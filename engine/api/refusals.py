# SPDX-License-Identifier: Apache-2.0
"""Turn whatever a route raised into one problem. Knows FastAPI's errors and consent's."""

import logging
from typing import Final

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consent import telling
from consent.errors import OnlyouError
from engine.api.problems import Problem, Slug, answer, bare, not_found, of
from engine.journal import where

_LOG: Final = logging.getLogger("onlyou.api")


def told(error: Exception) -> Problem | None:
    """Name the problem behind an error, or None where it is nothing we foresaw."""
    match error:
        case Problem():
            return error
        case OnlyouError():
            return of(error)
        case DataError() | OperationalError():
            return _database(error)
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return _plain(error)
        case _:
            return None


def answer_for(error: Exception) -> Response:
    """Answer an error that a route raised. Errors: raises it again where it was not foreseen."""
    problem = told(error)
    if problem is not None:
        note(problem, error)
        return answer(problem)
    if isinstance(error, HTTPException):
        return bare(error.status_code, error.detail, error.headers)
    raise error


def _database(error: DataError | OperationalError) -> Problem:
    if isinstance(error, DataError):  # PostgreSQL keeps no text with a zero byte in it
        return Problem(Slug.INVALID, "The request holds text that cannot be kept.")
    return Problem(Slug.UNAVAILABLE, "Nothing was done. Try again later.")


def _plain(error: HTTPException) -> Problem | None:
    """Name the problem behind a framework's status; others, such as 405, need no type."""
    if isinstance(error.__cause__, Problem):  # ours, raised while the body was read
        return error.__cause__
    match error.status_code:
        case 404:
            return not_found()
        case 400:
            return Problem(Slug.INVALID, "The body could not be read.")
        case _:
            return None


def note(problem: Problem, error: Exception) -> None:
    """Leave a line for the operator where the fault is ours, without what was sent."""
    if problem.slug is Slug.UNAVAILABLE:
        reason, place = problem.reason or "database", where(error)
        _LOG.error("unavailable", extra=telling.told(reason=reason, where=place))


def _invalid(error: RequestValidationError) -> Problem:
    """Name the first field that is wrong and what was expected, never what was sent."""
    first = error.errors()[0]
    where, *path = (str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return Problem(Slug.INVALID, "The body is not JSON.", field="body")
    field = ".".join(path) or where
    if where == "path":
        return not_found()
    return Problem(Slug.INVALID, f"{field}: {first['msg']}.", field=field)
