# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from engine.simulation import living, people
from engine.simulation.block import COUNTED, ENDLESS, settle
from engine.simulation.day import live
from engine.simulation.living import Work
from engine.simulation.setup import MINUTES
from tests.engine.simulation import crowd

DAYS = 5


def work(first: int, count: int) -> Work:
    return Work(setup=crowd.setup("instagram-2025"), days=DAYS, first=first, count=count)


def test_people_are_divided_in_their_order() -> None:
    parts = living.blocks(crowd.setup(), 25, 3, size=10)
    assert [(one.first, one.count) for one in parts] == [(0, 10), (10, 10), (20, 5)]
    assert {one.days for one in parts} == {3}


@pytest.mark.parametrize(
    ("users", "processes", "size"),
    [(1, 2, 1), (15_000, 1, 7_500), (40_000, 2, 10_000), (40_002, 2, 6_667)],
)
def test_every_process_has_as_many_blocks(users: int, processes: int, size: int) -> None:
    assert living.fitting(users, processes) == size <= living.USUAL
    parts = living.blocks(crowd.setup(), users, 1, size=size)
    assert len(parts) % processes == 0 or users < processes


def test_a_persons_life_is_the_same_in_whatever_block() -> None:
    whole = living.lived(work(0, 400))
    parts = [living.lived(work(at, 100)) for at in range(0, 400, 100)]
    for table in ("inserts", "people"):
        for name, column in getattr(whole, table).items():
            joined = np.concatenate([getattr(part, table)[name] for part in parts])
            assert column.tobytes() == joined.tobytes(), (table, name)
    days = living.added([part.days for part in parts])
    assert all(np.array_equal(column, days[name]) for name, column in whole.days.items())


def test_days_add_up_to_what_people_did() -> None:
    lived = living.lived(work(0, 300))
    last = lived.days["day"] == DAYS
    for name in COUNTED:
        assert lived.days[name][last].sum() == lived.people[name].sum(), name
    assert (lived.days["people"] == 300).all()
    assert lived.days["withdrew"][last].sum() == (lived.people["withdrew"] >= 0).sum()
    assert (np.diff(lived.days["shown"]) >= 0).all()


def test_a_withdrawal_within_seven_days_of_what_was_seen_is_an_answer_to_it() -> None:
    block = crowd.block("instagram-2025", people=400, days=16)
    rows = living.finished(block)
    withdrew = block.standing.withdrew[rows["person"]]
    soon = (rows["seen"] >= 0) & (withdrew - rows["seen"] < 7 * MINUTES)
    assert np.array_equal(rows["withdrew"], soon)
    assert 0 < soon.sum() < (withdrew < ENDLESS).sum()


def test_people_from_here_and_there_have_their_own_lives() -> None:
    setup, some = crowd.setup("instagram-2025"), np.arange(120) % 3 == 1
    block = settle(setup, people.draw(setup, 0, 120).only(some))
    for _ in range(DAYS):
        live(block)
    rows, every = living.finished(block), living.lived(work(0, 120)).inserts
    theirs = some[every["person"]]
    for name, column in rows.items():
        assert np.array_equal(column, every[name][theirs]), name


def test_whoever_never_left_has_no_minute_of_leaving() -> None:
    told = living.lived(work(0, 200)).people
    assert (told["withdrew"] >= -1).all()
    assert (told["withdrew"] == -1).sum() > 100
    assert (told["chosen_for"][~told["implied"]] == -1).all()
