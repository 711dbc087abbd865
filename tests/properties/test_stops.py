# SPDX-License-Identifier: Apache-2.0
"""A stop of an arm against kill -9, against views in flight, and what no arm can do.

Also I15: whatever an arm is, nobody's agreement and no verdict of the gate is another for it.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from consent import policies
from consent.errors import OnlyouError
from consent.gate import Ask
from consent.tables import basis, granted, preview
from consent.words import ObjectId, Purpose, Step, Subject
from feed.experiments.plan import Arm
from feed.tables import arm_stop, experiment_day, feed_insert, feed_view
from feed.trials import daybook
from tests.feed.conftest import imagined
from tests.feed.trying import Trial, gather, plan, sets
from tests.properties.test_crashes import whole
from tests.properties.test_cuts import Cutter, at, state
from tests.rooms import Rooms, empty


@pytest.fixture(scope="module")
def cutter() -> Iterator[Cutter]:
    found = Cutter()
    yield found
    found.process.communicate(timeout=60)


def tried(folder: Path) -> None:
    """Make a home in which an arm has portraits waiting that nobody has seen."""
    folder.mkdir()
    rooms = Rooms.open(empty(folder), folder)
    trial = gather(rooms, 2)
    trial.start(plan(id="deeper-0", arms=(sets("now"), Arm(**LATER, levers={"first": 8}))))
    trial.meet()
    rooms.close()


LATER = {"id": "later", "title": "Later", "share": 9}


def test_kill_9_leaves_the_switch_its_entry_and_what_waited_together(
    cutter: Cutter, tmp_path: Path
) -> None:
    tried(tmp_path / "tried")
    (tmp_path / "images").mkdir()
    images = cutter.images(at(tmp_path / "tried"), "halt", tmp_path / "images")
    seen: set[tuple[int, ...]] = set()
    known: set[str] = set()
    for image in (*images[:-8:5], *images[-8:]):
        home = at(image)
        if (left := state(home)) in known:
            continue
        known.add(left)
        rooms = home.open()
        whole(rooms)
        logged = [len(rooms.entries(t)) for t in ("experiment.stop", "destroy")]
        rows = [rooms.count(table) for table in (arm_stop, experiment_day, feed_insert)]
        seen.add((*logged, *rows))
        rooms.close()
    before, after = sorted(seen)
    gone = after[1]
    assert before == (0, 0, 0, 0, 2)
    assert after == (1, gone, 1, 1, 2 - gone)
    assert gone > 0
    assert len(images) >= 20


def test_what_is_stopped_is_seen_by_nobody_who_had_not_seen_it(rooms_on_both: Rooms) -> None:
    trial = gather(rooms_on_both, 6)
    one = trial.start_with(later=4)
    portraits = trial.meet()
    arm = trial.arms()["later"]
    begun = threading.Semaphore(0)

    def look(person: Subject) -> bool:
        begun.release()
        try:
            rooms_on_both.look(person, portraits[person])
        except OnlyouError:
            return False
        return True

    def stop() -> set[Subject]:
        begun.acquire()
        trial.home.feed.switches.stop(one.id, by="Ines", arm="later")
        return {person for person in arm if rooms_on_both.count(feed_insert, person)}

    with ThreadPoolExecutor(len(arm) + 1) as threads:
        ending = threads.submit(stop)
        looking = {person: threads.submit(look, person) for person in arm}
        kept = ending.result(timeout=60)
        saw = {person for person in arm if looking[person].result(timeout=60)}
    assert saw == kept, "somebody saw what was gone, or lost what they had seen"
    for person in arm:
        assert look(person) == (person in kept)
    assert rooms_on_both.count(feed_view) >= len(kept)


def test_one_person_on_many_screens_is_counted_once_and_a_day_is_closed_once(
    rooms_on_both: Rooms,
) -> None:
    trial = gather(rooms_on_both, 1)
    trial.start()
    (person,) = trial.people
    portrait = trial.home.insert(person)

    def close(_: int) -> None:
        with rooms_on_both.consent.ledger.write() as writing:
            daybook.close(writing, trial.running(), trial.home.feed.trials)

    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(lambda _: imagined(trial.home.page(person)), range(4)))
        list(threads.map(close, range(4)))
    assert pages == [[portrait]] * 4
    assert trial.exposed() == 1
    assert rooms_on_both.count(experiment_day) == 1


# --- I15


ARMS = st.fixed_dictionaries(
    {},
    optional={
        "first": st.integers(3, 12),
        "gap": st.integers(4, 12),
        "per_day": st.integers(1, 1),
        "per_week": st.integers(1, 3),
        "cooldown_hours": st.integers(0, 48),
        "visible_to": st.sampled_from(policies.load("strict-opt-in").experiments.labels),
        "preview": st.just(value=True),
        "ranker": st.sampled_from(["explore", "best", "uniform"]),
    },
)


def agreed(trial: Trial) -> tuple[object, ...]:
    """Read what everybody agreed to, and what the gate would say to every question."""
    rooms = trial.home.rooms
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        rows = [connection.execute(select(table)).all() for table in (basis, granted, preview)]
        said = [
            rooms.consent.gate.foresee(
                connection, now, Ask(step=step, subject=who, purpose=purpose, object=ObjectId(1))
            )
            for who in trial.people
            for step in Step
            for purpose in (Purpose.FEED_INSERT, Purpose.LIKENESS, Purpose.EXPERIMENT)
        ]
    return (*map(sorted, rows), said)  # type: ignore[arg-type]


def test_no_arm_changes_what_anybody_agreed_to(rooms: Rooms) -> None:
    trial = gather(rooms, 2)
    trial.meet()
    before = agreed(trial)
    numbers = iter(range(1_000))

    @settings(max_examples=4)
    @given(levers=ARMS)
    def whatever_it_sets(levers: dict[str, int | str | bool]) -> None:
        arms = (sets("a"), sets("b", **levers))
        one = trial.start(plan(id=f"arm-{next(numbers)}", arms=arms))
        for person in trial.people:
            trial.home.page(person)
            assert trial.stand(person).treated(rooms.consent.policy).policy.rules
        assert agreed(trial) == before
        trial.home.feed.switches.stop(one.id, by="Ines", arm="b")
        trial.home.feed.switches.stop(one.id, by="Ines")

    whatever_it_sets()
    assert agreed(trial) == before
    assert rooms.consent.gate.policy is rooms.consent.policy
    assert trial.exposed() > 0
