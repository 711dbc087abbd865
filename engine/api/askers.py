# SPDX-License-Identifier: Apache-2.0
"""Whose rows a request may touch: nobody's, until `desk` has found out who asks; then theirs.

The database is told with each transaction (`consent.scopes`); on PostgreSQL it then holds every
query of the request to it, whatever the query forgot. What a route needs of others it names
itself, where it needs it.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from consent import scopes
from consent.scopes import NOBODY


class Askers:
    """Begin every request as nobody's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; what it says of who asks ends with it."""
        with scopes.within(NOBODY):
            await self.app(scope, receive, send)
