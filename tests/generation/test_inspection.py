# SPDX-License-Identifier: Apache-2.0
"""Both checks must say yes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from consent import policies
from consent.words import Reason
from generation import inspection
from generation.identity import Identity
from generation.inspection import Inspector
from generation.recipes import Likeness
from tests.generation.samples import portrait_of
from tests.generation.test_moderation import Fixed

POLICY = policies.load("strict-opt-in")


def test_ones_own_head_passes_beside_others(
    inspector: Inspector, likeness: Callable[[int], Likeness]
) -> None:
    one = likeness(4)
    found = inspector.inspect(portrait_of(one), [one], [likeness(10)], POLICY)
    assert isinstance(found, Identity)
    assert found.owner < 0.2 < found.batch


def test_somebody_elses_head_does_not(
    inspector: Inspector, likeness: Callable[[int], Likeness]
) -> None:
    one, other = likeness(4), likeness(10)
    refused = inspector.inspect(portrait_of(other), [one], [other], POLICY)
    assert refused is Reason.IDENTITY_FAILED


def test_neither_does_a_picture_without_a_face(
    inspector: Inspector, likeness: Callable[[int], Likeness]
) -> None:
    empty: NDArray[np.uint8] = np.full((640, 512, 3), 90, dtype=np.uint8)
    assert inspector.inspect(empty, [likeness(1)], [], POLICY) is Reason.IDENTITY_FAILED


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(0.9, Reason.NSFW), (RuntimeError("broke"), Reason.UNAVAILABLE)],
)
def test_moderation_has_a_say_before_identity(
    inspector: Inspector,
    likeness: Callable[[int], Likeness],
    answer: float | Exception,
    reason: Reason,
) -> None:
    strict = replace(inspector, scorer=Fixed(answer))
    assert strict.inspect(portrait_of(likeness(1)), [likeness(1)], [], POLICY) is reason


def test_every_model_is_named(inspector: Inspector) -> None:
    assert len(inspector.files()) == 3
    assert inspection.shipped().cohort.sha256 == inspector.cohort.sha256
