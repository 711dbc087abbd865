# SPDX-License-Identifier: Apache-2.0
"""A page is as its reader's arm has it; where arms would differ, both sides are counted."""

from pathlib import Path

from consent.words import Purpose
from feed.experiments.plan import Arm
from feed.items import Imagined, Preview
from tests.conftest import Opener
from tests.feed.conftest import cards, imagined
from tests.feed.trying import Trial, gather, plan, ready, sets
from tests.rooms import Rooms


def places(trial: Trial) -> dict[str, set[int]]:
    """Say by arm where on their pages people find what they find."""
    found: dict[str, set[int]] = {}
    for arm, people in trial.arms().items():
        for person in people:
            items = trial.home.page(person).items
            spots = {n for n, item in enumerate(items) if isinstance(item, Imagined)}
            found.setdefault(arm, set()).update(spots)
    return found


def test_each_arm_finds_it_where_the_arm_says_and_the_control_is_counted_too(
    tmp_path: Path,
) -> None:
    trial = ready(tmp_path)
    trial.start()
    trial.meet()
    assert places(trial) == {"now": {3}, "later": {7}}
    assert trial.exposed() == 5


def test_nobody_is_exposed_while_nothing_differs(rooms: Rooms) -> None:
    trial = gather(rooms, 2)
    trial.start()
    for person in trial.people:
        assert imagined(trial.home.page(person)) == []
    assert trial.exposed() == 0


def test_arms_that_do_the_same_never_count_anybody(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start(plan(arms=(sets("a", first=8), sets("b", first=8))))
    trial.meet()
    assert trial.exposed() == 0
    assert {spot for spots in places(trial).values() for spot in spots} == {3}


def test_a_lever_differs_where_it_begins_to_matter(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start(plan(arms=(Arm(id="now", title="Now"), sets("rarer", per_week=1))))
    trial.meet()
    assert trial.exposed() == 0
    trial.home.later(days=1.1)
    trial.meet(scenario="jazz")
    assert trial.exposed() == 5


def test_words_are_those_of_the_arm_and_go_back_when_it_is_stopped(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    words = "Nobody but you can see this"
    trial.start(plan(arms=(Arm(id="now", title="Now"), sets("other", visible_to=words))))
    trial.meet()
    person = trial.arms()["other"][0]
    portrait = imagined(trial.home.page(person))[0]
    labels = {item.json()["label"] for item in trial.home.page(person).items[3:4]}
    assert labels == {words}
    assert trial.home.written("label.shown")[-1]["words"] == words
    trial.home.rooms.look(person, portrait)
    trial.home.feed.switches.stop("deeper", by="Ines", arm="other")
    assert {i.json()["label"] for i in trial.home.page(person).items[3:4]} == {
        "Only you can see this"
    }
    assert "words" not in trial.home.written("label.shown")[-1]


def test_a_card_that_an_arm_asks_with_holds_back_what_waits(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url, policy="instagram-2025")
    trial = gather(rooms, 0)
    people = [rooms.person(f"P{n}", Purpose.LIKENESS) for n in range(4)]
    for person in people:
        served = rooms.consent.notices.serve(person, Purpose.FEED_INSERT)
        rooms.consent.grants.grant(person, Purpose.FEED_INSERT, served.served_id)
        rooms.grant(person, Purpose.EXPERIMENT)
        rooms.selfie(person)
    trial.start(
        plan(policy="instagram-2025", arms=(sets("straight"), sets("asked", preview=True)))
    )
    met = Trial(home=trial.home, people=tuple(people))
    met.meet()
    assert met.exposed() == 4
    by_arm = met.arms()
    assert all(cards(met.home.page(one)) == [] for one in by_arm.get("straight", []))
    for one in by_arm["asked"]:
        assert isinstance(met.home.page(one).items[1], Preview)
        assert imagined(met.home.page(one)) == []
        rooms.consent.grants.answer_preview(one, accepted=True)
        assert len(imagined(met.home.page(one))) == 1


def test_an_arm_shows_nothing_to_who_turned_portraits_off_or_paused(rooms: Rooms) -> None:
    trial = gather(rooms, 3)
    trial.start()
    off, resting, _ = trial.people
    for person in (off, resting):
        trial.home.insert(person)
    rooms.consent.withdrawals.withdraw(off, Purpose.FEED_INSERT)
    rooms.consent.pauses.pause(resting, None)
    assert imagined(trial.home.page(off)) == imagined(trial.home.page(resting)) == []
    assert trial.exposed() == 0
