# SPDX-License-Identifier: Apache-2.0
import pytest

from feed.statistics import power
from tests.engine.cli.conftest import Onlyou


def test_it_says_how_many_people_and_how_soon(onlyou: Onlyou) -> None:
    said = onlyou("experiment", "power", "--times", "1.5", "--json").json
    (row,) = said["items"]
    assert (said["base"], said["per_day"], said["days"]) == (0.02, 500, 30)
    assert row["people"] == power.people(0.02, 1.5)
    assert row["people_read_daily"] > row["people"]
    assert row["stopped"] >= 0.95
    assert row["median_day"] <= 10


def test_people_read_a_table(onlyou: Onlyou) -> None:
    said = onlyou("experiment", "power", "--base", "0.1", "--per-day", "50")
    assert said.status == 0
    assert all(word in said.out for word in ("x1.25", "x1.5", "x2", "read once", "median day"))


@pytest.mark.parametrize(
    "words",
    [
        ("--base", "0.9"),
        ("--base", "0"),
        ("--times", "1"),
        ("--level", "0"),
        ("--power", "1"),
        ("--base", "1e-300"),
    ],
)
def test_what_is_no_share_is_wrong_usage(onlyou: Onlyou, words: tuple[str, ...]) -> None:
    assert onlyou("experiment", "power", *words).status == 2
