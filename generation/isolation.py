# SPDX-License-Identifier: Apache-2.0
"""Prove on the machine and the weights at hand that nobody's face enters another's picture.

Rules:
1. One batch of synthetic people is drawn, then again with one row's person exchanged: first the
   first row, then the last. Every other row must be the same, bit for bit; that one must not be.
2. Where a recipe refuses two people in one call, that refusal is the proof, and one person drawn
   before and after another must come out the same: nothing stays from call to call.
3. A picture that is not made of finite numbers proves nothing, so it fails.
4. The verdict is an entry of the ledger; nothing is drawn for anybody before it says pass.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from consent import cards
from consent.cards import Card
from consent.ledger import Ledger
from consent.words import Seq
from generation.recipes import CannotRender, Declares, Likeness, Recipe, Row
from generation.recipes.batched import Batched, Misshapen, OutOfMemory

ROWS: Final = 4
PROBES: Final = ROWS + 1
"""So many different people does the test need: one a row, and one to exchange."""
_WORST: Final = 1.0
_SEED: Final = 1000

Kind = Literal["bit-identical", "leak", "single"]
Picture = NDArray[np.float32]
Pair = tuple[Picture, Picture]
Draw = Callable[[Sequence[Row]], tuple[Picture, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What the self-test found. Units: differences of colours in 0..1."""

    recipe: str
    version: str
    device: str
    dtype: str
    rows: int
    #: places of the rows whose person was exchanged, one after the other
    swapped: tuple[int, ...]
    kind: Kind
    #: the worst there is where a picture holds something else than finite numbers
    max_abs_diff_others: float
    swapped_row_changed: bool
    scenario: str
    #: file -> SHA-256, of what the recipe says it runs
    files: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Say whether people may be drawn by this recipe."""
        return self.kind != "leak" and self.swapped_row_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchange:
    """One row's person exchanged: how far their own picture moved, and the farthest other one."""

    place: int
    own: float
    others: float


def selftest(recipe: Recipe, probes: Sequence[Likeness]) -> Isolation:
    """Try a recipe with people who exist nowhere; the first `PROBES` of them are used.

    Errors: ValueError for too few people, CannotRender where no scenario suits them, and whatever
    keeps the recipe from starting.
    """
    if len(probes) < PROBES:
        raise ValueError(f"expected {PROBES} probes, got {len(probes)}")
    for scenario in sorted(recipe.scenarios):
        try:
            return _tried(recipe, scenario, probes[:PROBES])
        except CannotRender:
            continue
    raise CannotRender(f"no scenario of {recipe.id} suits the probes")


def record(ledger: Ledger, card: Card, found: Isolation) -> Seq:
    """Write the verdict into the ledger, under the card of what was tried."""
    with ledger.write() as writing:
        cards.keep(writing, card)
        verdict = "pass" if found.ok else "fail"
        return writing.append("selftest", recipe=card.sha256, kind=found.kind, verdict=verdict)


# --- the two ways


def _tried(recipe: Recipe, scenario: str, people: Sequence[Likeness]) -> Isolation:
    draw = _drawing(recipe)
    rows = [
        Row(likenesses=(one,), scenario=scenario, seed=_SEED * number)
        for number, one in enumerate(people, 1)
    ]
    for size in _sizes(recipe):
        try:
            found = tuple(_together(draw, rows[:size], people[-1]))
        except OutOfMemory:
            continue
        except Misshapen:
            break
        return _found(recipe, scenario, size, found, "bit-identical")
    return _found(recipe, scenario, 1, tuple(_alone(draw, rows)), "single")


def _sizes(recipe: Recipe) -> tuple[int, ...]:
    """List the numbers of rows to try, the one that we want first, none under two."""
    if not isinstance(recipe, Batched):
        return (ROWS,)
    fitting = [size for size in recipe.batches if 1 < size <= ROWS]
    return tuple(reversed(fitting)) or (2,)  # who takes one row only must refuse two


def _together(draw: Draw, rows: Sequence[Row], other: Likeness) -> Iterator[_Exchange]:
    """Exchange one row's person, first and last, and look at everybody's picture."""
    before = draw(rows)
    for place in (0, len(rows) - 1):
        swapped = [*rows]
        swapped[place] = replace(rows[place], likenesses=(other,))
        pairs = list(zip(before, draw(swapped), strict=True))
        yield _exchange(place, pairs.pop(place), pairs)


def _alone(draw: Draw, rows: Sequence[Row]) -> Iterator[_Exchange]:
    """Draw somebody before and after somebody else."""
    (before,), (between,), (after,) = (draw([row]) for row in (rows[0], rows[1], rows[0]))
    yield _exchange(0, (before, between), [(before, after)])


def _exchange(place: int, own: Pair, others: Sequence[Pair]) -> _Exchange:
    """Compare pictures; one that is not made of finite numbers is the worst of both."""
    return _Exchange(
        place=place,
        own=_difference(own, unknown=0.0),
        others=max(_difference(pair, unknown=_WORST) for pair in others),
    )


def _found(
    recipe: Recipe, scenario: str, rows: int, exchanges: Sequence[_Exchange], kind: Kind
) -> Isolation:
    machine = recipe.machine if isinstance(recipe, Batched) else None
    worst = max(one.others for one in exchanges)
    models = recipe.models if isinstance(recipe, Declares) else ()
    return Isolation(
        recipe=recipe.id,
        version=recipe.version,
        device=machine.device if machine else "cpu",
        dtype=machine.dtype if machine else "uint8",
        rows=rows,
        swapped=tuple(one.place for one in exchanges),
        kind="leak" if worst else kind,
        max_abs_diff_others=worst,
        swapped_row_changed=all(one.own > 0 for one in exchanges),
        scenario=scenario,
        files={one.file: one.sha256 for one in models if one.file and one.sha256},
    )


def _difference(pair: Pair, *, unknown: float) -> float:
    """Return the greatest difference of a colour; `unknown` where one is not a finite number."""
    one, other = pair
    if one.shape != other.shape or not (np.isfinite(one).all() and np.isfinite(other).all()):
        return unknown
    return float(np.abs(one - other).max())


# --- how it is asked


def _drawing(recipe: Recipe) -> Draw:
    """Ask a recipe for pictures as numbers, before anything is rounded where that can be had."""
    if not isinstance(recipe, Batched):
        return lambda rows: tuple(np.float32(1 / 255) * one for one in recipe.render(rows))
    batched = recipe

    def draw(rows: Sequence[Row]) -> tuple[Picture, ...]:
        drawn = batched.finish(batched.begin(rows), [True] * len(rows))
        return tuple(one for one in drawn if one is not None)

    return draw
