# SPDX-License-Identifier: Apache-2.0
import math

import pytest

from engine.experiments import figures


@pytest.mark.parametrize(
    ("width", "decimals"),
    [(40.0, 0), (5.7, 1), (0.8, 2), (0.071, 3), (0.0001, 4), (0.0, 1), (math.inf, 1)],
)
def test_an_estimate_has_two_digits_of_its_interval(width: float, decimals: int) -> None:
    assert figures.digits(width) == decimals


def test_a_difference_has_its_sign_and_nothing_has_none() -> None:
    assert figures.signed(1.23, 1) == "+1.2"
    assert figures.signed(-1_234.56, 1) == "\u22121,234.6"
    assert figures.signed(-0.04, 1) == figures.signed(0.04, 1) == "0.0"
    assert figures.plain(-0.04, 1) == "0.0"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.001, "below 0.01"),
        (0.2412, "0.24"),
        (1.83, "1.8"),
        (36.94, "37"),
        (1_204.2, "1,204"),
        (math.exp(690), "over 1,000,000"),
    ],
)
def test_evidence_is_written_as_large_as_it_is(value: float, written: str) -> None:
    assert figures.e_value(value) == written


def test_chances_and_shares_are_short() -> None:
    assert [figures.p_value(one) for one in (0.94, 0.0461, 0.0002)] == [
        "0.94",
        "0.046",
        "below 0.001",
    ]
    assert figures.percent(0.4213) == "42.1 %"
