# SPDX-License-Identifier: Apache-2.0
import numpy as np
from scipy.stats import kstest

from engine.simulation import streams
from engine.simulation.streams import Stream
from feed import draws

KEY = draws.run_key(3)
PEOPLE = np.arange(4_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def test_a_number_is_the_persons_whoever_else_is_there() -> None:
    every = streams.numbers(KEY, PEOPLE, 9, Stream.VISIT, visit=2, parts=3)
    some = streams.numbers(KEY, PEOPLE[[7, 3]], 9, Stream.VISIT, visit=2, parts=3)
    assert np.array_equal(some, every[:, [7, 3]])


def test_day_stream_visit_part_and_run_each_give_other_numbers() -> None:
    usual = streams.words(KEY, PEOPLE, 9, Stream.VISIT, visit=1, parts=2)
    others = (
        streams.words(KEY, PEOPLE, 10, Stream.VISIT, visit=1),
        streams.words(KEY, PEOPLE, 9, Stream.MADE, visit=1),
        streams.words(KEY, PEOPLE, 9, Stream.VISIT, visit=2),
        streams.words(draws.run_key(4), PEOPLE, 9, Stream.VISIT, visit=1),
        usual[4:],
    )
    assert all((other[:4] == usual[:4]).mean() < 1e-3 for other in others)


def test_the_draw_of_a_choice_is_never_drawn_again() -> None:
    drawn = draws.uniform(KEY, PEOPLE, 9)
    seen = {int(w) for s in Stream for w in streams.words(KEY, PEOPLE, 9, s)[0]}
    top = (drawn * 2**32).astype(np.int64).tolist()
    assert len(seen & set(top)) < 4  # by chance alone


def test_numbers_are_even_and_never_zero_or_one() -> None:
    drawn = streams.numbers(KEY, PEOPLE, 9, Stream.HABIT, parts=2)
    assert 0.0 < drawn.min() < drawn.max() < 1.0
    assert all(kstest(row, "uniform").pvalue > 1e-4 for row in drawn)
    assert np.abs(np.corrcoef(drawn) - np.eye(len(drawn))).max() < 0.06


def test_shorts_are_even_and_as_many_as_asked_for() -> None:
    drawn = streams.shorts(KEY, PEOPLE, 9, Stream.POSTS, visit=0, count=50)
    assert drawn.shape == (len(PEOPLE), 50)
    assert drawn.dtype == np.uint16
    assert all(kstest((column + 0.5) / 65_536, "uniform").pvalue > 1e-4 for column in drawn.T[::7])
    assert np.abs(np.corrcoef(drawn.T) - np.eye(50)).max() < 0.08


def test_what_a_seed_means_does_not_change() -> None:
    first = streams.words(KEY, np.array([1], np.uint64), 20_000, Stream.COMES)[:, 0]
    assert first.tolist() == [434845037, 1321896558, 869325949, 1189570297]
