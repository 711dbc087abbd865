# SPDX-License-Identifier: Apache-2.0
"""What is wrong, in the order of the log: the same for any number of processes that looked."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

Code = Literal[
    "bundle-unreadable", "signature-missing", "signature-invalid", "root-mismatch",
    "size-mismatch", "inconsistent-checkpoint", "entry-malformed", "time-reversed", "seq-gap",
    "chain-broken", "chain-hidden", "effect-without-decision", "decision-reused",
    "decision-denied", "effect-after-withdrawal", "effect-expired", "policy-unpublished",
    "policy-mismatch", "notice-unserved", "notice-mismatch", "grant-backdated",
    "verdict-mismatch", "commitment-mismatch", "block-mismatch", "key-use-after-destroy",
    "erasure-false", "witness-threshold",
]  # fmt: skip
Order = tuple[int, int, int, str, str, str]
Noted = tuple[Order, dict[str, Any]]

MOST_FINDINGS: Final = 1_000
"""One broken rule can break every entry; beyond these the findings are only counted."""
BEFORE, DURING, AFTER = range(3)
"""What is checked before the first entry, at an entry, and after the last."""


class Findings:
    """The first findings in the order of the log, and how many there were."""

    def __init__(self, stage: int = BEFORE) -> None:
        self.stage = stage
        self.total = 0
        self._noted: list[Noted] = []

    def add(
        self,
        code: Code,
        detail: str,
        *,
        seq: int | None = None,
        file: str | None = None,
        at: int | None = None,
    ) -> None:
        """Report one thing that is wrong, at an entry or in a file.

        `at` is the entry that was read when it came out, where that is not the one it is about.
        """
        named = {} if file is None else {"file": file}
        about = -1 if seq is None else seq
        order = (self.stage, about if at is None else at, about, code, detail, file or "")
        self.merge([(order, {"code": code, "seq": seq, **named, "detail": detail})], 1)

    def merge(self, noted: Iterable[Noted], total: int) -> None:
        """Take what another process found; `total` counts also what it did not keep."""
        self._noted += noted
        self.total += total
        if len(self._noted) > 2 * MOST_FINDINGS:
            self._noted = self.noted()

    def noted(self) -> list[Noted]:
        """Return the first findings with their places in the order."""
        return sorted(self._noted, key=_order)[:MOST_FINDINGS]

    @property
    def found(self) -> list[dict[str, Any]]:
        """Return the first findings as a report carries them."""
        return [finding for _, finding in self.noted()]

    @property
    def omitted(self) -> int:
        """Say how many more there were."""
        return max(0, self.total - MOST_FINDINGS)


def _order(noted: Noted) -> Order:
    return noted[0]


def where(finding: Mapping[str, Any]) -> str:
    """Say at which entry and in which file a finding is."""
    entry = f" at entry {finding['seq']}" if finding["seq"] is not None else ""
    file = f" ({finding['file']})" if "file" in finding else ""
    return f"{finding['code']}{entry}: {finding['detail']}{file}"
