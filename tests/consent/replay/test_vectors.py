# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.policy import Facts
from consent.replay.recorded import UNKNOWN
from consent.replay.vectors import Vectors, read
from consent.words import Kind
from tests.consent.facts import widths


def test_equal_facts_are_kept_once_however_they_are_written() -> None:
    vectors = Vectors()
    facts = Facts(kind=Kind.EXPLICIT, preview=True, used_week=2, region="DE", age_band="adult")
    written = facts.opening()
    backwards = dict(reversed(written.items()))
    numbers = [vectors.number(one) for one in (written, backwards, {}, written)]
    assert numbers == [0, 0, 1, 0]
    assert [vectors.columns().one(place) for place in (0, 1)] == [facts, Facts()]
    assert widths(vectors.columns()) == widths(Vectors().columns()) == set()


def test_every_fact_is_read_as_it_was_told_and_what_was_not_told_is_the_plainest() -> None:
    odd = Facts(
        kind=Kind.PARENTAL,
        withdrawn=True,
        expired=True,
        notice_current=False,
        preview=True,
        confirmed=True,
        used_day=1,
        used_week=2,
        age_band="minor",
        region="DE",
        paused=True,
    )
    assert read({name: getattr(odd, name) for name in Facts.__slots__}) == odd
    assert read({}) == Facts()


def test_what_is_not_disclosed_or_no_fact_of_ours_is_unknown() -> None:
    vectors = Vectors()
    for opened in (None, {"kind": "hoped"}, {"age_band": "teen"}):
        assert vectors.number(opened) == UNKNOWN
    assert len(vectors.columns()) == 0


def test_a_kind_that_is_none_is_the_writers_fault() -> None:
    with pytest.raises(ValueError, match="hoped"):
        read({"kind": "hoped"})
