# SPDX-License-Identifier: Apache-2.0
"""The words in which the gate is asked and answers; `consent.gate` alone makes them."""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from consent.entries import Value
from consent.errors import Denied, Misused
from consent.sentences import sentence
from consent.words import Epoch, Micros, ObjectId, Purpose, Reason, Seq, Step, Subject

S = TypeVar("S", bound=Step)

Enrol = Literal[Step.ENROL]
Select = Literal[Step.SELECT]
Read = Literal[Step.READ]
Generate = Literal[Step.GENERATE]
Moderate = Literal[Step.MODERATE]
Store = Literal[Step.STORE]
Insert = Literal[Step.INSERT]
View = Literal[Step.VIEW]
Share = Literal[Step.SHARE]
Learn = Literal[Step.LEARN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Generic[S]):
    """One question to the gate. `request` is the portrait's life that the answer belongs to."""

    step: S
    subject: Subject
    purpose: Purpose
    object: ObjectId
    request: ObjectId | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Generic[S]):
    """An allowed decision. Its subject is the subject of whatever is done with it.

    One of a `block` has no row yet: `Gate.go_on` writes it when something is done with it.
    """

    seq: Seq
    slot: int
    step: S
    subject: Subject
    purpose: Purpose
    epoch: Epoch
    object: ObjectId
    not_after: Micros
    request: ObjectId | None = None
    block: bool = False

    @property
    def place(self) -> Value:
        """Name the decision as the entry of an effect does."""
        return [self.seq, self.slot] if self.block else self.seq

    def row(self, now: Micros) -> dict[str, Any]:
        """Return the permit's own row, as an effect must find it."""
        return {
            "seq": self.seq,
            "t": "block" if self.block else "decision",
            "slot": self.slot,
            "subject": self.subject,
            "step": self.step,
            "purpose": self.purpose,
            "epoch": self.epoch,
            "object": self.object,
            "at": now,
            "not_after": self.not_after,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A decision that said no, and why.

    `seq` is None for somebody whom nobody here knows (any more): nothing is said about them.
    """

    seq: Seq | None
    step: Step
    subject: Subject
    purpose: Purpose
    object: ObjectId
    reason: Reason


def denied(denial: Denial) -> Denied | Misused:
    """Turn a denial into the exception of a closed door, or of a person whom nobody knows."""
    if denial.seq is None:
        return Misused(denial.reason, "this person is not known here")
    return Denied(
        denial.reason,
        sentence(denial.reason, denial.purpose),
        step=denial.step,
        purpose=denial.purpose,
        seq=denial.seq,
    )
