# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, by whose fault. Messages never carry personal data.

OnlyouError            one clear sentence and a reason code
├── Denied             a closed door: ordinary, logged, shown to the person
├── Misused            the caller's fault: an unknown id, a bad value, a permit used twice
└── Broken             the engine must stop: keys, ledger or schema are not what they must be
    └── Closed         this log is written elsewhere now: find out where, and ask there
"""

from consent.words import Purpose, Reason, Seq, Step


class OnlyouError(Exception):
    """Carry one clear sentence and a reason code to whoever must act on it."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence


class Denied(OnlyouError):
    """The gate said no. `seq` is the decision's entry, None where none was written."""

    def __init__(
        self,
        reason: Reason,
        sentence: str,
        *,
        step: Step | None = None,
        purpose: Purpose | None = None,
        seq: Seq | None = None,
    ) -> None:
        super().__init__(reason, sentence)
        self.step = step
        self.purpose = purpose
        self.seq = seq


class Misused(OnlyouError):
    """You called wrongly: what was given is unknown, malformed or already used."""


class Broken(OnlyouError):
    """The engine refuses to go on: a key, the ledger or the schema is not what it must be."""


class Closed(Broken):
    """This log is closed, or was given to another server since it was opened: nothing was done."""

    def __init__(self) -> None:
        super().__init__(Reason.UNAVAILABLE, "this log is moving, or has moved; try again")
