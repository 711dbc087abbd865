# SPDX-License-Identifier: Apache-2.0
import time

import pytest

from consent.clocks import ContinuingClock, SystemClock, VirtualClock
from consent.words import DAY, SECOND, Micros


def test_the_system_clock_tells_microseconds_since_1970() -> None:
    before = time.time_ns() // 1_000
    assert before <= SystemClock().now() <= time.time_ns() // 1_000


def test_a_virtual_clock_stands_until_it_is_turned() -> None:
    clock = VirtualClock(Micros(5 * SECOND))
    assert (clock.now(), clock.now()) == (5 * SECOND, 5 * SECOND)
    assert clock.advance(1.5) == clock.now() == 6 * SECOND + SECOND // 2


def test_a_virtual_clock_can_be_set_back_as_real_ones_are() -> None:
    clock = VirtualClock(Micros(5 * SECOND))
    assert clock.advance(-2) == 3 * SECOND


def test_turning_to_a_moment_never_turns_back() -> None:
    clock = VirtualClock(Micros(DAY))
    clock.turn_to(Micros(0))
    assert clock.now() == DAY
    clock.turn_to(Micros(2 * DAY))
    assert clock.now() == 2 * DAY


def test_a_continuing_clock_goes_on_by_what_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic_ns", iter((7_000_000, 2_007_001_999)).__next__)
    assert ContinuingClock(Micros(DAY)).now() == DAY + 2 * SECOND + 1


def test_a_continuing_clock_goes_on_from_where_a_demo_ended() -> None:
    clock = ContinuingClock(Micros(DAY))
    first = clock.now()
    assert DAY <= first <= clock.now() < DAY + 60 * SECOND
