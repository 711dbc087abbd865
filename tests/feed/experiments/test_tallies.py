# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.entries import canonical
from feed.experiments.tallies import ArmTally, Moments, Tally, read, write

COUNT = st.integers(0, 2**40)
MOMENTS = st.builds(Moments, **{f.name: COUNT for f in fields(Moments)})
TALLY = Tally(
    experiment="label",
    plan="0" * 64,
    day=3,
    arms={
        "only-you": ArmTally(
            assigned=9, exposed=7, withdrew=1, left=2, metrics={"kept": Moments(n=7, y=5, d=9)}
        )
    },
)


@given(a=MOMENTS, b=MOMENTS, c=MOMENTS)
def test_sums_of_other_people_are_joined_in_any_order(a: Moments, b: Moments, c: Moments) -> None:
    assert (a + b) + c == c + (b + a)
    assert a + Moments() == a
    assert (a + b).yd == a.yd + b.yd


def test_a_tally_read_back_is_the_same_and_its_bytes_are_canonical() -> None:
    content = write(TALLY)
    assert read(json.loads(content)) == TALLY
    assert canonical(json.loads(content)) == content
    assert write(read(json.loads(content))) == content


@pytest.mark.parametrize(
    "change",
    [{"kind": "something"}, {"arms": {"a": {}}}, {"arms": 3}, {"arms": {"a": {"metrics": {}}}}],
)
def test_what_is_no_tally_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        read(json.loads(write(TALLY)) | change)
