# SPDX-License-Identifier: Apache-2.0
import hashlib
import threading
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from consent.errors import Closed
from consent.tables import account, asset, basis
from consent.words import DAY, SECOND, Micros, Purpose
from engine import cycle, schedule
from engine.cells import rounds
from engine.cells.checkpoints import GlobalLog
from engine.rooms import Rooms
from feed.tables import feed_insert
from tests.engine.cells import spread
from tests.engine.cells.spread import Town

pytestmark = pytest.mark.xdist_group("cells")
"""One process makes the installation that all of these copy."""


PEOPLE = ("Ada", "Bob", "Cyd", "Dan", "Eve")


def present(rooms: Rooms) -> Micros:
    return rooms.consent.ledger.now()


def live(town: Town, between: bool) -> dict[str, object]:
    """Let five people live through two plans and a withdrawal; return all that came of it.

    `between` moves a shard after the first plan.
    """
    people = town.arrive(*PEOPLE)
    first = rounds.run(town.cells, present)
    if between:
        number = town.cells.shard_of("Ada")
        town.moves.move(number, next(c for c in "ab" if c != town.place(number).cell))
    gone = town.rooms(people[1])
    gone.consent.withdrawals.withdraw(people[1], Purpose.FEED_INSERT)
    town.clock.advance(4 * DAY / SECOND)
    second = rounds.run(town.cells, present)
    sealed = {
        town.cells.layout.origin(n): hashlib.sha256(repr(everything(rooms)).encode()).hexdigest()
        for n, rooms in enumerate(town.cells.each())
    }
    heads = [one.text() for one in GlobalLog(town.cells).sign(town.clock.now()).heads]
    return {"plans": [first, second], "heads": heads, "rows": sealed}


def everything(rooms: Rooms) -> list[object]:
    """Read what there is of everybody: who they are, what they agreed to, what they have."""
    tables = (account, basis, asset, feed_insert)
    with rooms.consent.ledger.read() as connection:
        return [
            connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            for table in tables
        ]


def lived(folder: Path, cells: Sequence[str], *, between: bool = False) -> dict[str, object]:
    town = spread.found(folder, cells)
    try:
        return live(town, between)
    finally:
        town.close()


def test_one_cell_and_four_with_a_move_give_everybody_the_same(tmp_path: Path) -> None:
    alone = lived(tmp_path / "one", ["a"])
    plans = alone["plans"]
    assert isinstance(plans, list)
    assert plans[0]["selected"] == len(PEOPLE)
    assert plans[1]["inserted"] > 0
    assert lived(tmp_path / "four", ["a", "b", "c", "d"], between=True) == alone


@pytest.mark.slow
def test_two_and_four_cells_give_what_one_does_with_a_move_or_without(tmp_path: Path) -> None:
    alone = lived(tmp_path / "one", ["a"])
    for cells in (["a", "b"], ["a", "b", "c", "d"]):
        for between in (False, True):
            home = tmp_path / f"{len(cells)}-{between}"
            assert lived(home, cells, between=between) == alone


def test_a_round_leaves_out_a_shard_that_moves_and_comes_back_to_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    town = spread.copied(tmp_path)
    number = town.cells.shard_of("Ada")
    target = spread.other(town.place(number))
    spread.cut_at("move.closed", partial(town.moves.move, number, target))
    rounds.tick(town.cells)
    assert "a shard is moving or away" in caplog.text
    assert GlobalLog(town.cells).last() is None  # the one that moves has no head to be named by
    town.moves.move(number, target)
    rounds.tick(town.cells)
    signed = GlobalLog(town.cells).last()
    assert signed is not None
    assert [one.size for one in signed.heads] == [
        rooms.consent.ledger.head()[0] for rooms in town.cells.each()
    ]
    assert rounds.finish(town.cells).total() == 0
    rounds.reap(town.cells)
    town.close()


@pytest.mark.parametrize("failed", [Closed(), spread.AWAY, KeyError("what nobody thought of")])
def test_a_shard_in_which_work_fails_does_not_keep_it_from_the_others(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failed: Exception,
) -> None:
    town = spread.copied(tmp_path)

    def finish(rooms: Rooms) -> Counter[str]:
        if rooms is town.cells.rooms(1):
            raise failed
        return Counter(made=1)

    monkeypatch.setattr(cycle, "finish", finish)
    assert rounds.finish(town.cells) == Counter(made=spread.SHARDS - 1)
    assert caplog.text.count("the work of a shard failed") == 1
    town.close()


def test_a_database_that_is_away_when_it_is_to_be_opened_stops_no_other_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    town = spread.copied(tmp_path)
    ticked: list[str] = []
    monkeypatch.setattr(schedule, "tick", lambda rooms: ticked.append(rooms.settings.origin))
    with monkeypatch.context() as patch:
        spread.away(patch, town, 1)
        rounds.tick(town.cells)
    origins = [town.cells.layout.origin(number) for number in range(spread.SHARDS)]
    assert ticked == [origins[0], *origins[2:]]
    assert "a shard cannot be opened" in caplog.text
    rounds.tick(town.cells)
    assert ticked[3:] == origins
    town.close()


def test_the_scheduler_ticks_and_reaps_over_all_shards(tmp_path: Path) -> None:
    town = spread.copied(tmp_path)
    ticking = rounds.scheduler(town.cells, seconds=1)
    plan, reaping = ticking.get_jobs()
    assert (plan.id, reaping.id) == ("plan", "reap")
    runner = threading.Thread(target=ticking.start)
    plan.modify(next_run_time=None)
    runner.start()
    plan.func()
    assert GlobalLog(town.cells).last() is not None
    ticking.shutdown()
    runner.join()
    town.close()
