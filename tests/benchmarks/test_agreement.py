# SPDX-License-Identifier: Apache-2.0
import pytest

from benchmarks.agreement import krippendorff

# Krippendorff's own example: four observers, twelve units, grades 1 to 5 (here 0 to 4).
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)


def test_agreement_is_what_its_author_counts_in_his_example() -> None:
    units = [[g and g - 1 for g in unit] for unit in zip(*OBSERVERS, strict=True)]
    assert krippendorff(units) == pytest.approx(0.815, abs=0.0005)


def test_raters_who_agree_agree_wholly_and_opposites_less_than_chance() -> None:
    assert krippendorff([[0, 0], [2, 2], [1, 1]]) == 1
    assert krippendorff([[0, 2], [2, 0], [0, 2]]) == pytest.approx(-2 / 3)


def test_one_rater_cannot_agree() -> None:
    assert krippendorff([[0, None], [None, 2]]) is None
