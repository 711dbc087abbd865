# SPDX-License-Identifier: Apache-2.0
"""Fences: what must still be so when a transaction of this task writes, looked at in each.

Rules:
1. whoever acts by a lead or a term says so once, around all that they do
2. the fence is asked when the log head is locked: nobody takes the lead over before the commit
3. a fence that no longer holds raises, and nothing of its transaction is written
4. an act that another task commits with its own asks the fences of whoever wants it
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from sqlalchemy import Connection

Fence = Callable[[Connection], None]
"""Asked in a transaction that is about to write. Errors: whatever says that it must not."""

_fences: Final[ContextVar[tuple[Fence, ...]]] = ContextVar("fences", default=())


@contextmanager
def behind(fence: Fence) -> Iterator[None]:
    """Let every transaction that this block writes ask a fence first."""
    before = _fences.set((*_fences.get(), fence))
    try:
        yield
    finally:
        _fences.reset(before)


def said() -> tuple[Fence, ...]:
    """Return the fences that this task stands behind."""
    return _fences.get()


def ask(connection: Connection, fences: Iterable[Fence]) -> None:
    """Ask every fence. Errors: those of the first that no longer holds."""
    for fence in fences:
        fence(connection)
