# SPDX-License-Identifier: Apache-2.0
"""The room's one entry: selfies and a wish in, a sealed portrait out.

Requests of different people are made in batches, each a `Sitting`; what happens to one is written
there. Here batches follow each other so that the device never waits for the checks.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

import sqlalchemy

from consent.cards import Card
from consent.chance import Chance
from consent.errors import Broken
from consent.gate import Denial, Gate, Permit, Select
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.vault import Vault
from consent.words import ObjectId, Purpose, Reason, Subject
from consent.writing import Writing
from generation import cards, isolation, orders, probes
from generation.appeals import Appeals
from generation.batching import Made
from generation.drawing import Drawing
from generation.enrolment import Enrolment, Outcome
from generation.holders import Holder, unnamed
from generation.holds import Hold
from generation.inspection import Inspector
from generation.leases import LATER, Leases, Terms
from generation.leaving import Leaving
from generation.marking import Marking
from generation.passes import Ended
from generation.portraits import Portrait, Refusal, Request, Wish
from generation.quarantine import Judge
from generation.recipes import Recipe
from generation.recognition import Recognition
from generation.selfies import Attested
from generation.sitting import Sitting, Workshop

#: requests made together: the fewer, the less a crash repeats; the more, the fewer transactions
BATCH: Final = 8
WORKERS: Final = 2

_LEAKS: Final = (
    "the recipe {recipe} failed its self-test: one person's face changed another's picture, or "
    "left their own as it was; nobody is drawn with it"
)

Chosen = sqlalchemy.Select[tuple[int]]
"""A query that names requests by id."""
Between = Callable[[Sequence[Request]], None]
"""Told of the requests whose pictures are still noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Requests that this process holds, and under which term each."""

    requests: tuple[Request, ...]
    terms: Terms


_Drawn = tuple[Sitting, Future[Ended]]


def nobody(requests: Sequence[Request]) -> None:
    """Do nothing between noise and picture."""


class Studio:
    """Take selfies in, take orders, make portraits.

    With `proves`, nothing is drawn before the recipe has shown, on this machine and with its real
    weights, that nobody's face enters another's picture: once a process, and in the ledger.
    `second` judges appeals with other models, where there are others. `marking` puts the marks on
    in place of the usual one: for a bench whose pictures are none.
    """

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
        proves: bool = False,
        second: Judge | None = None,
        marking: Marking | None = None,
        holder: Holder | None = None,
    ) -> None:
        self.recipe = recipe
        self.leases = Leases(ledger, holder or unnamed())
        self._ledger = ledger
        self._gate = gate
        self._vault = vault
        self._chance = chance
        self._inspector = inspector
        self._size = batch
        self._unproved, self._proving = proves, threading.Lock()
        self._drawing = Drawing(recipe, workers=workers)
        self._marking = marking or Marking(ledger=ledger, keys=keys, chance=chance)
        self.appeals = Appeals(
            ledger=ledger,
            gate=gate,
            vault=vault,
            marking=self._marking,
            judge=second or inspector,
        )
        self.anchor = self._marking.credentials.anchor
        self.leaving = Leaving(ledger=ledger, keys=keys, marking=self._marking, chance=chance)
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

    @property
    def together(self) -> int | None:
        """Say how many people share a pass at most; None where each is drawn alone."""
        return self._drawing.rows

    @cached_property
    def _workshop(self) -> Workshop:
        return Workshop(
            ledger=self._ledger,
            gate=self._gate,
            vault=self._vault,
            chance=self._chance,
            recipe=self.recipe,
            drawing=self._drawing,
            inspector=self._inspector,
            marking=self._marking,
            card=self.card,
            leases=self.leases,
        )

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
        words = orders.sealed(self._vault.memos, permits, wishes)
        with self._ledger.write(permits) as writing:
            return orders.place(writing, self._gate.go_on(writing, permits), wishes, words)

    def place(
        self, writing: Writing, permits: Sequence[Permit[Select]], wishes: Sequence[Wish]
    ) -> tuple[Request | Denial, ...]:
        """Turn select permits into requests in the transaction in which they were given."""
        words = orders.sealed(self._vault.memos, permits, wishes, writing.connection)
        return orders.place(writing, permits, wishes, words)

    def pending(self, only: Chosen | Sequence[ObjectId] | None = None) -> tuple[Request, ...]:
        """List what was ordered and neither made nor refused yet, the oldest first.

        `only` names or selects the ids of those that are meant; None: all.
        """
        with self._ledger.read() as connection:
            return orders.pending(connection, self._vault.memos, only)

    def claim(self, most: int) -> Claim:
        """Take up to so many requests that wait and nobody holds, those that waited longest.

        What is claimed is handed to `making`, which lets go of it however that ends.
        """
        terms = self.leases.claim(most)
        if not terms:
            return Claim(requests=(), terms=terms)
        requests = self.pending(tuple(terms))
        self.leases.release(terms.keys() - {one.id for one in requests}, later=LATER)
        return Claim(requests=requests, terms=terms)

    def words_of(self, subject: Subject, ids: Sequence[ObjectId]) -> Mapping[ObjectId, str]:
        """Recall the words that a person's own requests are drawn from, for that person alone."""
        with self._ledger.read() as connection:
            return orders.words_of(connection, self._vault.memos, subject, ids)

    def wish_of(self, subject: Subject, portrait: ObjectId) -> Wish | None:
        """Recall what a person's own portrait was asked for as; None where it is not theirs."""
        with self._ledger.read() as connection:
            return orders.wish_of(connection, self._vault.memos, subject, portrait)

    def known(self, ids: Sequence[ObjectId]) -> frozenset[ObjectId]:
        """Say which of these requests stand already, whatever became of them."""
        with self._ledger.read() as connection:
            return orders.known(connection, ids)

    def make(self, requests: Sequence[Request], between: Between = nobody) -> tuple[Made, ...]:
        """Make portraits; outcomes come in the order of the requests, each made at most once."""
        return tuple(self.making(requests, between))

    def recall(self, requests: Sequence[Request]) -> Mapping[ObjectId, Portrait | Refusal]:
        """Say what became of requests, of those of which something has."""
        with self._ledger.read() as connection:
            return orders.outcomes(connection, requests)

    def making(
        self,
        requests: Sequence[Request],
        between: Between = nobody,
        held: Terms = MappingProxyType({}),
    ) -> Iterator[Made]:
        """Make portraits, telling each outcome as soon as its batch is written.

        While one batch is judged, marked and sealed, the next is drawn on another thread. Every
        entry of the ledger is written by this one, in the same order each time. Whoever withdraws
        while `between` is told is never decoded. `held` are leases that were claimed before.
        Errors: Broken(unavailable) when the recipe fails its self-test; the requests wait.
        """
        if requests:
            with Hold(self.leases, requests, held).kept() as hold:
                self._prove()
                yield from self._making(requests, between, hold)

    def _making(self, requests: Sequence[Request], between: Between, hold: Hold) -> Iterator[Made]:
        with ThreadPoolExecutor(max_workers=1) as device:
            before: _Drawn | None = None
            for some in _parts(requests, self.together or self._size):
                sitting = Sitting(self._workshop, some, hold.of(some))
                begun = device.submit(self._drawing.begin, sitting.arrive())
                if before is not None:
                    yield from _leave(before, hold)
                sketch = begun.result()
                between(some)
                drawn = device.submit(self._drawing.finish, sketch, sitting.part())
                before = sitting, drawn
            if before is not None:
                yield from _leave(before, hold)

    def _prove(self) -> None:
        with self._proving:
            if not self._unproved:
                return
            people = probes.probes(self._inspector.faces, isolation.PROBES)
            with self._drawing.turn:
                found = isolation.selftest(self.recipe, people)
            isolation.record(self._ledger, self.card, found)
            if not found.ok:
                raise Broken(Reason.UNAVAILABLE, _LEAKS.format(recipe=self.recipe.id))
            self._unproved = False


def _parts(requests: Sequence[Request], size: int) -> Iterator[Sequence[Request]]:
    return (requests[start : start + size] for start in range(0, len(requests), size))


def _leave(drawn: _Drawn, hold: Hold) -> tuple[Made, ...]:
    sitting, ended = drawn
    made = sitting.leave(ended.result())
    hold.ended(made)
    return made
