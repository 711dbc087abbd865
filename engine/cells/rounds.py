# SPDX-License-Identifier: Apache-2.0
"""Plans, ticks and work, shard after shard.

A shard that moves, is away or in which a round fails is left out and has its turn at the next one:
its slot stays its own, and what waits there waits.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from apscheduler.schedulers.blocking import BlockingScheduler

from consent.errors import OnlyouError
from consent.words import Micros
from engine import cycle, schedule
from engine.cells.checkpoints import GlobalLog
from engine.cells.house import Cells
from engine.rooms import Rooms

_log = logging.getLogger(__name__)


def run(
    cells: Cells,
    moment: Callable[[Rooms], Micros],
    watch: cycle.Watch = lambda *_: None,
) -> Mapping[str, int]:
    """Run the plan of each shard's slot to its end; return what came of all together."""
    counts: Counter[str] = Counter()
    for number in range(cells.layout.shards):
        counts.update(cells.act(number, lambda rooms: cycle.run(rooms, moment(rooms), watch)))
    return counts


def finish(cells: Cells) -> Counter[str]:
    """End what is over, then make and place whatever was asked for, in every shard."""
    counts: Counter[str] = Counter()
    for rooms in _ready(cells):
        try:
            counts.update(cycle.finish(rooms))
        except Exception:  # noqa: BLE001 - whatever failed, the other shards have their turn
            _log.exception("the work of a shard failed; the next round tries again")
    return counts


def tick(cells: Cells) -> None:
    """Tick in every shard, then sign over the heads of all."""
    for rooms in _ready(cells):
        schedule.tick(rooms)
    try:
        GlobalLog(cells).sign(cells.now())
    except Exception:  # noqa: BLE001 - whatever failed, the next tick must come
        _log.exception("the heads of all shards are not signed; the next tick tries again")


def reap(cells: Cells) -> None:
    """Reap in every shard."""
    for rooms in _ready(cells):
        schedule.reap(rooms)


def scheduler(cells: Cells, seconds: int = schedule.TICK_SECONDS) -> BlockingScheduler:
    """Build the scheduler of all shards; `start()` blocks until it is shut down."""
    return schedule.beating(lambda: tick(cells), lambda: reap(cells), seconds)


def _ready(cells: Cells) -> Iterator[Rooms]:
    for place in cells.directory.places():
        try:
            rooms = cells.rooms(place.number, patience=0)
        except OnlyouError:
            _log.warning("a shard is moving or away; it has its turn at the next round")
        except Exception:  # noqa: BLE001 - whatever failed, the other shards have their turn
            _log.exception("a shard cannot be opened; the next round tries again")
        else:
            yield rooms
