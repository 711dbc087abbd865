# SPDX-License-Identifier: Apache-2.0
"""Have rows drawn by a recipe, several at once, in their order.

A row that the recipe cannot draw, or breaks on, is `unavailable`; the others are drawn all the
same. Knows the recipe port; nothing here knows whose rows they are.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from consent.words import Reason
from generation.recipes import CannotRender, Recipe, Row

_log = logging.getLogger(__name__)


def draw(
    recipe: Recipe, rows: Sequence[Row], *, workers: int
) -> tuple[NDArray[np.uint8] | Reason, ...]:
    """Draw one picture a row, or say why there is none.

    Shapes: pictures (height, width, 3) uint8 RGB, of the recipe's size.
    """
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return tuple(pool.map(lambda row: _one(recipe, row), rows))


def _one(recipe: Recipe, row: Row) -> NDArray[np.uint8] | Reason:
    try:
        (picture,) = recipe.render([row])
    except CannotRender:
        return Reason.UNAVAILABLE
    except Exception:  # noqa: BLE001  # one bad row must not stop the rest, nor come back for ever
        _log.exception("recipe %s broke on scenario %s", recipe.id, row.scenario)
        return Reason.UNAVAILABLE
    width, height = recipe.size
    if picture.shape != (height, width, 3) or picture.dtype != np.uint8:
        _log.error("recipe %s drew %s, expected %s", recipe.id, picture.shape, recipe.size)
        return Reason.UNAVAILABLE
    return picture
