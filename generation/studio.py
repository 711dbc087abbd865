# SPDX-License-Identifier: Apache-2.0
"""The room's one entry: selfies and a wish in, a sealed portrait out.

A batch of requests goes through these steps, each under its own permit and never back:
0. what an earlier run made or refused is recalled, not made again
1. READ      every selfie of every person is asked for, then opened by the vault
2. GENERATE  the recipe draws rows; it sees likenesses, the studio keeps whose they are
3. MODERATE  each picture is judged: decent, one face, its owner's and nobody else's
4. STORE     what passed is marked and sealed under its owner's key
5. one transaction spends generate, moderate and store with their rows: a crash before it leaves
   the bare request, a crash after it the whole portrait, and nothing lies between
A person who withdraws between two steps drops out as a `Denial`; the others go on. A picture that
may not be shown is a `Refusal`, and its pixels are gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent.cards import Card
from consent.chance import Chance
from consent.gate import Denial, Gate, Generate, Moderate, Permit, Select, Store
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.vault import Vault
from consent.words import Micros, ObjectId, Purpose, Reason, Step, Subject
from generation import cards, delivery, drawing, orders, reading
from generation.batching import Batch, Granted, Made, ask
from generation.delivery import Finished, Permits
from generation.enrolment import Enrolment, Outcome
from generation.identity import Identity
from generation.inspection import Inspector
from generation.marking import Marking
from generation.photographs import fingerprint
from generation.portraits import Request, Wish
from generation.provenance import Provenance
from generation.recipes import Recipe, Row
from generation.recognition import Recognition
from generation.selfies import Attested

#: requests made together: the fewer, the less a crash repeats; the more, the fewer transactions
BATCH: Final = 8
WORKERS: Final = 2


class Studio:
    """Take selfies in, take orders, make portraits."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        gate: Gate,
        vault: Vault,
        keys: KeyStore,
        chance: Chance,
        recipe: Recipe,
        inspector: Inspector,
        workers: int = WORKERS,
        batch: int = BATCH,
    ) -> None:
        self.recipe = recipe
        self._ledger = ledger
        self._gate = gate
        self._vault = vault
        self._inspector = inspector
        self._workers = workers
        self._size = batch
        self._marking = Marking(ledger=ledger, keys=keys, chance=chance)
        self.anchor = self._marking.credentials.anchor
        self.recognition = Recognition(ledger=ledger, marking=self._marking, shape=recipe.size)
        self._entrance = Enrolment(
            ledger=ledger,
            gate=gate,
            vault=vault,
            chance=chance,
            inspector=inspector,
            card=cards.of_gate(inspector),
        )

    @cached_property
    def card(self) -> Card:
        """Say which models draw a portrait here and look at it, hashed from their files."""
        return cards.of_recipe(self.recipe, self._inspector)

    def enrol(
        self,
        subject: Subject,
        files: Sequence[bytes],
        attested: Attested,
        *,
        purpose: Purpose = Purpose.LIKENESS,
    ) -> tuple[Outcome, ...]:
        """Judge and keep one upload of selfies; answers come in the order of the files.

        Errors: Denied when the person has not said yes to `purpose`.
        """
        return self._entrance.enrol(subject, files, attested, purpose=purpose)

    def order(
        self, permits: Sequence[Permit[Select]], wishes: Sequence[Wish]
    ) -> tuple[Request | Denial, ...]:
        """Turn select permits into requests; whose they are is what their permits say.

        Those of a block go on here: their permit rows are written with the requests.
        """
        with self._ledger.write() as writing:
            return orders.place(writing, self._gate.go_on(writing, permits), wishes)

    def pending(self) -> tuple[Request, ...]:
        """List what was ordered and neither made nor refused yet, the oldest first."""
        with self._ledger.read() as connection:
            return orders.pending(connection)

    def known(self, ids: Sequence[ObjectId]) -> frozenset[ObjectId]:
        """Say which of these requests stand already, whatever became of them."""
        with self._ledger.read() as connection:
            return orders.known(connection, ids)

    def make(self, requests: Sequence[Request]) -> tuple[Made, ...]:
        """Make portraits; outcomes come in the order of the requests, each made at most once."""
        return tuple(self.making(requests))

    def making(self, requests: Sequence[Request]) -> Iterator[Made]:
        """Make portraits, telling each outcome as soon as its batch is written."""
        for start in range(0, len(requests), self._size):
            yield from self._make(requests[start : start + self._size])

    def _make(self, requests: Sequence[Request]) -> tuple[Made, ...]:
        batch = Batch(requests)
        with self._ledger.read() as connection:  # 0
            batch.outcomes |= orders.outcomes(connection, requests)
        nobody = reading.read(  # 1
            batch, ledger=self._ledger, gate=self._gate, vault=self._vault
        )
        generate: Granted[Generate] = ask(self._gate, batch, Step.GENERATE)  # 2
        batch.refused |= {obj: why for obj, why in nobody.items() if obj in generate}
        pictures = self._draw(batch)
        moderate: Granted[Moderate] = ask(self._gate, batch, Step.MODERATE)  # 3
        finished = self._inspect(batch, pictures)
        store: Granted[Store] = ask(self._gate, batch, Step.STORE)  # 4
        sealed = delivery.seal(self._vault, self._marking, batch, store, finished)
        permits = Permits(generate=generate, moderate=moderate, store=store)
        kept = self._gate.policy.portraits.retention_seconds
        with self._ledger.write() as writing:  # 5
            delivery.settle(
                writing, batch, permits, sealed, finished, card=self.card, retention_seconds=kept
            )
        return tuple(batch.outcomes[one.id] for one in requests)

    def _draw(self, batch: Batch) -> dict[ObjectId, NDArray[np.uint8]]:
        """Hand rows to the recipe; their order alone says whose picture is whose."""
        sitting = batch.open
        rows = [_row(batch, one) for one in sitting]
        pictures: dict[ObjectId, NDArray[np.uint8]] = {}
        drawn = drawing.draw(self.recipe, rows, workers=self._workers)
        for one, picture in zip(sitting, drawn, strict=True):
            if isinstance(picture, Reason):
                batch.refused[one.id] = picture
            else:
                pictures[one.id] = picture
        return pictures

    def _inspect(
        self, batch: Batch, pictures: Mapping[ObjectId, NDArray[np.uint8]]
    ) -> dict[ObjectId, Finished]:
        """Judge every picture against its owner and the other people of the batch."""
        finished: dict[ObjectId, Finished] = {}
        now = self._ledger.now()
        for one in batch.open:
            picture, owner = pictures[one.id], batch.likenesses[one.id]
            found = self._inspector.inspect(picture, owner, batch.others(one), self._gate.policy)
            if isinstance(found, Reason):
                batch.refused[one.id] = found
            else:
                how = self._provenance(one, picture, found, now)
                finished[one.id] = Finished(picture=picture, provenance=how)
        return finished

    def _provenance(
        self, one: Request, picture: NDArray[np.uint8], found: Identity, now: Micros
    ) -> Provenance:
        return Provenance(
            recipe=self.recipe.id,
            recipe_sha256=self.recipe.version,
            scenario=one.wish.scenario,
            seed=one.wish.seed,
            models=self._inspector.files(),
            policy_sha256=self._gate.policy.sha256,
            made_at=now,
            label=self._gate.policy.labels.made_by,
            fingerprint=f"{fingerprint(picture):016x}",
            owner_distance=found.owner,
            cohort_distance=found.cohort,
            cohort_people=found.compared,
            cohort_sha256=self._inspector.cohort.sha256,
        )


def _row(batch: Batch, one: Request) -> Row:
    return Row(likenesses=batch.likenesses[one.id], scenario=one.wish.scenario, seed=one.wish.seed)
