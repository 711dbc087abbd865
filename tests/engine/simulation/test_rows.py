# SPDX-License-Identifier: Apache-2.0
import numpy as np

from engine.simulation.rows import COLUMNS, FULL, UNSEEN, Rows


def given(*people: int, minute: int) -> dict[str, np.ndarray]:
    return {"person": np.array(people), "minute": np.full(len(people), minute)}


def test_rows_keep_their_numbers_while_the_table_grows() -> None:
    rows = Rows(actions=75, room=2)
    first = rows.add(given(4, 5, minute=3))
    later = rows.add(given(*range(40), minute=9))
    assert first.tolist() == [0, 1]
    assert later.tolist() == list(range(2, 42))
    rows.set("engaged", first, np.array([True, False]))
    assert rows.of("engaged")[:2].tolist() == [True, False]
    assert rows.of("person")[:2].tolist() == [4, 5]


def test_what_was_not_given_is_unseen_and_not_zero() -> None:
    rows = Rows(actions=75)
    rows.add(given(4, minute=3))
    for name in ("scenario", "listed", "place", "seen"):
        assert rows.of(name).tolist() == [UNSEEN]
    assert not rows.of("engaged").any()


def test_rows_come_out_by_person_and_time() -> None:
    rows = Rows(actions=75)
    for minute in (5, 9, 7):
        rows.add(given(2, 1, minute=minute))
    out = rows.taken()
    assert out["person"].tolist() == [1, 1, 1, 2, 2, 2]
    assert out["minute"].tolist() == [5, 7, 9] * 2


def test_only_a_full_log_holds_what_a_ranker_is_trained_on() -> None:
    assert set(Rows(actions=75).taken()) == set(COLUMNS)
    full = Rows(actions=75, full=True).taken()
    assert set(full) == {*COLUMNS, *FULL}
    assert full["eligible_bits"].shape == (0, 10)
