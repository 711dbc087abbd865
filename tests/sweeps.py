# SPDX-License-Identifier: Apache-2.0
"""Tests that walk a whole list: `make test` takes some of it, `make test-sweeps` all."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest
from _pytest.mark.structures import ParameterSet

T = TypeVar("T")


def swept(
    each: Iterable[T], param: Callable[[T], ParameterSet], *, one_in: int
) -> list[ParameterSet]:
    """Make a parameter of each thing; all but one in so many are left to the sweep."""
    return [
        param(one) if place % one_in == 0 else _later(param(one)) for place, one in enumerate(each)
    ]


def _later(given: ParameterSet) -> ParameterSet:
    return pytest.param(*given.values, id=given.id, marks=[*given.marks, pytest.mark.sweep])
