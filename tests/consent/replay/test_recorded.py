# SPDX-License-Identifier: Apache-2.0
from consent.replay.recorded import NEVER, PURPOSES, STEPS, UNKNOWN
from consent.words import Purpose, Step
from tests.consent.replay.histories import Ask, columns, told


def test_a_history_is_as_long_as_its_decisions_and_says_what_came_of_them() -> None:
    asks = [Ask(), Ask(step=Step.VIEW, spent=False), Ask(purpose=Purpose.ADS, opened=False)]
    recorded = columns(told(asks))
    assert len(recorded) == 3
    assert recorded.allowed.tolist() == [True, True, False]
    assert recorded.spent.tolist() == [True, False, False]
    assert recorded.known.tolist() == [True, True, False]


def test_places_in_columns_fit_a_byte_and_no_row_is_a_marker() -> None:
    assert max(len(STEPS), len(PURPOSES)) < 256
    assert UNKNOWN < 0 < NEVER
