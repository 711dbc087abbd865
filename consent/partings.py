# SPDX-License-Identifier: Apache-2.0
"""What another room counts before somebody's rows go, in the transaction in which they go.

A port: consent knows no room. A room that must know that somebody left says so once, when it is
put together; it is told while everything is still there, and what it writes stands or falls with
the withdrawal. It learns who and what ends, and can neither delay nor refuse it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from consent.doomed import Ending
from consent.words import Subject
from consent.writing import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Somebody's bases that end now, all of them together."""

    subject: Subject
    endings: tuple[Ending, ...]
    said: bool  #: they said so, or somebody for them; else the time was over


Hear = Callable[[Writing, Parting], None]
"""Counts what it must. It opens no transaction and raises nothing on purpose."""


class Partings:
    """Who is told when somebody's bases end."""

    def __init__(self) -> None:
        self._heard: dict[str, Hear] = {}

    def hear(self, name: str, hear: Hear) -> None:
        """Tell this one from now on; under a name that is known, instead of the one before."""
        self._heard[name] = hear

    def tell(self, writing: Writing, parting: Parting) -> None:
        """Tell all of them, before anything is gone."""
        for hear in self._heard.values():
            hear(writing, parting)
