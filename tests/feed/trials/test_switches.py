# SPDX-License-Identifier: Apache-2.0
"""A stop is whole and at once; only somebody who says who they are undoes it."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from consent import bundle, policies, verify
from consent.errors import Misused
from consent.words import Purpose, Reason
from consent.writing import Writing
from engine.experiments import records
from feed.experiments import records as written
from feed.experiments.record import Stop
from feed.items import Imagined
from feed.tables import arm_stop
from feed.trials import daybook, switches
from tests.feed.conftest import imagined
from tests.feed.trying import gather, plan, ready, sets
from tests.rooms import Rooms


def test_a_start_logs_its_plan_and_who_started_it(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start()
    filed, started = trial.home.written("aggregate", "experiment.start")
    assert filed["seq"] + 1 == started["seq"]
    assert filed["object"] == started["object"] == trial.running().plan
    assert (started["experiment"], started["by"], started["actor"]) == (
        "deeper",
        "Ines",
        "operator",
    )
    assert started["policy"] == policies.load("strict-opt-in").sha256
    assert "tag" not in started
    assert trial.home.feed.switches.started("deeper")
    assert not trial.home.feed.switches.started("another")


@pytest.mark.parametrize("by", ["", "  ", "x" * 81])
def test_nobody_starts_stops_or_restarts_without_saying_who(rooms: Rooms, by: str) -> None:
    trial = gather(rooms, 0)
    feed = trial.home.feed.switches
    for act in (
        lambda: feed.start(plan(), by=by, recipe="photobooth"),
        lambda: feed.stop("deeper", by=by),
        lambda: feed.again("deeper", by=by),
    ):
        with pytest.raises(Misused, match="say who does this"):
            act()
    assert not feed.started("deeper")


def test_a_stopped_arm_has_nothing_left_to_show_and_what_was_seen_stays(
    rooms_on_both: Rooms,
) -> None:
    trial = gather(rooms_on_both, 5)
    trial.start()
    portraits = trial.meet()
    seen, *unseen = trial.arms()["later"]
    (control, *_) = trial.arms()["now"]
    rooms_on_both.look(seen, portraits[seen])
    before = len(trial.home.written())
    done = trial.home.feed.switches.stop("deeper", by="Ines", arm="later")
    assert done.removed == len(unseen) > 0
    entries = trial.home.written()[before:]
    assert [one["t"] for one in entries] == [
        "aggregate",
        *["destroy"] * len(unseen),
        "experiment.stop",
    ]
    stop = entries[-1]
    assert stop["seq"] == done.seq
    assert (stop["arm"], stop["why"], stop["value"], stop["n"], stop["by"]) == (
        "later",
        "by hand",
        "0.0",
        len(unseen),
        "Ines",
    )
    for person in unseen:
        assert imagined(trial.home.page(person)) == []
        with pytest.raises(Misused):
            rooms_on_both.look(person, portraits[person])
    assert imagined(trial.home.page(seen)) == [portraits[seen]]
    assert [n for n, item in enumerate(trial.home.page(seen).items) if _is(item)] == [3]
    assert imagined(trial.home.page(control)) == [portraits[control]]
    assert len(rooms_on_both.consent.blobs.list()) == 5 + 5 - len(unseen)


def _is(item: object) -> bool:
    return isinstance(item, Imagined)


def test_whole_experiment_takes_what_its_arms_have_and_leaves_the_control_alone(
    tmp_path: Path,
) -> None:
    trial = ready(tmp_path)
    trial.start()
    trial.count_in()
    arms = trial.arms()
    done = trial.home.feed.switches.stop("deeper", by="Ines")
    assert done.removed == len(arms["later"])
    assert trial.stand(trial.people[0]).places == ()
    (stop,) = trial.record().stops
    assert (stop.arm, stop.why, stop.by, stop.value) == (None, "by hand", "Ines", 0.0)


def test_no_arm_goes_on_with_nothing_to_be_held_against(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start()
    done = trial.home.feed.switches.stop("deeper", by="Ines", arm="now")
    assert done.arm is None
    assert not trial.running().acts
    assert trial.stand(trial.people[0]).places == ()


def test_where_the_control_did_harm_its_inserts_go_too(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    rooms = trial.home.rooms
    trial.start()
    trial.count_in()
    ceiling = Stop(arm=None, day=1, at=rooms.clock.now(), why="ceiling", value=25.0)
    with rooms.consent.ledger.write() as writing:
        done = switches.halt(writing, trial.running(), ceiling)
    assert done.removed == 5
    (entry,) = trial.home.written("experiment.stop")
    assert (entry["actor"], entry["value"]) == ("system", "25.0")
    assert "by" not in entry
    assert "arm" not in entry


def test_a_stop_is_lifted_by_somebody_with_a_name_and_counts_from_there(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start()
    feed = trial.home.feed.switches
    feed.stop("deeper", by="Ines", arm="later")
    trial.home.later(days=2)
    seq = feed.again("deeper", by="Bo of the desk", arm="later")
    record = trial.record()
    (stop,) = record.stops
    assert (stop.lifted_day, stop.lifted_by) == (3, "Bo of the desk")
    assert [day.day for day in record.days] == [1, 3]
    assert trial.home.rooms.consent.entry(seq)["t"] == "experiment.start"
    assert trial.running().off == frozenset()
    feed.stop("deeper", by="Ines", arm="later")
    assert [one.lifted_day for one in trial.record().stops] == [3, None]


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    feed = trial.home.feed.switches
    trial.start(plan(days=2))
    refused = [
        (lambda: feed.stop("nothing", by="Ines"), Reason.UNKNOWN_KEY),
        (lambda: feed.stop("deeper", by="Ines", arm="nobody"), Reason.UNKNOWN_KEY),
        (lambda: feed.again("deeper", by="Ines"), Reason.STALE),
        (lambda: feed.again("deeper", by="Ines", arm="later"), Reason.STALE),
    ]
    feed.stop("deeper", by="Ines", arm="later")
    refused[3:] = [
        (lambda: feed.stop("deeper", by="Ines", arm="later"), Reason.STALE),
        (lambda: feed.again("deeper", by="Ines", arm="now"), Reason.STALE),
    ]
    del refused[2]
    before = len(trial.home.written())
    for act, reason in refused:
        with pytest.raises(Misused) as said:
            act()
        assert said.value.reason is reason
    assert len(trial.home.written()) == before
    trial.home.later(days=2)
    for late in (lambda: feed.stop("deeper", by="I"), lambda: feed.again("deeper", by="I")):
        with pytest.raises(Misused):
            late()


def test_the_switch_works_whatever_cannot_be_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = ready(tmp_path)
    trial.start()
    trial.count_in()

    def fails(writing: Writing, *_: object) -> None:
        writing.append("aggregate", content="00" * 32)
        raise ArithmeticError

    monkeypatch.setattr(daybook, "close", fails)
    done = trial.home.feed.switches.stop("deeper", by="Ines", arm="later")
    assert trial.running().off == {"later"}
    assert done.removed == len(trial.home.written("destroy")) > 0
    assert len(trial.home.written("aggregate")) == 1


def test_a_split_that_was_not_as_meant_is_not_gone_on_with(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    rooms = trial.home.rooms
    trial.start()
    trial.home.feed.switches.stop("deeper", by="Ines")
    with rooms.consent.ledger.write() as writing:
        writing.connection.execute(update(arm_stop).values(why="split"))
    with pytest.raises(Misused, match="not split as meant"):
        trial.home.feed.switches.again("deeper", by="Ines")


def test_an_experiment_cannot_go_on_into_the_people_of_another(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start()
    trial.home.feed.switches.stop("deeper", by="Ines")
    trial.start(plan(id="two", arms=(sets("a"), sets("b", gap=9))))
    with pytest.raises(Misused, match="would share people"):
        trial.home.feed.switches.again("deeper", by="Ines")


def test_an_auditor_finds_nothing_wrong_and_reads_the_same_run(
    rooms: Rooms, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trial = gather(rooms, 4)
    trial.start()
    trial.meet()
    rooms.consent.withdrawals.withdraw(trial.people[0], Purpose.FEED_INSERT)
    rooms.consent.erasures.erase(trial.people[1])
    feed = trial.home.feed.switches
    feed.stop("deeper", by="Inês", arm="later")
    trial.home.later(days=1)
    feed.again("deeper", by="Bo", arm="later")
    folder = tmp_path_factory.mktemp("bundle") / "b"
    bundle.export(rooms.consent, folder)
    assert verify.verify(folder)["findings"] == []
    told = records.from_bundle(folder)["deeper"]
    assert written.write(told) == written.write(trial.record())


def test_the_switch_is_one_row_with_its_entry(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    rooms = trial.home.rooms
    trial.start()
    done = trial.home.feed.switches.stop("deeper", by="Ines", arm="later")
    with rooms.consent.ledger.read() as connection:
        (row,) = connection.execute(select(arm_stop)).all()
    assert (row.seq, row.arm, row.day, row.lifted_seq) == (done.seq, "later", 1, None)
