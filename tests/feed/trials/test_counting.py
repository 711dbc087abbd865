# SPDX-License-Identifier: Apache-2.0
"""Whoever leaves is counted once, in the transaction in which their rows go; sums stay."""

from pathlib import Path

import pytest
from sqlalchemy import select

from consent.words import DAY, Purpose
from feed.experiments.tallies import Tally
from feed.tables import arm_sum, exposure
from feed.trials import counting
from tests.feed.trying import Trial, gather, plan, ready
from tests.rooms import Rooms


def counted(trial: Trial) -> Tally:
    with trial.home.rooms.consent.ledger.read() as connection:
        return counting.tally(connection, trial.running(), trial.home.feed.trials, 1)


def lively(trial: Trial) -> Trial:
    """Let five people meet a portrait and say how they take it."""
    trial.start()
    portraits = trial.meet()
    for place, (person, portrait) in enumerate(portraits.items()):
        trial.home.say(person, ("like", "hide", "like", "fewer", "share_intent")[place], portrait)
    return trial


@pytest.mark.parametrize("purpose", [Purpose.EXPERIMENT, Purpose.FEED_INSERT])
def test_sums_are_the_same_before_and_after_somebody_leaves(
    tmp_path: Path, purpose: Purpose
) -> None:
    trial = lively(ready(tmp_path))
    rooms = trial.home.rooms
    before = counted(trial)
    person = trial.people[1]
    (arm,) = [arm for arm, people in trial.arms().items() if person in people]
    rooms.consent.withdrawals.withdraw(person, purpose)
    after = counted(trial)
    off = purpose is not Purpose.EXPERIMENT
    assert (after.arms[arm].withdrew, after.arms[arm].left) == (int(off), int(not off))
    assert [one.exposed for one in after.arms.values()] == [
        one.exposed for one in before.arms.values()
    ]
    assert [one.assigned for one in after.arms.values()] == [
        one.assigned for one in before.arms.values()
    ]
    for name in ("engaged", "hidden", "shown", "kept", "seconds-to-hide"):
        assert [one.metrics[name] for one in after.arms.values()] == [
            one.metrics[name] for one in before.arms.values()
        ]
    assert after.arms[arm].metrics["withdrew"].y == int(off)
    rows = {row.subject for row in _rows(rooms)}
    assert (person in rows) == off


def _rows(rooms: Rooms) -> list[object]:
    with rooms.consent.ledger.read() as connection:
        return list(connection.execute(select(exposure.c.subject)).all())


def test_nobody_is_counted_twice_whatever_they_end_and_in_which_order(
    rooms_on_both: Rooms,
) -> None:
    trial = lively(gather(rooms_on_both, 5))
    before = counted(trial)
    end = rooms_on_both.consent.withdrawals.withdraw
    one, two, three, four, _ = trial.people
    for purpose in (Purpose.FEED_INSERT, Purpose.EXPERIMENT):
        end(one, purpose)
        end(one, purpose)
    for purpose in (Purpose.EXPERIMENT, Purpose.FEED_INSERT):
        end(two, purpose)
    rooms_on_both.consent.erasures.erase(three)
    end(four, Purpose.FEED_INSERT)
    rooms_on_both.grant(four, Purpose.FEED_INSERT)
    trial.home.later(days=1.1)
    trial.meet([four], "jazz")
    after = counted(trial)
    total = [sum(getattr(arm, what) for arm in after.arms.values()) for what in WHAT]
    assert total == [5, 3, 3]
    for arm, sums in after.arms.items():
        assert sums.metrics["engaged"] == before.arms[arm].metrics["engaged"]
        assert sums.metrics["withdrew"].n == sums.exposed


WHAT = ("exposed", "withdrew", "left")


def test_a_yes_that_ran_out_is_no_withdrawal(tmp_path: Path) -> None:
    trial = lively(ready(tmp_path))
    rooms = trial.home.rooms
    trial.home.later(days=366)
    with rooms.consent.ledger.write() as writing:
        writing.connection.execute(
            exposure.metadata.tables["experiment"].update().values(started_at=writing.now - DAY)
        )
    rooms.consent.retention.sweep()
    after = counted(trial)
    assert [sum(getattr(arm, what) for arm in after.arms.values()) for what in WHAT] == [5, 0, 5]


def test_nothing_is_kept_of_who_was_in_nothing(rooms: Rooms) -> None:
    trial = gather(rooms, 2)
    trial.start(plan())
    rooms.consent.withdrawals.withdraw(trial.people[0], Purpose.LIKENESS)
    rooms.consent.erasures.erase(trial.people[1])
    assert rooms.count(arm_sum) == 0
