# SPDX-License-Identifier: Apache-2.0
"""An arm acts for whom an exposure stands, and for nobody else."""

from dataclasses import replace
from pathlib import Path

from consent import policies
from consent.gate import Gate
from consent.words import Purpose
from feed.experiments.plan import Ramp
from feed.items import Post
from feed.trials.places import NOWHERE, treated
from tests.conftest import Opener
from tests.feed.conftest import imagined
from tests.feed.trying import as_running, gather, plan, ready, sets
from tests.rooms import Rooms


def test_only_who_lets_us_experiment_has_an_arm(rooms: Rooms) -> None:
    trial = gather(rooms, 3)
    quiet = rooms.inserted_person("Quiet")
    trial.start()
    assert trial.stand(quiet) == NOWHERE
    assert sum(map(len, trial.arms().values())) == 3
    trial.home.insert(quiet)
    trial.home.page(quiet)
    assert trial.exposed() == 0


def test_nobody_is_looked_up_while_nothing_was_ever_tried(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    assert trial.stand(trial.people[0]) == NOWHERE


def test_an_arm_stays_when_the_ramp_widens_and_whoever_is_in_stays_in(rooms: Rooms) -> None:
    trial = gather(rooms, 12)
    steps = (Ramp(day=1, percent=40), Ramp(day=2, percent=100))
    trial.start(plan(ramp=steps))
    first = trial.arms()
    early = {person for people in first.values() for person in people}
    assert 0 < len(early) < 12
    trial.home.later(days=1)
    second = trial.arms()
    let_in = [person for person in trial.people if not trial.stand(person).held_out]
    assert sum(map(len, second.values())) == len(let_in) > len(early)
    assert all(set(people) <= set(second[arm]) for arm, people in first.items())


def test_the_exposure_is_noted_once_under_a_permit_with_its_arm_in_the_ledger(
    rooms_on_both: Rooms,
) -> None:
    trial = gather(rooms_on_both, 2)
    trial.start()
    trial.meet()
    for person in trial.people:
        trial.home.page(person)
    assert trial.exposed() == 2
    arms = {f"deeper/{arm}" for arm in trial.arms()}
    noted = [one for one in trial.home.written("effect") if one["step"] == "learn"]
    assert {one["arm"] for one in noted} == arms
    decided = trial.home.written("decision")
    asked = [one for one in decided if one["purpose"] == "experiment"]
    assert [(one["step"], one["verdict"]) for one in asked] == [("learn", "allow")] * 2
    assert [one["effect_of"] for one in noted] == [one["seq"] for one in asked]


def test_whose_permit_would_be_denied_meets_the_policy_and_leaves_no_trail(
    tmp_path: Path,
) -> None:
    trial = ready(tmp_path)
    trial.start_with(later=2)
    rooms = trial.home.rooms
    person, other = trial.arms()["later"][:2]
    old = {**rooms.consent.notices.current, Purpose.EXPERIMENT: frozenset({"of tomorrow"})}
    trial.home.feed.trials._gate = Gate(
        rooms.consent.ledger,
        rooms.consent.policy,
        old,
        keys=rooms.consent.keys,
        chance=rooms.chance,
    )
    before = len(trial.home.written())
    assert [n for n, item in enumerate(trial.home.page(person).items) if not _post(item)] == [3]
    assert [one["t"] for one in trial.home.written()[before:]] == ["label.shown"]
    trial.home.feed.trials._gate = rooms.consent.gate
    assert [n for n, item in enumerate(trial.home.page(other).items) if not _post(item)] == [7]


def _post(item: object) -> bool:
    return isinstance(item, Post)


def test_who_left_a_moment_ago_meets_the_policy(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    trial.start_with(later=1)
    person = trial.arms()["later"][0]
    trial.home.page(person)
    trial.home.rooms.consent.withdrawals.withdraw(person, Purpose.EXPERIMENT)
    assert [n for n, item in enumerate(trial.home.page(person).items) if not _post(item)] == [3]
    assert trial.stand(person) == NOWHERE


def test_who_is_held_out_is_shown_none_once_anything_was_tried(
    open_rooms: Opener, sqlite_url: str
) -> None:
    usual = policies.load("strict-opt-in")
    rules = replace(usual.experiments, holdout_permille=1_000)
    trial = gather(open_rooms(sqlite_url, policy=replace(usual, experiments=rules)), 2)
    person, other = trial.people
    trial.home.insert(person)
    assert len(imagined(trial.home.page(person))) == 1
    trial.home.rooms.consent.withdrawals.withdraw(other, Purpose.EXPERIMENT)
    trial.start(plan())
    assert trial.stand(person).held_out
    assert imagined(trial.home.page(person)) == []
    trial.home.insert(other)
    assert len(imagined(trial.home.page(other))) == 1


def test_arms_of_two_experiments_act_together() -> None:
    usual = policies.load("strict-opt-in")
    one = as_running(plan(arms=(sets("a"), sets("b", first=9))))
    two = as_running(plan(arms=(sets("a"), sets("b", ranker="best", gap=11))))
    made = treated(usual, [(one, "b"), (two, "b")])
    assert (made.policy.slots.first, made.policy.slots.gap, made.ranker) == (9, 11, "best")
    assert treated(usual, [(two, "b"), (one, "b")]).ranker == "best"
    assert treated(usual, []).policy == usual
