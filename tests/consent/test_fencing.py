# SPDX-License-Identifier: Apache-2.0
"""What must still be so when something is written is asked in the transaction that writes it."""

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from consent import committing, fencing
from consent.committing import _Act
from consent.fencing import Fence
from consent.writing import Writing
from tests.rooms import Rooms


class Fallen(Exception):
    pass


def writes(rooms: Rooms) -> None:
    with rooms.consent.ledger.write() as writing:
        writing.append("aggregate", n=1)


def test_every_transaction_of_the_block_asks_and_none_is_written_when_one_says_no(
    rooms_on_both: Rooms,
) -> None:
    asked: list[bool] = []
    stands = [True]

    def fence(connection: Connection) -> None:
        asked.append(connection.in_transaction())
        if not stands[0]:
            raise Fallen

    with fencing.behind(fence):
        writes(rooms_on_both)
        writes(rooms_on_both)
        size, _ = rooms_on_both.consent.ledger.head()
        stands[0] = False
        with pytest.raises(Fallen):
            writes(rooms_on_both)
        assert rooms_on_both.consent.ledger.head()[0] == size
    assert asked == [True, True, True]
    writes(rooms_on_both)
    assert len(asked) == 3, "outside the block nobody asks"


def test_an_act_that_another_commits_asks_the_fences_of_whoever_wants_it(rooms: Rooms) -> None:
    asked: list[str] = []
    ledger = rooms.consent.ledger

    def falls(_: Connection) -> None:
        asked.append("fallen")
        raise Fallen

    def work(writing: Writing, items: Sequence[int]) -> Sequence[int]:
        return [writing.append("aggregate", n=one) for one in items]

    def act(fence: Fence, item: int) -> _Act[int, int]:
        with fencing.behind(fence):
            return _Act(work, item)

    acts = [act(lambda _: asked.append("stands"), 1), act(falls, 2)]
    size, _ = ledger.head()
    with ledger.write() as writing:
        committing._attempt(writing, acts)
    assert ledger.head()[0] == size + 1, "one is written, and one taken back"
    assert isinstance(acts[1].error, Fallen)
    assert set(asked) == {"stands", "fallen"}


def test_fences_add_up_and_belong_to_one_task(rooms: Rooms) -> None:
    asked: list[str] = []
    with fencing.behind(lambda _: asked.append("outer")):
        with fencing.behind(lambda _: asked.append("inner")):
            writes(rooms)
        thread = threading.Thread(target=writes, args=(rooms,))
        thread.start()
        thread.join()
    assert asked == ["outer", "inner"]
