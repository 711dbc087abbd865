# SPDX-License-Identifier: Apache-2.0
"""Requests that are made together: each gets one outcome, and then takes no further step.

Knows the gate and this room's values. The batch lives in memory only, as long as it is being made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from consent.gate import Ask, Denial, Gate, Permit, Read, S
from consent.words import ObjectId, Reason, Subject
from generation.portraits import Elsewhere, Portrait, Refusal, Request
from generation.recipes import Likeness

#: what comes of a request
Made = Portrait | Refusal | Denial | Elsewhere
#: who may take a step, by request
Granted = dict[ObjectId, Permit[S]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a likeness comes from: the permit it was opened under, and what was kept beside it."""

    permit: Permit[Read]
    #: what an encoder made of it before, as `generation.conditioning` packs it
    beside: bytes | None = None


@dataclass(slots=True)
class Batch:
    """Requests on their way, in their order."""

    requests: Sequence[Request]
    outcomes: dict[ObjectId, Made] = field(default_factory=dict)
    #: begun and not to be shown; settled with the rest of the batch
    refused: dict[ObjectId, Reason] = field(default_factory=dict)
    likenesses: dict[ObjectId, tuple[Likeness, ...]] = field(default_factory=dict)
    #: in the order of the likenesses, until their conditioning is complete
    sources: dict[ObjectId, tuple[Source, ...]] = field(default_factory=dict)

    @property
    def open(self) -> tuple[Request, ...]:
        """List what may still become a portrait."""
        gone = self.outcomes.keys() | self.refused.keys()
        return tuple(one for one in self.requests if one.id not in gone)

    def others(self) -> Callable[[Request], tuple[Likeness, ...]]:
        """Gather faces, to tell for each request those of the other people who are still in."""
        faces: list[Likeness] = []
        mine: dict[Subject, list[slice]] = {}
        for each in self.requests:
            if each.id not in self.outcomes:
                start = len(faces)
                faces += self.likenesses.get(each.id, ())
                mine.setdefault(each.subject, []).append(slice(start, len(faces)))

        def beside(one: Request) -> tuple[Likeness, ...]:
            left = faces.copy()
            for own in reversed(mine.get(one.subject, [])):
                del left[own]
            return tuple(left)

        return beside


def ask(gate: Gate, batch: Batch, step: S) -> Granted[S]:
    """Ask for one step for all that is open; who is denied drops out."""
    asking = batch.open
    questions = [
        Ask(step=step, subject=one.subject, purpose=one.purpose, object=one.id, request=one.id)
        for one in asking
    ]
    permits: Granted[S] = {}
    for one, answer in zip(asking, gate.ask_all(questions), strict=True):
        if isinstance(answer, Denial):
            batch.outcomes[one.id] = answer
        else:
            permits[one.id] = answer
    return permits
