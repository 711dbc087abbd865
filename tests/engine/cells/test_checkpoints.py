# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from typing_extensions import override

from consent.errors import Broken, Misused
from consent.words import Micros
from engine.cells import heads
from engine.cells.checkpoints import GlobalLog
from engine.cells.heads import Global
from engine.tables import global_checkpoint
from tests.engine.cells import spread
from tests.engine.cells.spread import Town

pytestmark = pytest.mark.xdist_group("cells")
"""One process makes the installation that all of these copy."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = spread.copied(tmp_path)
    yield made
    made.close()


def test_each_continues_the_one_before_also_over_a_move(town: Town) -> None:
    log = GlobalLog(town.cells)
    assert log.last() is None
    first = log.sign(Micros(5))
    assert [one.size for one in first.heads] == [
        rooms.consent.ledger.head()[0] for rooms in town.cells.each()
    ]
    number = town.cells.shard_of("Ada")
    target = spread.other(town.place(number))
    spread.cut_at("move.closed", partial(town.moves.move, number, target))
    during = log.sign(Micros(4))
    assert during.heads[number] == first.heads[number]  # closed on its way: nothing is added
    assert during.at == 5  # and time does not go back
    town.moves.move(number, target)
    town.arrive("Gus", "Hal", "Ivy", "Joe")
    last = log.sign(Micros(6))
    assert last.number == 3
    assert log.last() == log.find(3) == last
    older, newer = log.written(1), log.written(3, since=1)
    assert list(heads.findings(newer, log.key, older)) == []
    assert log.findings() == ()
    for absent in ((4, 0), (3, 9), (1, 3)):
        with pytest.raises(Misused, match="there is no global checkpoint"):
            log.written(*absent)


def test_a_shard_whose_database_is_away_is_named_by_its_last_head(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = town.cells.shard_of("Ada")
    unsigned = spread.reopened(town.home)
    with monkeypatch.context() as patch:
        spread.away(patch, unsigned, number)
        with pytest.raises(OperationalError):
            GlobalLog(unsigned.cells).sign(Micros(5))  # it has none yet
    first = GlobalLog(town.cells).sign(Micros(5))
    town.arrive("Gus", "Hal", "Ivy", "Joe", "Kay", "Lou", "May")
    later = spread.reopened(town.home)
    with monkeypatch.context() as patch:
        spread.away(patch, later, number)
        during = GlobalLog(later.cells).sign(Micros(6))
    assert during.heads[number] == first.heads[number]
    assert sum(one.size for one in during.heads) > sum(one.size for one in first.heads)
    log = GlobalLog(later.cells)
    assert log.sign(Micros(7)).heads[number].size > first.heads[number].size
    assert log.findings() == ()
    unsigned.close()
    later.close()


def test_a_shard_that_lost_what_was_signed_stops_the_signing(town: Town) -> None:
    log = GlobalLog(town.cells)
    number = town.cells.shard_of("Ada")
    file = Path(town.cells.layout.settings(number, town.place(number).cell).database[10:])
    before = file.read_bytes()
    town.arrive("Gus", "Hal", "Ivy", "Joe", "Kay", "Lou", "May")
    log.sign(Micros(5))
    town.close()
    file.write_bytes(before)
    again = spread.reopened(town.home)
    log = GlobalLog(again.cells)
    with pytest.raises(Broken, match=f"shard {number} does not continue"):
        log.sign(Micros(6))
    (said,) = log.findings()
    assert said.startswith(f"shard {number} does not continue")
    again.close()


def test_a_front_from_a_backup_signs_nothing_twice(town: Town) -> None:
    log = GlobalLog(town.cells)
    log.sign(Micros(5))
    with town.cells.directory.engine.begin() as connection:
        connection.execute(global_checkpoint.delete())
    with pytest.raises(Broken, match="does not continue"):
        log.sign(Micros(6))


class Cut(GlobalLog):
    """A signer that dies before it has kept what it signs."""

    @override
    def _keep(self, made: Global, note: str) -> None:
        raise OSError("cut")


def test_a_signer_that_dies_anywhere_leaves_others_signing(town: Town) -> None:
    log = GlobalLog(town.cells)
    log.sign(Micros(5))
    with pytest.raises(OSError, match="cut"):
        Cut(town.cells).sign(Micros(6))
    assert log.sign(Micros(6)).number == 2
    kept = log.sign(Micros(7))
    (town.home / "keys" / "signed.head").unlink()  # as if it had died before that was written
    assert log.written(3)["note"]
    assert town.cells.keys.signed() == kept.number == 3
    assert log.sign(Micros(8)).number == 4
    with pytest.raises(Broken, match="somebody else signs global checkpoint 4"):
        log._keep(replace(kept, number=4), "note")


def test_what_is_kept_and_was_not_signed_so_is_found(town: Town) -> None:
    log = GlobalLog(town.cells)
    for at in (5, 6):
        log.sign(Micros(at))
    with town.cells.directory.engine.begin() as connection:
        spoilt = update(global_checkpoint).where(global_checkpoint.c.number == 1)
        connection.execute(spoilt.values(heads="[]"))
    with pytest.raises(Broken, match="global checkpoint 1 is not as it was signed"):
        log.findings()
    with town.cells.directory.engine.begin() as connection:
        connection.execute(global_checkpoint.delete().where(global_checkpoint.c.number == 1))
    assert log.findings() == ("global checkpoint 2 does not follow the one before",)
