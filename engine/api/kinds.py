# SPDX-License-Identifier: Apache-2.0
"""No body is read of a kind that its route does not read: JSON, or a form where files come in.

A body without a `Content-Type` is left to its route, and a DELETE needs none and minds none.
Source: RFC 9110 sections 8.3 and 15.5.16.
"""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.api.problems import Problem, Slug, answer

_READING: Final = frozenset({"POST", "PUT", "PATCH"})


class BodyKind:
    """Refuse a body of another media type than its path reads. Paths outside the API are free."""

    def __init__(self, app: ASGIApp, prefix: str, usual: str, by_path: Mapping[str, str]) -> None:
        self.app = app
        self._prefix = prefix
        self._usual = usual
        self._by_path = by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on whose body can be read."""
        if scope["type"] == "http" and scope["method"] in _READING:
            path = str(scope["path"])
            read = self._by_path.get(path, self._usual)
            if path.startswith(self._prefix) and not _is(read, Headers(scope=scope)):
                await answer(Problem(Slug.MEDIA_TYPE, f"This reads {read}."))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _is(read: str, headers: Headers) -> bool:
    kind = headers.get("content-type", read).partition(";")[0].strip().lower()
    return kind == read
