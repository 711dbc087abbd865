# SPDX-License-Identifier: Apache-2.0
"""Headers that keep a personal answer personal: everything is private unless a file says not.

1. No shared or private cache keeps it: `private, no-store`, and it varies by who asks.
2. No other site may embed, frame or sniff it.
3. A page loads nothing from elsewhere and runs nothing inline.
Source: RFC 9111 section 5.2; Fetch, Cross-Origin-Resource-Policy; CSP Level 3.
"""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
PRIVATE: Final = "private, no-store"
_ALWAYS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Security-Policy", CSP),
    ("Referrer-Policy", "no-referrer"),
)


class PrivateByDefault:
    """Add the headers to every answer; only `Cache-Control` set by a public file is left alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete the head of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, complete)


def _complete(headers: MutableHeaders) -> None:
    for name, value in _ALWAYS:
        headers[name] = value
    headers.setdefault("Cache-Control", PRIVATE)
    if headers["Cache-Control"] == PRIVATE:
        headers["Vary"] = "Authorization, Cookie"
