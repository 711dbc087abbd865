# SPDX-License-Identifier: Apache-2.0
"""Look after the experiments on the feed: count each up, and stop what does harm. In every plan.

Rules:
1. a day is closed at the first look after it; between, sums are looked at and not kept, unless
   something is stopped on them: then they are logged, so that every stop can be recomputed
2. sums, evidence, switch, entry and the end of what was waiting are one transaction
3. evidence that decides is what a report shows: the same days, judged by the same function
4. when an experiment has had its days it is counted up for the last time, and the rows of who
   was in which arm go: sums are enough from then on
"""

from consent.words import Seq
from consent.writing import Writing
from engine.rooms import Rooms
from feed.experiments.analysis import harm_stops
from feed.experiments.logged import Day
from feed.experiments.record import Record, Stop
from feed.trials import daybook, running, switches
from feed.trials.running import WHOLE, Running


def look(rooms: Rooms) -> tuple[Seq, ...]:
    """Look at every experiment that was started here; return the entries of what was stopped."""
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        ever = running.started(connection, now)
    names = [one.experiment.id for one in ever if WHOLE not in one.off]
    return tuple(seq for name in names for seq in _look(rooms, name))


def _look(rooms: Rooms, name: str) -> tuple[Seq, ...]:
    with rooms.consent.ledger.write() as writing:
        ever = running.started(writing.connection, writing.now)
        (one,) = [found for found in ever if found.experiment.id == name]
        done = _judged(rooms, writing, one)
    for stopped in done:
        rooms.consent.withdrawals.forget(stopped.blobs)
    return tuple(stopped.seq for stopped in done)


def _judged(rooms: Rooms, writing: Writing, one: Running) -> tuple[switches.Stopped, ...]:
    """Count up, close the day that is over, and stop what is to be stopped."""
    trials, name = rooms.feed.trials, one.experiment.id
    last, closing = daybook.last(writing.connection, name), min(one.day - 1, one.experiment.days)
    if last >= min(one.day, one.experiment.days):
        return ()
    ends_now = closing > last
    day = daybook.counted(writing.connection, one, trials, closing if ends_now else one.day)
    record = daybook.runs(writing.connection)[name]
    stops = _stops(rooms, writing, record, day)
    if ends_now or stops:
        daybook.keep(writing, day)
    done = tuple(switches.halt(writing, one, stop) for stop in stops)
    if one.over:
        daybook.forget(writing, name)
    return done


def _stops(rooms: Rooms, writing: Writing, record: Record, day: Day) -> tuple[Stop, ...]:
    """Say what these days stop, by the one function that the simulator and reports use."""
    return harm_stops(
        record.experiment,
        (*record.days, day.tally),
        record.stops,
        at=writing.now,
        ceiling=rooms.consent.policy.experiments.withdrawals_permille,
    )
