# SPDX-License-Identifier: Apache-2.0
"""One block of decisions: many people, one step, one purpose, one entry.

Rules:
1. what each slot's facts will be hidden with is made before the log head is locked
2. facts are read, decided on and committed to in the one transaction that writes the block
3. a block holds a person once; whoever was erased meanwhile has no slot in it
4. no secret, no slot: where the log knows somebody and the key store does not, nothing is decided
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection

from consent import arrays, batches, blocks, crowds, entries
from consent.arrays import Numbers, Verdicts
from consent.blocks import Masks
from consent.chance import Chance
from consent.crowds import Crowd
from consent.errors import Broken
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.outdated import Outdated
from consent.policy import Policy
from consent.words import SECOND, Epoch, Micros, Purpose, Reason, Seq, Step, Subject
from consent.writing import Writing

_NONCE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What was decided, a column each, in the order of the slots. Shapes: all (n,)."""

    seq: Seq
    not_after: Micros
    people: Numbers
    epochs: Numbers
    verdicts: Verdicts

    @property
    def denied(self) -> int:
        """Count those who were denied."""
        return int(np.count_nonzero(self.verdicts))

    def allowed(self) -> Iterator[tuple[int, Subject, Epoch]]:
        """Yield slot, person and epoch of those who were allowed."""
        slots = np.flatnonzero(self.verdicts == 0)
        columns = (slots, self.people[slots], self.epochs[slots])
        for slot, person, epoch in zip(*(one.tolist() for one in columns), strict=True):
            yield slot, Subject(person), Epoch(epoch)

    def reasons(self) -> dict[Subject, Reason | None]:
        """Say why each person was denied, None for whoever was not."""
        people, verdicts = self.people.tolist(), self.verdicts.tolist()
        return {
            Subject(person): Reason(arrays.VERDICTS[code]) if code else None
            for person, code in zip(people, verdicts, strict=True)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a block decides, and under what."""

    step: Step
    purpose: Purpose
    policy: Policy
    outdated: Outdated
    seconds: int
    run: str | None
    guard: Callable[[Connection, Micros], None]


class Sitting:
    """Decide blocks of people."""

    def __init__(self, ledger: Ledger, keys: KeyStore, chance: Chance) -> None:
        self._ledger = ledger
        self._keys = keys
        self._chance = chance

    def hold_all(self, matter: Matter, people: Iterable[Subject]) -> Iterator[Block]:
        """Decide on any number of people, a transaction a block, those of the least number first.

        Sorted, because then all blocks together read every index once. Errors:
        Broken(unavailable) where the secret of somebody whom the log knows is gone.
        """
        asked = np.unique(np.fromiter(people, np.int64))
        if len(asked) > crowds.FEW:
            with self._ledger.read() as connection:
                matter.outdated.learn(connection)
        for start in range(0, len(asked), blocks.MOST):
            ready = self._prepare(asked[start : start + blocks.MOST])
            if held := self._hold(matter, ready):
                yield held

    def _prepare(self, people: Numbers) -> "_Ready":
        """Read the secrets and hide each slot's facts to come, before anything is locked."""
        nonce = self._chance.token(_NONCE)
        held = self._keys.secrets([Subject(person) for person in people.tolist()])
        there = [person for person in people.tolist() if person in held]
        masks = blocks.masks([held[person] for person in there], nonce)
        return _Ready(people=people, nonce=nonce, secrets=held, there=there, masks=masks)

    def _hold(self, matter: Matter, ready: "_Ready") -> Block | None:
        """Decide one block; None where the log knows nobody of it."""
        with self._ledger.write() as writing:
            matter.guard(writing.connection, writing.now)
            crowd = crowds.read(
                writing.connection,
                ready.people,
                step=matter.step,
                purpose=matter.purpose,
                now=writing.now,
                outdated=matter.outdated,
            )
            if not len(crowd.people):
                return None
            return _write(writing, matter, crowd, ready.hidden(crowd.people), ready.nonce)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What a block's slots are hidden with, for those whose secrets there were."""

    people: Numbers
    nonce: bytes
    secrets: Mapping[Subject, bytes]
    there: Sequence[Subject]
    masks: Masks

    def hidden(self, here: Numbers) -> Masks:
        """Return the masks of those who are here; where somebody is not, the slots close up."""
        if here.tolist() == self.there:
            return self.masks
        try:
            own = [self.secrets[Subject(person)] for person in here.tolist()]
        except KeyError as error:
            raise Broken(Reason.UNAVAILABLE, "a person's secret is not in the store") from error
        return blocks.masks(own, self.nonce)


def _write(writing: Writing, matter: Matter, crowd: Crowd, hidden: Masks, nonce: bytes) -> Block:
    said = arrays.decide(matter.policy, matter.step, matter.purpose, crowd.facts)
    said[(said == 0) & (crowd.epochs < 0)] = arrays.VERDICTS.index(Reason.NOT_GRANTED)
    packed = blocks.pack(crowd.facts)
    records = blocks.records(
        tags=crowd.tags,
        committed=blocks.commitments(packed, hidden),
        epochs=crowd.epochs,
        prevs=crowd.prevs,
        prev_slots=crowd.prev_slots,
        kinds=crowd.facts.kind,
        verdicts=said,
    )
    not_after = Micros(writing.now + matter.seconds * SECOND)
    denied = int(np.count_nonzero(said))
    seq = writing.append(
        "block",
        run=matter.run,
        step=matter.step,
        purpose=matter.purpose,
        policy=matter.policy.sha256,
        n=len(said),
        denied=denied,
        inner=blocks.root(records).hex(),
        not_after=not_after if denied < len(said) else None,
        nonce=entries.base64url(nonce),
    )
    row = (seq, records, nonce, blocks.sealed(packed, hidden))
    batches.add_block(writing.connection, row)
    _move(writing.connection, seq, crowd.people)
    return Block(
        seq=seq, not_after=not_after, people=crowd.people, epochs=crowd.epochs, verdicts=said
    )


def _move(connection: Connection, seq: Seq, people: Numbers) -> None:
    """Let the block be everybody's last entry, each by their slot, in one statement."""
    rows = [(seq, slot, person) for slot, person in enumerate(people.tolist())]
    batches.move_chains(connection, rows)
