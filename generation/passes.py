# SPDX-License-Identifier: Apache-2.0
"""Passes of a network over rows of different people: padded, halved when too large, judged.

Rules:
1. A pass has the smallest of the recipe's sizes that holds its rows; duplicates of the last row
   fill it, so that a row's picture depends on the size of the pass and on nobody in it.
2. What does not fit the device goes on in halves. A row that does not fit alone is no fault of the
   row: `OutOfMemory` leaves, nothing is lost, and whoever asked asks again later.
3. A row that breaks its pass is found by halving and is `unavailable`; the others are drawn.
4. A row that is no longer kept between noise and picture is never decoded.
Knows the recipe port alone: whose rows they are is not said here.
"""

import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from consent import faults
from consent.telling import told
from consent.words import Reason
from generation.recipes import Row
from generation.recipes.batched import Batched, Latents, OutOfMemory

#: what comes of a row: its picture, or why there is none
Drawn = NDArray[np.uint8] | Reason

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pass:
    """One pass as far as the latents. Units: seconds of the device."""

    latents: Latents
    #: which of the caller's rows sit in it, in order; the rest of `latents.rows` is padding
    places: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """All rows, drawn as far as the latents; and those that cannot be."""

    recipe: Batched
    rows: tuple[Row, ...]
    passes: tuple[Pass, ...]
    faults: Mapping[int, Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one finished pass took. Units: seconds of the device, noise and picture together."""

    #: which of the caller's rows were decoded
    places: tuple[int, ...]
    #: rows that shared it, padding and those who left included; and without the padding
    size: int
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of the rows that were kept, by their place, and what it took."""

    drawn: Mapping[int, Drawn]
    taken: tuple[Taken, ...]


def begin(recipe: Batched, rows: Sequence[Row]) -> Begun:
    """Draw rows of different people as far as the latents, in as few passes as fit.

    Errors: OutOfMemory when one row alone does not fit the device.
    """
    most = recipe.batches[-1]
    places = range(len(rows))
    waiting = deque(tuple(places[at : at + most]) for at in range(0, len(rows), most))
    passes: list[Pass] = []
    faults: dict[int, Reason] = {}
    while waiting:
        some = waiting.popleft()
        tried = _begin(recipe, rows, some)
        if isinstance(tried, Pass):
            passes.append(tried)
        elif len(some) > 1:
            waiting.extendleft((some[len(some) // 2 :], some[: len(some) // 2]))
        elif isinstance(tried, OutOfMemory):
            raise tried
        else:
            faults[some[0]] = Reason.UNAVAILABLE
    return Begun(recipe=recipe, rows=tuple(rows), passes=tuple(passes), faults=faults)


def finish(begun: Begun, keep: Sequence[bool]) -> Ended:
    """Decode the rows that are kept.

    Shapes: pictures (height, width, 3) uint8 RGB. Errors: OutOfMemory as in `begin`.
    """
    drawn: dict[int, Drawn] = {at: why for at, why in begun.faults.items() if keep[at]}
    taken: list[Taken] = []
    for one in begun.passes:
        for ended in _finish(begun.recipe, begun.rows, one, keep):
            drawn |= ended.drawn
            taken += ended.taken
    return Ended(drawn=drawn, taken=tuple(taken))


def _begin(recipe: Batched, rows: Sequence[Row], places: Sequence[int]) -> Pass | Exception:
    size = min(one for one in recipe.batches if one >= len(places))
    padded = [rows[at] for at in places] + [rows[places[-1]]] * (size - len(places))
    start = perf_counter()
    try:
        faults.point("render.memory")
        latents = recipe.begin(padded)
    except OutOfMemory as error:
        _log.warning("a pass does not fit the device", extra=told(size=size))
        return error
    except Exception as error:  # noqa: BLE001  # one bad row must not stop the rest
        _log.exception("a pass broke", extra=told(size=size))
        return error
    return Pass(latents=latents, places=tuple(places), seconds=perf_counter() - start)


def _finish(
    recipe: Batched, rows: Sequence[Row], one: Pass, keep: Sequence[bool]
) -> Iterator[Ended]:
    """Decode one pass; what does not fit, or breaks, is drawn again in halves.

    Asked for nobody, the recipe still gets to wipe what it holds.
    """
    kept = tuple(at for at in one.places if keep[at])
    padding = len(one.latents.rows) - len(one.places)
    start = perf_counter()
    try:
        pictures = recipe.finish(one.latents, [keep[at] for at in one.places] + [False] * padding)
    except Exception as error:
        if len(kept) > 1:
            yield from _in_halves(recipe, rows, kept)
        elif isinstance(error, OutOfMemory):
            raise
        else:
            _log.exception("a picture could not be decoded")
            yield Ended(drawn=dict.fromkeys(kept, Reason.UNAVAILABLE), taken=())
        return
    seconds = one.seconds + perf_counter() - start
    yield Ended(
        drawn={
            at: _judged(pictures[place], recipe.size)
            for place, at in enumerate(one.places)
            if keep[at]
        },
        taken=(
            Taken(
                places=kept,
                size=len(one.latents.rows),
                rows=len(one.places),
                seconds=seconds,
            ),
        ),
    )


def _in_halves(recipe: Batched, rows: Sequence[Row], places: Sequence[int]) -> Iterator[Ended]:
    for half in (places[: len(places) // 2], places[len(places) // 2 :]):
        again = begin(recipe, [rows[at] for at in half])
        ended = finish(again, [True] * len(half))
        yield Ended(
            drawn={half[at]: drawn for at, drawn in ended.drawn.items()},
            taken=tuple(
                replace(one, places=tuple(half[at] for at in one.places)) for one in ended.taken
            ),
        )


def _judged(picture: NDArray[np.float32] | None, size: tuple[int, int]) -> Drawn:
    """Take a picture as it left the device, or say that it is none."""
    width, height = size
    if picture is None or picture.shape != (height, width, 3) or not np.isfinite(picture).all():
        _log.warning("a recipe drew what is no picture")
        return Reason.UNAVAILABLE
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
