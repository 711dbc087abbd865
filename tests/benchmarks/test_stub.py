# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from benchmarks import sitters, stub
from benchmarks.stub import Stub
from consent.clocks import VirtualClock
from consent.tables import asset
from consent.words import Purpose
from engine import cycle
from engine.rooms import Rooms as Home
from feed.tables import feed_insert
from tests.rooms import NOON, Rooms


def test_a_stubbed_home_makes_and_places_real_rows_and_opens_alike_elsewhere(
    tmp_path: Path,
) -> None:
    how = Stub(size=2_000, batch=4)
    rooms = stub.install(tmp_path / "home", how, clock=VirtualClock(NOON), seed=7)
    people = sitters.settle(rooms, 6)
    came = cycle.run(rooms, NOON)
    assert came["selected"] == 6
    assert came["inserted"] == came["made"] == 6 - came["none"]
    rooms.consent.ledger.engine.dispose()
    again = stub.opened(tmp_path / "home", clock=VirtualClock(NOON))
    assert stub.how_of(tmp_path / "home") == how
    assert cycle.run(again, NOON) == came
    assert _sizes(again) == {2_000}
    again.consent.withdrawals.withdraw(people[0], Purpose.LIKENESS)
    left = Rooms(
        home=tmp_path,
        clock=VirtualClock(NOON),
        chance=again.consent.chance,
        consent=again.consent,
    )
    assert left.count(asset, people[0]) == left.count(feed_insert, people[0]) == 0
    assert left.count(asset) > 0
    again.consent.ledger.engine.dispose()


def _sizes(rooms: Home) -> set[int]:
    blobs = rooms.consent.blobs
    return {blobs.size(one.name) // 1_000 * 1_000 for one in blobs.list()} - {1_000, 0}
