# SPDX-License-Identifier: Apache-2.0
import threading

import pytest

from consent.meters import Meter


def test_a_figure_counts_where_it_fits_and_beyond_the_last_bound_too() -> None:
    meter = Meter([1, 2])
    for figure in (1, 1.5, 2, 9):
        meter.add(figure)
    read = meter.read()
    assert (read.within, read.count, read.total) == ((1, 2, 1), 4, 13.5)


def test_what_is_told_in_tens_stands_still_until_the_next_ten_are_full() -> None:
    meter = Meter([1])
    for _ in range(9):
        meter.add(0.5)
    assert meter.read(exact=False).count == 0
    meter.add(0.5)
    full = meter.read(exact=False)
    for _ in range(9):
        meter.add(7.0)
        assert meter.read(exact=False) == full
    meter.add(7.0)
    assert meter.read(exact=False).count == 20


def test_what_fails_took_no_time() -> None:
    meter = Meter([1])
    with pytest.raises(RuntimeError), meter.timing():
        raise RuntimeError
    with meter.timing():
        pass
    assert meter.read().count == 1


def test_many_threads_lose_no_figure() -> None:
    meter = Meter([1])

    def add() -> None:
        for _ in range(500):
            meter.add(1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (meter.read().count, meter.read().total) == (2_000, 2_000.0)
