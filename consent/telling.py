# SPDX-License-Identifier: Apache-2.0
"""What a log line may carry beside its sentence: a closed list, of which nothing is personal.

Rules:
1. a line's sentence is a constant; whatever changes from line to line is one of these fields
2. no field is a person, an id of theirs, their words, a path, an address or another's message.
   An error is told by its kind and its place (engine/journal.py), never by what it says
3. a text field is a word of ours; what does not read like one is not written
"""

from collections.abc import Mapping
from typing import Final, TypedDict, Unpack


class Fields(TypedDict, total=False):
    """All there is to tell. Units: `ms` milliseconds."""

    count: int
    size: int
    times: int
    status: int
    ms: float
    counts: Mapping[str, int]  #: what came of a plan, by our words for it
    method: str  #: GET, POST, ..
    route: str  #: with its placeholders
    reason: str  #: one of the closed list
    recipe: str
    scenario: str  #: of the catalogue
    expander: str  #: its class
    experiment: str
    witness: str
    table: str
    room: str  #: a part of the engine that listens
    kind: str  #: of an error: its class
    where: str  #: of an error: its function and line
    why: str  #: a sentence of our own errors


TOLD: Final = "told"
"""Under this name a log record carries them."""


def told(**fields: Unpack[Fields]) -> Mapping[str, Fields]:
    """Give a log call its fields: `_log.error("a sentence", extra=told(count=3))`."""
    return {TOLD: fields}
