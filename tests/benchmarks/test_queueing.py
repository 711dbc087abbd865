# SPDX-License-Identifier: Apache-2.0
import pytest

from benchmarks import queueing
from benchmarks.queueing import Load


@pytest.mark.parametrize("cards", [1, 4, 8])
@pytest.mark.parametrize("varies", [0.0, 0.3, 1.0])
def test_the_formula_and_the_simulator_agree_within_a_tenth(cards: int, varies: float) -> None:
    load = Load(rate=cards * 0.8, seconds=1.0, varies=varies, cards=cards)
    found = queueing.simulated(load, seed=1, count=200_000)
    assert queueing.wait(load) == pytest.approx(found, rel=0.1)


def test_one_card_and_passes_of_one_length_wait_as_the_textbook_says() -> None:
    load = Load(rate=0.5, seconds=1.0, varies=0.0, cards=1)
    assert queueing.wait(load) == pytest.approx(0.5)
    assert queueing.queued(0.5, 1) == pytest.approx(0.5)


def test_cards_that_never_keep_up_are_an_error_and_more_of_them_are_counted() -> None:
    with pytest.raises(ValueError, match="less than all"):
        queueing.wait(Load(rate=2.0, seconds=1.0, varies=0.0, cards=2))
    assert queueing.needed(49.6, 1 / 2.4, busy=0.7) == 30
