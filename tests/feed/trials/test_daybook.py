# SPDX-License-Identifier: Apache-2.0
"""A day stands in the ledger once, and a run is what the ledger says."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from feed.experiments import logged
from feed.tables import exposure
from feed.trials import daybook
from tests.feed.trying import Trial, gather, ready
from tests.rooms import Rooms


def close(trial: Trial) -> None:
    with trial.home.rooms.consent.ledger.write() as writing:
        daybook.close(writing, trial.running(), trial.home.feed.trials)


def test_a_day_is_an_aggregate_that_its_entry_commits_to(rooms_on_both: Rooms) -> None:
    trial = gather(rooms_on_both, 2)
    trial.start()
    trial.meet()
    close(trial)
    close(trial)
    record = trial.record()
    (told,) = record.days
    assert (told.day, sum(arm.exposed for arm in told.arms.values())) == (1, 2)
    (entry,) = [one for one in trial.home.written("aggregate") if "day" in one]
    with rooms_on_both.consent.ledger.read() as connection:
        day = daybook.counted(connection, trial.running(), trial.home.feed.trials, 1)
    assert entry["object"] == hashlib.sha256(logged.write_day(day)).hexdigest()
    assert (entry["experiment"], entry["day"]) == ("deeper", 1)
    assert record.funnel == day.funnel


def test_no_day_is_logged_twice(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    rooms = trial.home.rooms
    trial.start()
    close(trial)
    with rooms.consent.ledger.read() as connection:
        day = daybook.counted(connection, trial.running(), trial.home.feed.trials, 1)
    with pytest.raises(IntegrityError), rooms.consent.ledger.write() as writing:
        daybook.keep(writing, day)
    assert len(trial.record().days) == 1


def test_rows_of_who_was_in_which_arm_can_go_and_sums_stay(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    rooms = trial.home.rooms
    trial.start()
    trial.count_in()
    close(trial)
    before = trial.record()
    with rooms.consent.ledger.write() as writing:
        daybook.forget(writing, "deeper")
    assert rooms.count(exposure) == 0
    assert trial.record() == before
