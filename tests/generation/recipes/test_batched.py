# SPDX-License-Identifier: Apache-2.0
"""The second half of the port: what a recipe must have for its rows to share a pass."""

from generation.recipes import Recipe
from generation.recipes.batched import Batched
from tests.generation.samples import Head, Pool


def test_a_recipe_that_draws_rows_together_is_told_from_one_that_does_not() -> None:
    assert isinstance(Pool(), Batched)
    assert isinstance(Pool(), Recipe)
    assert not isinstance(Head(), Batched)
