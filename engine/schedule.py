# SPDX-License-Identifier: Apache-2.0
"""Tick. APScheduler only says "now"; what is due stands in our database, one row a slot.

So two schedulers, a crash or a paused machine plan nothing twice and lose nothing: the tick asks
for the present slot, and a slot that was planned is recalled.
"""

import logging
from collections.abc import Callable
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.blocking import BlockingScheduler

from consent import faults
from consent.clocks import SystemClock
from consent.reaping import GRACE
from consent.telling import told
from consent.words import SECOND
from engine import cycle
from engine.leading import NotLeading
from engine.rooms import Rooms

TICK_SECONDS: Final = 60
_log = logging.getLogger(__name__)


def tick(rooms: Rooms) -> None:
    """End what is over, then run the present slot's plan if nobody has yet.

    A failed tick is tried again at the next.
    """
    try:
        faults.point("tick.before")
        rooms.consent.retention.sweep()
        rooms.consent.witnessing.renew()
        outcome = cycle.run(rooms, rooms.consent.ledger.now())
    except NotLeading:
        _log.info("another process plans here now; this one goes on when its term is over")
        return
    except Exception:  # noqa: BLE001 - whatever failed, the next tick must come
        _log.exception("the tick failed; the plan stays open and the next tick resumes it")
        return
    _log.info("plan done", extra=told(counts=dict(outcome)))


def reap(rooms: Rooms) -> None:
    """Delete what a crash left behind: bytes without a row, a secret without a person.

    By the machine's own clock, since the store dates its objects by it.
    """
    try:
        faults.point("reap.before")
        reaped = rooms.consent.retention.reap(SystemClock().now())
    except Exception:  # noqa: BLE001 - whatever failed, the next hour must come
        _log.exception("reaping failed; what was left behind waits for the next hour")
        return
    _log.info("reaped", extra=told(count=reaped))


def scheduler(rooms: Rooms, seconds: int = TICK_SECONDS) -> BlockingScheduler:
    """Build the scheduler; `start()` blocks until it is shut down."""
    return beating(lambda: tick(rooms), lambda: reap(rooms), seconds)


def beating(
    ticks: Callable[[], None], reaps: Callable[[], None], seconds: int = TICK_SECONDS
) -> BlockingScheduler:
    """Build what calls one every so many seconds, and the other every hour.

    Source of the options: with the default grace of one second a run missed in a crash is dropped;
    two schedulers on one store fire twice, hence the memory store (reliability, APScheduler 3.11).
    """
    ticking = BlockingScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        timezone="UTC",
    )
    ticking.add_job(ticks, "interval", seconds=seconds, id="plan")
    ticking.add_job(reaps, "interval", seconds=GRACE // SECOND, id="reap")
    return ticking
