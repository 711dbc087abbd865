# SPDX-License-Identifier: Apache-2.0
"""What runs is read from the database each time, and ends by itself."""

from pathlib import Path

from feed.trials import running
from feed.trials.running import WHOLE
from tests.feed.trying import Trial, plan, ready, sets


def acting(trial: Trial) -> list[str]:
    now = trial.home.rooms.consent.ledger.now()
    with trial.home.rooms.consent.ledger.read() as connection:
        return [one.experiment.id for one in running.acting(running.started(connection, now))]


def test_an_experiment_runs_for_its_days_and_not_one_more(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    assert acting(trial) == []
    started = trial.start(plan(days=3))
    assert trial.running().experiment == started
    assert (trial.running().day, acting(trial)) == (1, ["deeper"])
    trial.home.later(days=2.99)
    assert (trial.running().day, trial.running().over) == (3, False)
    trial.home.later(days=0.02)
    assert trial.running().over
    assert acting(trial) == []


def test_an_arm_that_is_off_is_not_listed_and_all_of_it_acts_nowhere(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start()
    switches = trial.home.feed.switches
    switches.stop("deeper", by="Ines", arm="later")
    assert [arm.id for arm in trial.running().arms] == ["now"]
    assert acting(trial) == ["deeper"]
    switches.stop("deeper", by="Ines")
    assert trial.running().off == {"later", WHOLE}
    assert acting(trial) == []
    switches.again("deeper", by="Ines")
    assert trial.running().off == frozenset()


def test_it_is_known_which_levers_its_arms_set(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    arms = (sets("a"), sets("b", gap=9), sets("c", ranker="best"))
    trial.start(plan(arms=arms))
    assert trial.running().sets("gap", "first")
    assert not trial.running().sets("first")
    trial.home.feed.switches.stop("deeper", by="Ines", arm="c")
    assert not trial.running().sets("ranker")
