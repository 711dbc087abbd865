# SPDX-License-Identifier: Apache-2.0
"""What another room counts before somebody's rows go, in the transaction in which they go.

A port: consent knows no room. A room that must know that somebody left says so once, when it is
put together; it is told while everything is still there, and what it writes stands or falls with
the withdrawal. It can neither delay nor refuse it: where it fails, what it wrote is taken back and
the withdrawal goes on.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from consent.doomed import Ending
from consent.telling import told
from consent.words import Subject
from consent.writing import Writing

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Somebody's bases that end now, all of them together."""

    subject: Subject
    endings: tuple[Ending, ...]
    said: bool  #: they said so, or somebody for them; else the time was over


Hear = Callable[[Writing, Parting], None]
"""Counts what it must; it opens no transaction."""


class Partings:
    """Who is told when somebody's bases end."""

    def __init__(self) -> None:
        self._heard: dict[str, Hear] = {}

    def hear(self, name: str, hear: Hear) -> None:
        """Tell this one from now on; under a name that is known, instead of the one before."""
        self._heard[name] = hear

    def tell(self, writing: Writing, parting: Parting) -> None:
        """Tell all of them, before anything is gone."""
        for name, hear in self._heard.items():
            writing.begin_part()
            try:
                hear(writing, parting)
                writing.keep_part()
            except Exception:  # noqa: BLE001 - whoever leaves is gone, whatever is not counted
                writing.take_back()
                _log.exception("somebody who left could not be counted", extra=told(room=name))
