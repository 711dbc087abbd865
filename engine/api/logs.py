# SPDX-License-Identifier: Apache-2.0
"""One access line a request and one line a failure, without personal data.

A line names the route, never the path: no id, no query, no token, no address. A failure names the
kind of error and where it was raised, never its message, since messages can carry what was sent.
"""

import logging
import time
from collections.abc import Mapping
from http import HTTPMethod
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent.chance import SystemChance
from consent.telling import told
from engine import journal
from engine.api.problems import bare

_LOG: Final = logging.getLogger("onlyou.api")
_NUMBER: Final = 8  # bytes; enough to tell one day's requests apart


class Quietly:
    """Write one line a request; turn an unforeseen error into a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a request and log its route, status and duration in milliseconds."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with journal.under(SystemChance().token(_NUMBER).hex()):
            await self._run(scope, receive, send)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.monotonic(), 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:  # noqa: BLE001  the last stop: nothing may leak past it
            failed = told(method=_method(scope), route=route_of(scope), where=journal.where(error))
            _LOG.error("failed", extra=failed)
            if not status:
                await bare(500, "Something went wrong")(scope, receive, note)
        spent = (time.monotonic() - began) * 1_000
        done = told(method=_method(scope), route=route_of(scope), status=status, ms=spent)
        _LOG.info("answered", extra=done)


def route_of(scope: Mapping[str, Any]) -> str:
    """Name the route that answered, with its placeholders; `-` where none did."""
    return str(getattr(scope.get("route"), "path", "-"))


def _method(scope: Mapping[str, Any]) -> str:
    """Name the method if it is one that HTTP knows: anybody may send any word."""
    return scope["method"] if scope["method"] in HTTPMethod.__members__ else "-"
