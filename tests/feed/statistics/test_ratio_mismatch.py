# SPDX-License-Identifier: Apache-2.0
"""Whether people were split as meant."""

import pytest
from scipy import stats

from feed.statistics import ratio_mismatch


def test_the_golden_split_has_the_golden_p() -> None:
    assert ratio_mismatch.p_value([50_000, 50_900], [1, 1]) == pytest.approx(
        0.004606602281809725, rel=1e-9
    )


def test_shares_that_differ_agree_with_another_implementation() -> None:
    counts, shares = [180, 95, 520], [2, 1, 5]
    expected = [795 * share / 8 for share in shares]
    assert ratio_mismatch.p_value(counts, shares) == pytest.approx(
        stats.chisquare(counts, expected).pvalue, rel=1e-12
    )


def test_a_handful_of_people_cannot_tell() -> None:
    assert not ratio_mismatch.testable([4, 5], [1, 1])
    assert not ratio_mismatch.testable([0, 0], [1, 1])
    assert ratio_mismatch.testable([0, 10], [1, 1])


@pytest.mark.parametrize("counts", [[3], [0, 0]])
def test_a_split_has_parts_and_people(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="two parts"):
        ratio_mismatch.p_value(counts, [1] * len(counts))
