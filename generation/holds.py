# SPDX-License-Identifier: Apache-2.0
"""The leases of one worker on its way through requests: taken a little ahead, let go at the end.

Rules:
1. what is drawn soon is taken in one transaction; what is drawn later is left to others until then
2. whoever was denied is left for a while; what was not begun, or broke, is free at once
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final

from consent.gate import Denial
from consent.words import ObjectId
from generation.batching import Made
from generation.leases import LATER, Leases, Taken, Terms
from generation.portraits import Request

AHEAD: Final = 32
"""How many requests are taken at once: the fewer, the better the work is spread."""


class Hold:
    """What a worker holds of some requests, from the first batch to the last."""

    def __init__(self, leases: Leases, requests: Sequence[Request], held: Terms) -> None:
        self._leases = leases
        self._ahead = (one.id for one in requests if one.id not in held)
        self._terms: dict[ObjectId, int] = dict(held)
        self._elsewhere: set[ObjectId] = set()
        self._seen: set[ObjectId] = set(held)
        self._denied: set[ObjectId] = set()

    def of(self, some: Sequence[Request]) -> Taken:
        """Take what a batch needs, and some of what comes after it."""
        ids = [one.id for one in some]
        if not self._seen.issuperset(ids):
            reached = dict.fromkeys((*ids, *islice(self._ahead, max(AHEAD, len(ids)))))
            taken = self._leases.take([one for one in reached if one not in self._seen])
            self._seen.update(reached)
            self._terms |= taken.terms
            self._elsewhere |= taken.elsewhere
        terms = {one: self._terms[one] for one in ids if one in self._terms}
        return Taken(terms=terms, elsewhere=frozenset(self._elsewhere.intersection(ids)))

    def ended(self, made: Sequence[Made]) -> None:
        """Take note of what became of a batch: what is written holds no lease any more."""
        for one in made:
            if isinstance(one, Denial):
                self._denied.add(one.object)
            else:
                self._terms.pop(one.request.id, None)

    @contextmanager
    def kept(self) -> Iterator["Hold"]:
        """Renew what is held while the block runs, and let go of the rest when it ends."""
        try:
            with self._leases.keeping(lambda: tuple(self._terms)):
                yield self
        finally:
            self._leases.release(self._denied & self._terms.keys(), later=LATER)
            self._leases.release(self._terms.keys() - self._denied)
