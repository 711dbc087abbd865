# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from consent import database
from consent.errors import Broken, Misused
from consent.words import Micros
from engine.cells.directory import Directory, Place, State


@pytest.fixture
def directory(database_url: str) -> Iterator[Directory]:
    found = Directory(database.connect(database_url))
    found.know(["a", "b"], Micros(1))
    found.know(["a", "b"], Micros(2))  # as often as one likes
    for number in (1, 0):
        found.enter(number, "a")
    yield found
    found.engine.dispose()


def test_a_shard_goes_step_by_step_from_one_cell_to_another(directory: Directory) -> None:
    start = directory.place(1)
    assert directory.places() == (Place(number=0, cell="a", term=1, state=State.OPEN), start)
    moving = directory.begin(directory.reserve(start, "b"))
    assert moving == Place(number=1, cell="a", term=2, state=State.MOVING, beside="b")
    flipped = directory.flip(directory.carried(moving))
    assert flipped == Place(number=1, cell="b", term=2, state=State.OPEN, beside="a")
    done = directory.cleared(flipped)
    assert done == directory.place(1) == Place(number=1, cell="b", term=2, state=State.OPEN)


def test_what_is_given_up_stays_where_it_was_in_a_new_term(directory: Directory) -> None:
    back = directory.give_up(directory.begin(directory.reserve(directory.place(0), "b")))
    assert back == Place(number=0, cell="a", term=2, state=State.OPEN, beside="b")


def test_of_two_who_change_at_once_one_is_refused(directory: Directory) -> None:
    seen = directory.place(0)
    directory.begin(directory.reserve(seen, "b"))
    for late in (directory.cleared, directory.carried, directory.flip):
        with pytest.raises(Broken, match="somebody else moves"):
            late(seen)
    with pytest.raises(Broken, match="somebody else moves"):
        directory.reserve(seen, "b")


def test_there_is_no_shard_that_was_not_entered_and_no_cell_either(directory: Directory) -> None:
    with pytest.raises(Misused, match="no shard 9"):
        directory.place(9)
    with pytest.raises(IntegrityError):
        directory.reserve(directory.place(0), "z")
