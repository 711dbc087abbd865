# SPDX-License-Identifier: Apache-2.0
"""The port's second half: recipes whose rows, of different people, share one pass of a network.

Rules, beside those of every recipe:
1. A pass has one of the recipe's fixed numbers of rows; `generation.passes` pads with duplicates.
2. Between noise and picture the caller says who is still in; a row that is not is never decoded.
3. Conditioning is a tensor a row: nothing is repeated, averaged or shared between rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from generation.recipes import Likeness, Recipe, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a recipe runs on; with the size of the batch it decides the last bits of a picture."""

    #: as torch names it: `cpu`, `cuda:0`; with the card's name where there is one
    device: str
    dtype: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latents:
    """Rows that are drawn but not decoded: whatever the recipe needs to go on. Not for storing."""

    rows: tuple[Row, ...]
    held: Any


@runtime_checkable
class Batched(Recipe, Protocol):
    """A recipe that draws rows of different people together.

    Errors: `begin` and `finish` raise `OutOfMemory` when so many rows do not fit, `Misshapen` for
    a number of rows or a conditioning that is not theirs, before any picture is made.
    """

    @property
    def batches(self) -> tuple[int, ...]:
        """The numbers of rows a pass may have, ascending."""
        ...

    @property
    def encoder(self) -> str:
        """The sha256, hex, over all that turns a likeness into conditioning."""
        ...

    @property
    def machine(self) -> Machine:
        """Say what it runs on."""
        ...

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        """Encode one selfie for this recipe: once a person, not once a portrait."""
        ...

    def begin(self, rows: Sequence[Row]) -> Latents:
        """Draw rows as far as the latents. Takes exactly one of `batches` rows."""
        ...

    def finish(
        self, latents: Latents, keep: Sequence[bool]
    ) -> tuple[NDArray[np.float32] | None, ...]:
        """Decode the rows that are kept, in their order; None for the others.

        Shapes: (height, width, 3) RGB. Units: 0..1, not yet checked to be finite.
        """
        ...


@runtime_checkable
class Shaped(Protocol):
    """A recipe that says what one selfie becomes, so that kept conditioning is checked by it."""

    @property
    def conditioned(self) -> tuple[int, ...]:
        """The shape of what `condition` makes; asking costs no loading of weights."""
        ...


@runtime_checkable
class Reads(Protocol):
    """A recipe that says how many of a person's selfies it reads; no other one is encoded."""

    @property
    def selfies(self) -> int:
        """How many of a row's likenesses are read, the first ones first."""
        ...


class OutOfMemory(Exception):
    """So many rows do not fit the device; half of them may."""


class Misshapen(Exception):
    """Rows or conditioning of a wrong number or shape: nothing is drawn rather than guessed."""
