# SPDX-License-Identifier: Apache-2.0
import sys
from io import BytesIO
from pathlib import Path

import pytest

from consent.errors import Broken
from engine.simulation import living, workers
from engine.simulation.living import Lived
from tests.engine.simulation import crowd


def same(one: Lived, other: Lived) -> bool:
    return all(
        column.tobytes() == getattr(other, table)[name].tobytes()
        and column.dtype == getattr(other, table)[name].dtype
        for table in ("inserts", "people", "days")
        for name, column in getattr(one, table).items()
    )


def test_blocks_come_back_in_order_as_from_one_process_and_nobody_waits_for_the_rest() -> None:
    work = living.blocks(crowd.setup("instagram-2025"), 90, 3, size=30, full=True)
    coming = workers.lives(work, 2)
    assert same(next(coming), living.lived(work[0]))
    assert same(next(coming), living.lived(work[1]))
    coming.close()  # type: ignore[attr-defined]


def test_what_came_of_a_block_is_packed_and_unpacked_whole() -> None:
    (one,) = workers.lives(living.blocks(crowd.setup(), 20, 2), 1)
    assert same(one, workers.unpacked(workers.packed_up(one)))


def test_a_worker_lives_whatever_it_is_told_to() -> None:
    work = living.blocks(crowd.setup(), 40, 2, size=20)
    given, told = BytesIO(), BytesIO()
    given.close = lambda: None  # type: ignore[method-assign]
    workers._order(given, work)
    given.seek(0)
    workers.serve(given, told)
    told.seek(0)
    assert all(same(workers._received(told), living.lived(one)) for one in work)


def test_a_worker_that_dies_is_told_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = tmp_path / "dying"
    dying.write_text("#!/bin/sh\nexit 3\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    with pytest.raises(Broken, match="ended early"):
        list(workers.lives(living.blocks(crowd.setup(), 4, 1, size=2), 2))
