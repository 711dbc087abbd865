# SPDX-License-Identifier: Apache-2.0
"""One access line a request and one line a failure, without personal data.

A line names the route, never the path: no id, no query, no token, no address. A failure names the
kind of error and where it was raised, never its message, since messages can carry what was sent.
"""

import logging
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.problems import bare

_LOG: Final = logging.getLogger("onlyou.api")


class Quietly:
    """Write one line a request; turn an unforeseen error into a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a request and log its route, status and duration in milliseconds."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:  # noqa: BLE001  the last stop: nothing may leak past it
            _LOG.error("%s %s failed: %s", scope["method"], route_of(scope), where(error))
            if not status:
                await bare(500, "Something went wrong")(scope, receive, note)
        spent = (time.monotonic() - began) * 1_000
        _LOG.info("%s %s %d %.1f ms", scope["method"], route_of(scope), status, spent)


def route_of(scope: Mapping[str, Any]) -> str:
    """Name the route that answered, with its placeholders; `-` where none did."""
    return str(getattr(scope.get("route"), "path", "-"))


def where(error: BaseException) -> str:
    """Tell an error by its type and its innermost line of code, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.name} line {last.lineno}"
