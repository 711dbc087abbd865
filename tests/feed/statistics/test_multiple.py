# SPDX-License-Identifier: Apache-2.0
"""Several questions at once, against another implementation."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from feed.statistics.multiple import benjamini_hochberg, holm

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.stats.multitest import multipletests

Adjust = Callable[[Sequence[float]], tuple[float, ...]]
PS = (0.04, 0.001, 0.2, 0.0301, 0.03, 0.03, 0.9, 0.0)


@pytest.mark.parametrize(("adjust", "name"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_they_agree_with_another_implementation(adjust: Adjust, name: str) -> None:
    assert adjust(PS) == pytest.approx(multipletests(PS, method=name)[1], rel=1e-12)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_one_question_is_left_as_it_is(adjust: Adjust) -> None:
    assert adjust([0.03]) == (0.03,)
    assert adjust([]) == ()


def test_one_true_answer_of_nothing_is_rarely_contradicted() -> None:
    ps = np.random.Generator(np.random.Philox(3)).random((2_000, 5))
    adjusted = np.array([holm(list(row)) for row in ps])
    assert (adjusted.min(axis=1) < 0.05).mean() <= 0.065
    assert (ps.min(axis=1) < 0.05).mean() > 0.2
