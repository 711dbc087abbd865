# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.errors import Broken, Misused
from engine.simulation import coefficients

GOOD = 'rest = { value = 1, low = 0, high = 2.5, source = "assumption: a thing" }'


def test_every_coefficient_is_named_with_its_range_its_source_and_what_it_is() -> None:
    for one in coefficients.shipped().listed:
        assert one.low <= one.value <= one.high
        assert len(one.source) > len("assumption: ")


def test_a_file_is_read_by_topic_and_name() -> None:
    assert coefficients.parse(f"[engage]\n{GOOD}").known() == {"engage.rest": 1.0}


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD.replace("source", "sauce"),
        GOOD.replace(', source = "assumption: a thing"', ""),
        GOOD.replace("value = 1", "value = 3"),
        GOOD.replace("value = 1", "value = true"),
        GOOD.replace("value = 1, low = 0, high = 2.5", "value = 1, low = 1, high = 1"),
        GOOD.replace('"assumption: a thing"', '" "'),
        "rest = 3",
        "rest =",
    ],
)
def test_a_file_with_anything_else_is_refused(wrong: str) -> None:
    with pytest.raises(Broken, match="simulation file refused"):
        coefficients.parse(f"[engage]\n{wrong}")


def test_another_value_is_another_hash_and_nothing_else_changes() -> None:
    usual = coefficients.shipped()
    swept = usual.but("engage.rest", -1.7)
    assert swept.sha256 != usual.sha256
    assert swept.known() == {**usual.known(), "engage.rest": -1.7}
    assert usual.but("engage.rest", usual.known()["engage.rest"]).sha256 == usual.sha256


def test_a_coefficient_that_there_is_not_cannot_be_set() -> None:
    with pytest.raises(Misused, match="no coefficient"):
        coefficients.shipped().but("engage.luck", 1.0)
