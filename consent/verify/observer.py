# SPDX-License-Identifier: Apache-2.0
"""How a verified history is handed out while it is read: what a replay builds its columns from."""

from collections.abc import Mapping
from typing import Any, Protocol


class Observer(Protocol):
    """Told everything once, in the order of the log, each thing after it was checked.

    Arguments come by position. `slot` and the slot in `of` are None outside blocks. What was found
    wrong is in the report: whoever builds on what they were told asks for `report["ok"]` at the
    end. An observer makes the verifier work in one process, since order is kept.
    """

    def decision(
        self,
        seq: int,
        slot: int | None,
        at: int,
        step: str,
        purpose: str,
        tag: str,
        policy: str,
        reason: str | None,
        thing: str | None,
        facts: Mapping[str, Any] | None,
        /,
    ) -> None:
        """Take a decision: `reason` is None where it allows, else its first; `thing` its object.

        `facts` are those opened for it, already held against its commitment, or None. Decisions of
        one block may share one mapping: do not change it.
        """
        ...

    def effect(
        self, seq: int, at: int, of: tuple[int, int | None], tag: str, step: str, thing: str, /
    ) -> None:
        """Take an effect and the place of the decision that it says it spends."""
        ...

    def change(
        self,
        seq: int,
        at: int,
        t: str,
        tag: str,
        purpose: str,
        kind: str | None,
        not_after: int | None,
        /,
    ) -> None:
        """Take a grant, renew, withdraw or expire; the last two have no kind and no end."""
        ...
