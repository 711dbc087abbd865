# SPDX-License-Identifier: Apache-2.0
"""How a verified history is handed out while it is read: what a replay builds its columns from."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Decided(NamedTuple):
    """A decision that was checked. Decisions of one block may share their `facts`: only read."""

    seq: int
    slot: int | None  #: None outside blocks
    at: int
    step: str
    purpose: str
    tag: str
    policy: str
    reason: str | None  #: None where it allows, else the first reason
    object: str | None  #: None in a block: its effect names the thing
    facts: Mapping[str, Any] | None  #: as opened and held against the commitment; None if not
    request: str | None = None  #: None in a block: its effect names it
    basis: str | None = None  #: the kind of basis relied on


class Done(NamedTuple):
    """An effect, and the place of the decision that it says it spends."""

    seq: int
    at: int
    of: tuple[int, int | None]
    tag: str
    step: str
    object: str
    request: str | None = None


class Changed(NamedTuple):
    """A grant, renew, withdraw or expire; the last two have no kind and no end."""

    seq: int
    at: int
    t: str
    tag: str
    purpose: str
    kind: str | None
    not_after: int | None


class Observer(Protocol):
    """Told everything once, in the order of the log, each thing after it was checked.

    What was found wrong is in the report: whoever builds on what they were told asks for
    `report["ok"]` at the end. An observer makes the verifier work in one process, since order is
    kept. `list.append` will do for each of the three.
    """

    def decision(self, told: Decided, /) -> None:
        """Take a decision."""
        ...

    def effect(self, told: Done, /) -> None:
        """Take an effect."""
        ...

    def change(self, told: Changed, /) -> None:
        """Take a beginning or an end of what holds."""
        ...
