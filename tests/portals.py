# SPDX-License-Identifier: Apache-2.0
"""One event loop for all test clients of a process, as a server has one for all its requests.

Starlette's client starts a thread, a loop and new worker threads for every request that is made
outside a `with` block: a third of what a small answer costs. Clients that live through start-up
and shutdown (`with TestClient(app)`) keep a loop of their own.
"""

from contextlib import ExitStack

from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.testclient import TestClient

_OPEN = ExitStack()
_FOUND: list[BlockingPortal] = []


def shared(client: TestClient) -> TestClient:
    """Let a client use the one loop; returns it."""
    if not _FOUND:
        _FOUND.append(_OPEN.enter_context(start_blocking_portal(**client.async_backend)))
    client.portal = _FOUND[0]
    return client


def close() -> None:
    """End the loop; the next client starts another."""
    _FOUND.clear()
    _OPEN.close()
