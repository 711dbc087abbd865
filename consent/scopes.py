# SPDX-License-Identifier: Apache-2.0
"""Whose rows a transaction is about: what PostgreSQL's row security is told as it begins.

Rules:
1. a scope is told with the transaction (`set_config(.., true)`) and ends with it: a connection
   that goes back to its pool remembers nobody
2. nothing told is nobody: a transaction that does not say whose rows it wants finds none
3. who answers a request says `of` the person who asks; what needs other people's rows names them,
   or says `EVERYBODY` where it stands, so that the places can be counted
4. this is a second line only. The gate, and every query's own condition, come first
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from consent.words import Subject

SETTING: Final = "onlyou.subject"
"""The setting that policies read: people's numbers, `*`, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A set of people, or everybody."""

    people: frozenset[int] = frozenset()
    everybody: bool = False

    def said(self) -> str:
        """Write it as `SETTING` takes it."""
        return "*" if self.everybody else ",".join(map(str, sorted(self.people)))

    def __or__(self, other: "Scope") -> "Scope":
        """Take both: what one transaction does for several."""
        return Scope(people=self.people | other.people, everybody=self.everybody | other.everybody)


NOBODY: Final = Scope()
EVERYBODY: Final = Scope(everybody=True)
_said: ContextVar[Scope | None] = ContextVar("scope", default=None)


def of(*people: Subject) -> Scope:
    """Name people."""
    return Scope(people=frozenset(people))


def said() -> Scope | None:
    """Return what was said here and now; None where nothing was, and the process's own holds."""
    return _said.get()


def say(scope: Scope) -> None:
    """Say it for the rest of this task or request."""
    _said.set(scope)


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Say it for a block."""
    before = _said.set(scope)
    try:
        yield
    finally:
        _said.reset(before)


@contextmanager
def also(people: Iterable[Subject]) -> Iterator[None]:
    """Add people to whom it is about, for a block; where nothing was said, nothing changes."""
    now = _said.get()
    with within(now | of(*people)) if now is not None else _nothing():
        yield


@contextmanager
def _nothing() -> Iterator[None]:
    yield
