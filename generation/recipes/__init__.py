# SPDX-License-Identifier: Apache-2.0
"""The one port through which pictures of people are drawn, and the list of who stands behind it.

Rules:
1. A recipe sees pixels and vectors, never people: a row holds no subject, no permit and no id.
2. Pictures come back in the order of the rows; a row's picture depends on that row alone.
3. The same row gives the same picture, bit for bit, in the same version.

Knows nobody: `generation.studio` calls the port, `engine.wiring` names the adapters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

#: the entry point group under which another distribution offers a recipe of its own
GROUP = "onlyou.recipes"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likeness:
    """One selfie, measured once at enrolment, so that drawing needs no second detection.

    Shapes: pixels (H, W, 3) uint8 RGB, upright, longer side at most 1400; landmarks (5, 2) float32
    in pixels; vector (128,) float32. Units: box, landmarks in pixels; smile 0..1.
    """

    #: the photograph itself, RGB, upright
    pixels: NDArray[np.uint8]
    #: left, top, right, bottom of the one face
    box: tuple[int, int, int, int]
    #: dlib's 5 points: both corners of one eye, both of the other, base of the nose
    landmarks: NDArray[np.float32]
    #: dlib's face descriptor; it never leaves the vault but inside this value
    vector: NDArray[np.float32]
    #: how much the face smiles, to choose a selfie by mood; 0.5 when unknown
    smile: float
    #: what the active recipe's encoder made of it, where it is kept already (`recipes.batched`)
    conditioning: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One picture to draw: of whom is not said, only what they look like.

    `words` stand for the scenario's own prompt, where a recipe takes words; others leave them.
    `moves` asks for frames, of a recipe that `Moves`.
    """

    likenesses: tuple[Likeness, ...]
    scenario: str
    seed: int
    words: str | None = None
    moves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One model that touches a face: what it is, by which licence, and the hash of its file."""

    name: str
    file: str | None  #: None for what is compiled into a library
    sha256: str | None
    licence: str
    source: str
    does: str


@runtime_checkable
class Declares(Protocol):
    """A recipe that says which models it runs; one that does not runs none or hides them."""

    @property
    def models(self) -> tuple[ModelFile, ...]:
        """Name every model that sees the likeness, hashed from its file."""
        ...


@runtime_checkable
class Sources(Protocol):
    """A recipe whose pictures are something else than composites of drawings and photographs."""

    @property
    def source_type(self) -> str:
        """Say what its pictures are: a word of IPTC's vocabulary `digitalsourcetype`."""
        ...


@runtime_checkable
class TakesWords(Protocol):
    """A recipe that says whether it draws a row's own words, where a row has some."""

    @property
    def takes_words(self) -> bool:
        """Say whether words change the picture; where they do not, the person is told so."""
        ...


@runtime_checkable
class Moves(Protocol):
    """A recipe that can let its pictures move a little.

    Shapes: `frames` answers one (frames, height, width, 3) uint8 RGB a row: the different frames
    from one side to the other, an odd number, the picture at rest in the middle.
    Errors: `CannotRender`, as `render`.
    """

    def frames(self, rows: Sequence["Row"]) -> tuple[NDArray[np.uint8], ...]:
        """Draw one moving picture a row, in the rows' order."""
        ...


@runtime_checkable
class Recipe(Protocol):
    """A way to draw portraits.

    Shapes: `render` answers one (height, width, 3) uint8 RGB picture a row, in the rows' order.
    Errors: `render` raises `CannotRender` when one of the rows cannot be drawn at all.
    """

    @property
    def id(self) -> str:
        """The name under which the command line and the ledger know it."""
        ...

    @property
    def version(self) -> str:
        """The sha256, hex, over everything that decides its pixels."""
        ...

    @property
    def scenarios(self) -> frozenset[str]:
        """What it can draw; any other scenario is not eligible."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what it makes."""
        ...

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Draw one picture a row, in the rows' order."""
        ...


class CannotRender(Exception):
    """A row cannot be drawn, for a reason that lies in its photograph or its scenario."""


def takes_words(recipe: Recipe) -> bool:
    """Say whether a recipe draws a row's own words; one that does not say so does not."""
    return isinstance(recipe, TakesWords) and recipe.takes_words


def factories() -> Mapping[str, Callable[[], Recipe]]:
    """List the recipes that other packages offer; nothing of theirs is loaded yet.

    Source: an installed distribution offers one by an entry point of the group `onlyou.recipes`:
    its name is the recipe's id, its object a callable without arguments. It cannot replace ours:
    `engine.wiring` asks here only for what no file describes.
    """
    return {point.name: _later(point.load) for point in entry_points(group=GROUP)}


def _later(load: Callable[[], Callable[[], Recipe]]) -> Callable[[], Recipe]:
    def start() -> Recipe:
        factory = load()
        return factory()

    return start
