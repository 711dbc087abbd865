# SPDX-License-Identifier: Apache-2.0
"""A verified history as columns: what was decided, on which facts, and what came of it.

Rules:
1. one row a decision, in log order; one in a block is a row as any other, named by seq and slot
2. distinct facts are kept once and named by number; -1 where no opening discloses them
3. facts are those of the decision's own moment, as opened and checked; nothing is of today
4. of a person there is a tag; of objects and requests only a number that says which are the same
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent.arrays import FactArrays, Flags, Numbers
from consent.words import Purpose, Step

STEPS: Final = tuple(Step)
PURPOSES: Final = tuple(Purpose)
UNKNOWN: Final = -1
"""No facts are disclosed; no object or request is named."""
GRANTED: Final = frozenset({"grant", "renew"})
NEVER: Final = (1 << 32) - 1
"""No effect came of it. Logs of four billion entries and more are not replayed."""

_ALL: Final = slice(None)

Small = NDArray[np.uint8]
Places = NDArray[np.uint32]
Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Grants, renewals, withdrawals and expiries, a column each. Shapes: all (m,)."""

    seq: Places
    at: Numbers
    tag: Indices
    purpose: Small
    begins: Small  #: 1 for a grant or renewal, 0 for an end
    kind: Small  #: a place in arrays.KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a verified history says of itself as a whole."""

    origin: str
    size: int
    root: str
    served: int  #: notices served
    erased: int  #: people whose erasure is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """n decisions in log order. Shapes: columns are (n,). Units: times in microseconds.

    `verdict` is a place in arrays.VERDICTS, `basis` in arrays.KINDS, `facts` a row of `vectors`.
    """

    told: Told
    seq: Places
    slot: Indices  #: -1 where the entry is one decision
    at: Numbers
    tag: Indices
    step: Small
    purpose: Small
    policy: Places
    verdict: Small
    basis: Small
    facts: Indices
    object: Numbers
    life: Numbers  #: the request it belongs to, else its object
    done: Places  #: seq of the effect that spent it, or NEVER
    done_at: Numbers
    vectors: FactArrays
    tags: Sequence[str]
    policies: Sequence[str]  #: SHA-256 of each policy that decided
    texts: Mapping[str, str]  #: the policy files of the bundle, by SHA-256
    changes: Changes

    def __len__(self) -> int:
        return len(self.seq)

    @property
    def allowed(self) -> Flags:
        """Say which were allowed."""
        return np.asarray(self.verdict == 0)

    @property
    def spent(self) -> Flags:
        """Say which became an effect."""
        return np.asarray(self.done != NEVER)

    @property
    def known(self) -> Flags:
        """Say of which the facts are disclosed."""
        return np.asarray(self.facts >= 0)

    def people(self, those: Flags | slice = _ALL) -> int:
        """Count the people whom some decisions are about."""
        seen = np.zeros(len(self.tags), np.bool_)
        seen[self.tag[those]] = True
        return int(np.count_nonzero(seen))
