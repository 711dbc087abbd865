# SPDX-License-Identifier: Apache-2.0
"""One batch on its way from requests to sealed portraits, in three strides.

arrive   0. what an earlier run made or refused is recalled, not made again; what another worker
            holds is left to it
         1. READ      every selfie of every person is asked for, then opened by the vault
         2. GENERATE  who may be drawn; the rows that a recipe gets, and nobody's name with them;
            faces are encoded once a person where a network is conditioned on them
part     3. MODERATE  asked while the pictures are noise: who withdrew is never decoded
leave    4. STORE     what is decent and shows its owner alone is marked and sealed
         5. one transaction spends generate, moderate and store with their rows: a crash before it
            leaves the bare request, a crash after it the whole portrait, and nothing lies between;
            whose lease was taken over meanwhile is not written
Each step is asked for under its own permit, and never back. Whoever is denied drops out as a
`Denial`; the others go on. A picture that may not be shown is a `Refusal`; where the policy says
so it is `HeldBack`: sealed apart, seen by nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent import faults
from consent.cards import Card
from consent.chance import Chance, identifier
from consent.gate import Gate, Generate, Moderate, Store
from consent.ledger import Ledger
from consent.vault import Vault
from consent.words import Micros, ObjectId, Reason, Step
from consent.writing import Writing
from generation import conditioning, delivery, frames, leases, loops, orders, quarantine, reading
from generation.batching import Batch, Granted, Made, ask
from generation.delivery import Finished, Permits
from generation.drawing import Drawing
from generation.identity import Identity
from generation.inspection import Inspector
from generation.leases import NOTHING, Leases, Taken
from generation.marking import Marking
from generation.passes import Ended
from generation.passes import Taken as Passed
from generation.photographs import fingerprint
from generation.portraits import Elsewhere, Portrait, Refusal, Request
from generation.provenance import MEDIA_TYPE, Provenance, source_type_of
from generation.quarantine import UNJUDGED, Failed
from generation.recipes import Moves, Recipe, Row
from generation.tables import render_pass

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What every sitting works with: the consent room's parts, and this room's models."""

    ledger: Ledger
    gate: Gate
    vault: Vault
    chance: Chance
    recipe: Recipe
    drawing: Drawing
    inspector: Inspector
    marking: Marking
    card: Card
    leases: Leases


class Sitting:
    """Requests that are made together. Its three strides are taken in order, each once."""

    def __init__(
        self, workshop: Workshop, requests: Sequence[Request], taken: Taken = NOTHING
    ) -> None:
        self._at = workshop
        self._batch = Batch(requests)
        self._taken = taken
        self._seated: tuple[Request, ...] = ()
        self._generate: Granted[Generate] = {}
        self._moderate: Granted[Moderate] = {}
        self._failed: dict[ObjectId, Failed] = {}

    def arrive(self) -> tuple[Row, ...]:
        """Open what may be drawn from, and say what is to be drawn, in the order of the rows."""
        at, batch = self._at, self._batch
        with at.ledger.read() as connection:  # 0
            batch.outcomes |= orders.outcomes(connection, batch.requests)
        self._leave_to_others(self._taken.elsewhere)
        shared = at.drawing.shared
        nobody = reading.read(  # 1
            batch,
            ledger=at.ledger,
            gate=at.gate,
            vault=at.vault,
            encoder=shared.encoder if shared else None,
        )
        self._generate = ask(at.gate, batch, Step.GENERATE)  # 2
        batch.refused |= {obj: why for obj, why in nobody.items() if obj in self._generate}
        if shared:
            with at.drawing.turn:
                conditioning.complete(batch, shared, ledger=at.ledger, vault=at.vault)
        batch.refused |= {one.id: Reason.UNAVAILABLE for one in batch.open if self._unmoved(one)}
        self._seated = batch.open
        return tuple(_row(batch, one) for one in self._seated)

    def _unmoved(self, one: Request) -> bool:
        """Say whether somebody asked for what moves of a recipe that cannot: never a still."""
        return one.wish.form == "loop" and not isinstance(self._at.recipe, Moves)

    def part(self) -> tuple[bool, ...]:
        """Say who is still in, row by row, while nothing of anybody can be seen yet."""
        self._moderate = ask(self._at.gate, self._batch, Step.MODERATE)  # 3
        return tuple(one.id in self._moderate for one in self._seated)

    def leave(self, ended: Ended) -> tuple[Made, ...]:
        """Judge, seal and write; outcomes come in the order of the requests."""
        at, batch, rules = self._at, self._batch, self._at.gate.policy.moderation
        pictures = self._pictures(ended)
        finished = self._inspect(pictures, ended)
        store: Granted[Store] = ask(at.gate, batch, Step.STORE)  # 4
        sealed = delivery.seal(at.vault, at.marking, batch, store, finished)
        held = quarantine.seal(at.vault, rules, batch, self._moderate, self._failed)
        permits = Permits(generate=self._generate, moderate=self._moderate, store=store)
        faults.point("settle.before")
        with at.ledger.write(tuple(store.values())) as writing:  # 5
            batch.outcomes |= orders.outcomes(writing.connection, batch.requests)
            self._leave_to_others(at.leases.fence(writing, self._taken.terms))
            delivery.settle(
                writing,
                batch,
                permits,
                sealed,
                finished,
                held=held,
                rules=rules,
                card=at.card,
                retention_seconds=at.gate.policy.portraits.retention_seconds,
            )
            self._remember(writing, ended.taken)
            leases.ended(writing, self._written())
        return tuple(batch.outcomes[one.id] for one in batch.requests)

    def _leave_to_others(self, lost: Collection[ObjectId]) -> None:
        """Let requests that somebody else holds have no outcome of ours."""
        batch = self._batch
        mine = (one for one in batch.requests if one.id in lost and one.id not in batch.outcomes)
        batch.outcomes |= {one.id: Elsewhere(request=one) for one in mine}

    def _written(self) -> tuple[ObjectId, ...]:
        """Name what we held and waits no more: it was made, refused or held back."""
        done = ((obj, self._batch.outcomes[obj]) for obj in self._taken.terms)
        return tuple(obj for obj, made in done if isinstance(made, Portrait | Refusal))

    def _pictures(self, ended: Ended) -> dict[ObjectId, NDArray[np.uint8]]:
        """Give rows their names back: their order alone says whose picture is whose."""
        found: dict[ObjectId, NDArray[np.uint8]] = {}
        for place, drawn in sorted(ended.drawn.items()):
            one = self._seated[place]
            if isinstance(drawn, Reason):
                self._batch.refused[one.id] = drawn
            else:
                found[one.id] = drawn
        return found

    def _inspect(
        self, pictures: Mapping[ObjectId, NDArray[np.uint8]], ended: Ended
    ) -> dict[ObjectId, Finished]:
        """Judge every picture against its owner and the other people of the batch."""
        at, batch = self._at, self._batch
        how = {self._seated[place].id: one for one in ended.taken for place in one.places}
        finished: dict[ObjectId, Finished] = {}
        now, beside = at.ledger.now(), batch.others()
        for one in batch.open:
            picture, owner = pictures[one.id], batch.likenesses[one.id]
            others = beside(one)
            found = quarantine.judged(at.inspector, picture, owner, others, at.gate.policy)
            if isinstance(found, Reason):
                batch.refused[one.id] = found
                said = self._provenance(one, picture, UNJUDGED, how[one.id], now)
                self._failed[one.id] = Failed(
                    picture=picture,
                    provenance=said,
                    card_sha256=at.card.sha256,
                    resembles=quarantine.resembles(at.inspector, picture, owner, others),
                )
            else:
                said = self._provenance(one, picture, found, how[one.id], now)
                finished[one.id] = Finished(picture=picture, provenance=said)
        return finished

    def _provenance(
        self, one: Request, picture: NDArray[np.uint8], found: Identity, how: Passed, now: Micros
    ) -> Provenance:
        at, machine = self._at, self._at.drawing.machine
        return Provenance(
            recipe=at.recipe.id,
            recipe_sha256=at.recipe.version,
            scenario=one.wish.scenario,
            seed=one.wish.seed,
            models=at.inspector.files(),
            policy_sha256=at.gate.policy.sha256,
            made_at=now,
            label=at.gate.policy.labels.made_by,
            fingerprint=f"{fingerprint(frames.at_rest(picture)):016x}",
            owner_distance=found.owner,
            cohort_distance=found.cohort,
            cohort_people=found.compared,
            cohort_sha256=at.inspector.cohort.sha256,
            source_type=source_type_of(at.recipe),
            device=machine.device,
            dtype=machine.dtype,
            versions=dict(machine.versions),
            pass_size=how.size,
            pass_padding=max(how.size - how.rows, 0),
            media_type=loops.MEDIA_TYPE if frames.moving(picture) else MEDIA_TYPE,
        )

    def _remember(self, writing: Writing, taken: Sequence[Passed]) -> None:
        """Write what the passes took: figures of a machine, of nobody in particular."""
        at, machine = self._at, self._at.drawing.machine
        said = {
            "recipe": at.recipe.id,
            "recipe_sha256": at.card.sha256,
            "device": machine.device,
            "dtype": machine.dtype,
            "at": writing.now,
        }
        rows = [
            {
                "id": identifier(at.chance),
                "size": one.size,
                "rows": one.rows,
                "micros": round(one.seconds * _MILLION),
            }
            for one in taken
        ]
        writing.insert(render_pass, [said | row for row in rows])


def _row(batch: Batch, one: Request) -> Row:
    wish, seen = one.wish, batch.likenesses[one.id]
    return Row(
        likenesses=seen,
        scenario=wish.scenario,
        seed=wish.seed,
        words=wish.words,
        moves=wish.form == "loop",
    )
