# SPDX-License-Identifier: Apache-2.0
"""After a restore, what was stopped stays stopped, and nothing runs on by itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, select, update

from consent import database, entries
from consent.errors import Misused
from consent.since import Since
from consent.tables import aggregate, entry
from consent.words import Seq
from feed.experiments.plan import Arm
from feed.experiments.record import SPLIT, Stop
from feed.tables import arm_stop, experiment, experiment_day
from feed.trials import daybook, restoring, switches
from feed.trials.running import WHOLE
from tests.feed.trying import Trial, gather, plan, ready, sets
from tests.rooms import Rooms

RARER = (Arm(id="now", title="As it is"), sets("rarer", cooldown_hours=20))
KNOWN: tuple[Table, ...] = (experiment, arm_stop, experiment_day)


def rows(trial: Trial) -> list[list[Any]]:
    with trial.home.rooms.consent.ledger.read() as connection:
        return [
            sorted(map(tuple, connection.execute(select(table)).all()), key=str) for table in KNOWN
        ]


def since(trial: Trial, size: int) -> tuple[Since, ...]:
    """Read from the ledger what a bundle has beyond a copy."""
    later = select(entry.c.seq, entry.c.body).where(entry.c.seq >= size).order_by(entry.c.seq)
    with trial.home.rooms.consent.ledger.read() as connection:
        found = connection.execute(later).all()
    return tuple(Since(seq=Seq(seq), body=bytes(body)) for seq, body in found)


def forget(owner: str, size: int) -> None:
    """Let go of every row that came since, as a copy does."""
    engine = database.connect(owner)
    with engine.begin() as connection:
        lifted = update(arm_stop).where(arm_stop.c.lifted_seq >= size)
        connection.execute(lifted.values(lifted_seq=None))
        for table in reversed(KNOWN):
            connection.execute(delete(table).where(table.c.seq >= size))
    engine.dispose()


def rebuild(trial: Trial, added: Sequence[Since]) -> None:
    with trial.home.rooms.consent.ledger.write() as writing:
        restoring.rebuild(writing.connection, added)


def size_of(trial: Trial) -> int:
    return trial.home.rooms.consent.ledger.head()[0]


def day(trial: Trial, name: str) -> None:
    with trial.home.rooms.consent.ledger.write() as writing:
        daybook.close(writing, trial.running(name), trial.home.feed.trials)


def test_rows_are_written_again_from_the_entries_that_came_since(
    rooms_on_both: Rooms, owner_url: str
) -> None:
    trial = gather(rooms_on_both, 2)
    switch = trial.home.feed.switches
    trial.start()
    switch.stop("deeper", by="Ines", arm="later")
    size = size_of(trial)
    switch.again("deeper", by="Ines", arm="later")
    trial.home.later(days=1)
    switch.stop("deeper", by="Ines", arm="later")
    switch.stop("deeper", by="Ines")
    switch.again("deeper", by="Ines")
    trial.home.later(days=1)
    switch.stop("deeper", by="Ines", arm="later")
    trial.start(plan(id="second", namespace="other", arms=RARER))
    day(trial, "second")
    switch.stop("second", by="Ines")
    before, record = rows(trial), dict(daybook_of(trial))
    added = since(trial, size)
    forget(owner_url, size)
    assert rows(trial) != before
    assert trial.running("deeper").off == {"later"}
    rebuild(trial, added)
    assert rows(trial) == before
    assert dict(daybook_of(trial)) == record


def daybook_of(trial: Trial) -> Any:
    with trial.home.rooms.consent.ledger.read() as connection:
        return daybook.runs(connection)


def test_what_a_bundle_is_without_does_not_run(tmp_path: Path) -> None:
    trial = ready(tmp_path, 2)
    size = size_of(trial)
    trial.start()
    day(trial, "deeper")
    trial.home.feed.switches.stop("deeper", by="Ines")
    added = since(trial, size)
    forget(f"sqlite:///{tmp_path}/onlyou.db", size)
    with trial.home.rooms.consent.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER aggregate_kept")
        connection.execute(delete(aggregate))
    rebuild(trial, added)
    assert rows(trial) == [[], [], []]


def test_whatever_runs_is_stopped_until_a_named_person_lets_it_go_on(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start()
    trial.count_in()
    switch = trial.home.feed.switches
    with trial.home.rooms.consent.ledger.write() as writing:
        restoring.stop(writing)
        restoring.stop(writing)
    assert trial.running().off == {WHOLE}
    (found,) = trial.home.written("experiment.stop")
    assert (found["why"], found["actor"]) == ("restored", "system")
    assert "by" not in found
    switch.again("deeper", by="Ines")
    assert trial.running().acts


def test_a_split_that_was_not_as_meant_is_known_after_a_restore(tmp_path: Path) -> None:
    trial = ready(tmp_path, 2)
    trial.start()
    size = size_of(trial)
    with trial.home.rooms.consent.ledger.write() as writing:
        found = Stop(arm=None, day=1, at=writing.now, why=SPLIT, value=0.001)
        switches.halt(writing, trial.running(), found)
    added = since(trial, size)
    assert [entries.decode(one.body)["t"] for one in added] == ["experiment.stop"]
    forget(f"sqlite:///{tmp_path}/onlyou.db", size)
    rebuild(trial, added)
    with pytest.raises(Misused, match="not split as meant"):
        trial.home.feed.switches.again("deeper", by="Ines")
