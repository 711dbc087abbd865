# SPDX-License-Identifier: Apache-2.0
"""No request body is read beyond a limit, declared or not. Units: bytes."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.problems import Problem, Slug, answer


class BodyLimit:
    """Refuse a body larger than the limit of its path, before or while it arrives."""

    def __init__(self, app: ASGIApp, default: int, by_path: Mapping[str, int]) -> None:
        self.app = app
        self._default = default
        self._by_path = by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what arrives and stop at the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._by_path.get(scope["path"], self._default)
        declared = Request(scope).headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            await answer(_too_large(limit))(scope, receive, send)
            return
        await self.app(scope, _counting(receive, limit), send)


def _counting(receive: Receive, limit: int) -> Receive:
    left = limit

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> Problem:
    return Problem(Slug.TOO_LARGE, f"At most {limit:,} bytes are read here.")
