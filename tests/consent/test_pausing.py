# SPDX-License-Identifier: Apache-2.0
"""A pause stops everything but looking, destroys nothing, and ends by itself or by a word."""

import json
from pathlib import Path
from typing import Any

import pytest

from consent import bundle, effects, policies, tables, verify
from consent.effects import Spent
from consent.errors import Denied, Misused
from consent.gate import Denial, Permit, Select
from consent.pausing import LONGEST
from consent.replay import loading
from consent.replay.run import replay
from consent.story import story
from consent.tables import (
    asset_view,
    pause,
    rendered,
    request,
    selfie_read,
)
from consent.words import (
    DAY,
    SECOND,
    Micros,
    ObjectId,
    Purpose,
    Reason,
    Step,
    Subject,
    public_id,
    rfc3339,
)
from feed.tables import feed_insert, learned
from tests.consent.findings import found_in
from tests.consent.forge import Forge, Operator
from tests.rooms import Rooms

FEED, LIKENESS = Purpose.FEED_INSERT, Purpose.LIKENESS
SELECT: Select = Step.SELECT
HOUR = 3_600


def stop(rooms: Rooms, person: Subject, seconds: int = HOUR) -> Micros:
    until = Micros(rooms.clock.now() + seconds * SECOND)
    rooms.consent.pauses.pause(person, until)
    return until


def refused(rooms: Rooms, step: Step, person: Subject, obj: ObjectId) -> Reason:
    with pytest.raises(Denied) as denied:
        rooms.ask(step, person, LIKENESS if step is Step.ENROL else FEED, obj)
    return denied.value.reason


def test_every_step_but_looking_is_denied_while_it_lasts(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    until = stop(rooms, ada)
    stopped = [one for one in Step if one not in {Step.VIEW, Step.SHARE, Step.LEARN}]
    assert {refused(rooms, step, ada, obj) for step in stopped} == {Reason.PAUSED}
    assert rooms.look(ada, obj, FEED, asset_view) == b"portrait"
    rooms.clock.turn_to(Micros(until - 1))
    assert refused(rooms, Step.INSERT, ada, obj) is Reason.PAUSED
    rooms.clock.turn_to(until)
    assert isinstance(rooms.insert(ada, obj), Spent)


def test_it_is_said_only_to_somebody_who_holds_a_basis(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    stop(rooms, ada)
    assert refused(rooms, Step.READ, ada, rooms.object()) is Reason.NOT_GRANTED
    (denial,) = rooms.entries("decision")
    assert denial["reasons"] == ["not-granted"]


def test_nobody_in_a_pause_is_selected_in_a_block(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    stop(rooms, ada)
    decided = rooms.consent.gate.decide_all(SELECT, FEED, [ada, bob])
    assert decided.reasons() == {ada: Reason.PAUSED, bob: None}


def test_facts_are_written_as_ever_where_nothing_is_paused(rooms: Rooms, tmp_path: Path) -> None:
    ada = rooms.inserted_person()
    rooms.requested(ada, FEED)
    first = rooms.entries("decision")[-1]["seq"]
    stop(rooms, ada)
    refused(rooms, Step.GENERATE, ada, rooms.object())
    second = rooms.entries("decision")[-1]["seq"]
    bundle.export(rooms.consent, tmp_path / "bundle")
    facts = [
        json.loads((tmp_path / f"bundle/openings/{seq}.json").read_bytes())["facts"]
        for seq in (first, second)
    ]
    assert "paused" not in facts[0]
    assert facts[1]["paused"] is True


# --- work in flight


def given(rooms: Rooms, person: Subject) -> dict[Step, tuple[Permit[Any], Any, dict[str, Any]]]:
    """Ask for every step of which the effect is still to come, each at its place in a life."""
    placed = rooms.portrait(person, FEED)
    rooms.clock.advance(DAY // SECOND)  # the cap of a day
    drawn = rooms.requested(person, FEED)
    face = rooms.selfie(person)
    ends = {"expires_at": rooms.clock.now() + DAY}
    asked: dict[Step, tuple[ObjectId, Purpose, Any, dict[str, Any]]] = {
        Step.READ: (face, FEED, selfie_read, {"selfie": face, "request": drawn}),
        Step.GENERATE: (drawn, FEED, rendered, {}),
        Step.INSERT: (placed, FEED, feed_insert, {"scenario": "astronaut"} | ends),
        Step.LEARN: (rooms.object(), Purpose.PERSONALISATION, learned, _LESSON),
    }
    return {
        step: (rooms.ask(step, person, purpose, obj), table, columns)
        for step, (obj, purpose, table, columns) in asked.items()
    }


_LESSON = {"kind": "like", "scenario": "astronaut"}


def test_what_is_in_flight_does_not_land_and_goes_on_afterwards(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", LIKENESS, FEED, Purpose.PERSONALISATION)
    rooms.selfie(ada)
    flying = given(rooms, ada)
    stop(rooms, ada, 60)
    size = rooms.consent.ledger.head()[0]
    for permit, table, columns in flying.values():
        done = rooms.spend(permit, table, columns)
        assert isinstance(done, Denial)
        assert done.reason is Reason.PAUSED
    assert rooms.consent.ledger.head()[0] == size, "nothing is written of what did not happen"
    rooms.consent.pauses.resume(ada)
    for permit, table, columns in flying.values():
        assert isinstance(rooms.spend(permit, table, columns), Spent)


def test_the_schema_refuses_it_too(rooms_on_both: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no code of ours may do, the database does not let any code do."""
    rooms = rooms_on_both
    ada = rooms.person("Ada", LIKENESS, FEED, Purpose.PERSONALISATION)
    rooms.selfie(ada)
    flying = given(rooms, ada)
    stop(rooms, ada)

    def believing(_writing: Any, permits: Any, _step: Any) -> tuple[set[Any], set[int]]:
        return {(p.subject, str(p.purpose), p.epoch) for p in permits}, set()

    monkeypatch.setattr(effects, "_living", believing)
    for permit, table, columns in flying.values():
        with pytest.raises(Misused):
            rooms.spend(permit, table, columns)
    obj = next(permit.object for permit, table, _ in flying.values() if table is feed_insert)
    assert rooms.look(ada, obj, FEED, asset_view) == b"portrait"


def test_a_slot_of_a_block_does_not_go_on(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    (slot,) = rooms.consent.gate.decide_all(SELECT, FEED, [ada]).permits({ada: rooms.object()})
    stop(rooms, ada, 60)
    assert _going(rooms, slot) is Reason.PAUSED
    rooms.clock.advance(60)
    assert _going(rooms, slot) is None


def _going(rooms: Rooms, slot: Permit[Select]) -> Reason | None:
    with rooms.consent.ledger.write() as writing:
        (answer,) = rooms.consent.gate.go_on(writing, [slot])
        if isinstance(answer, Denial):
            return answer.reason
        effects.spend(writing, [answer], request)
    return None


# --- beginning and ending


def test_it_is_told_with_its_end_and_is_over_by_itself(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    pauses = rooms.consent.pauses
    assert pauses.of(ada) is None
    until = stop(rooms, ada)
    found = pauses.of(ada)
    assert found is not None
    assert (found.until, found.since) == (until, rooms.clock.now())
    entry = rooms.consent.entry(found.seq)
    assert (entry["t"], entry["not_after"], entry["actor"]) == ("pause", until, "self")
    rooms.clock.turn_to(until)
    size = rooms.consent.ledger.head()[0]
    assert pauses.of(ada) is None
    assert rooms.consent.ledger.head()[0] == size, "its end is no act of anybody"


def test_pausing_again_moves_the_end_and_resuming_ends_it_once(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    pauses = rooms.consent.pauses
    stop(rooms, ada)
    pauses.pause(ada, None)
    found = pauses.of(ada)
    assert found is not None
    assert found.until is None
    assert "not_after" not in rooms.consent.entry(found.seq)
    resumed = pauses.resume(ada)
    assert pauses.of(ada) is None
    assert rooms.consent.entry(resumed)["t"] == "resume"
    assert pauses.resume(ada) == resumed, "said again, nothing is written"
    assert [entry["t"] for entry in rooms.entries("pause", "resume")] == [
        "pause",
        "pause",
        "resume",
    ]


def test_whoever_never_paused_may_resume(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    assert rooms.consent.pauses.resume(ada) == rooms.consent.pauses.resume(ada)
    assert len(rooms.entries("resume")) == 1


def test_it_ends_at_a_time_to_come_within_ten_years(rooms: Rooms) -> None:
    ada, now = rooms.person("Ada"), rooms.clock.now()
    for until in (now, now - 1, now + LONGEST + 1):
        with pytest.raises(Misused):
            rooms.consent.pauses.pause(ada, Micros(until))
    assert rooms.entries("pause") == []
    rooms.consent.pauses.pause(ada, Micros(now + LONGEST))
    with pytest.raises(Misused):
        rooms.consent.pauses.pause(Subject(5), None)


def test_saying_no_works_in_a_pause_and_takes_everything(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    rooms.portrait(ada, FEED)
    stop(rooms, ada)
    receipt = rooms.consent.withdrawals.withdraw(ada, LIKENESS)
    assert receipt["destroyed"]["portraits"] == 1
    assert rooms.count(tables.basis, ada) == 0


def test_a_term_runs_on_and_what_is_over_goes(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    rooms.portrait(ada, FEED)
    rooms.consent.pauses.pause(ada, None)
    rooms.clock.advance(31 * DAY // SECOND)
    assert rooms.consent.retention.sweep().contents == 1


def test_being_forgotten_works_in_a_pause_and_takes_it_along(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    stop(rooms, ada)
    rooms.consent.erasures.erase(ada)
    assert rooms.count(pause) == 0


# --- what an auditor sees


@pytest.fixture
def paused(rooms: Rooms, tmp_path: Path) -> Forge:
    """Live through a pause with all that may and may not happen in it; open a workshop on it."""
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    stop(rooms, ada)
    refused(rooms, Step.INSERT, ada, obj)
    rooms.look(ada, obj, FEED, asset_view)
    rooms.consent.gate.decide_all(SELECT, FEED, [ada])
    rooms.consent.pauses.resume(ada)
    rooms.insert(ada, obj)
    rooms.consent.pauses.pause(ada, None)
    rooms.clock.advance(HOUR)
    refused(rooms, Step.INSERT, ada, obj)
    bundle.export(rooms.consent, tmp_path / "bundle")
    assert verify.verify(tmp_path / "bundle")["findings"] == []
    return Forge(tmp_path / "bundle", Operator(rooms.consent.ledger))


def test_an_allowed_step_in_a_pause_is_found(paused: Forge) -> None:
    seq = paused.find("decision", step="insert", verdict="deny")
    epoch = paused.log[seq]["epoch"]
    until = paused.log[seq]["at"] + SECOND
    paused.edit(seq, verdict="allow", reasons=None, not_after=until, basis="explicit", epoch=epoch)
    assert ("verdict-mismatch", seq) in found_in(paused.close())


def test_an_effect_in_a_pause_is_found(paused: Forge) -> None:
    seq = paused.find("resume")
    paused.drop(seq)
    found = found_in(paused.close())
    done = paused.find("effect", step="insert")
    assert ("effect-after-withdrawal", done) in found
    assert ("verdict-mismatch", paused.log[done]["effect_of"]) in found


def test_a_pause_that_nobody_logged_is_found(paused: Forge) -> None:
    seq = paused.find("pause")
    paused.drop(seq)
    denied = paused.find("decision", step="insert", verdict="deny")
    assert ("verdict-mismatch", denied) in found_in(paused.close())


def test_a_pause_that_ends_before_it_begins_is_found(paused: Forge) -> None:
    seq = paused.find("pause")
    paused.edit(seq, not_after=paused.log[seq]["at"])
    assert ("entry-malformed", seq) in found_in(paused.close())


@pytest.mark.parametrize("openings", [True, False])
def test_another_policy_changes_nothing_in_a_pause(
    rooms: Rooms, tmp_path: Path, openings: bool
) -> None:
    """Replayed under its own and under a looser policy, with its facts and without."""
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    stop(rooms, ada)
    refused(rooms, Step.INSERT, ada, obj)
    rooms.consent.gate.decide_all(SELECT, FEED, [ada])
    bundle.export(rooms.consent, tmp_path / "bundle", openings=openings)
    recorded = loading.load(tmp_path / "bundle").recorded
    assert recorded is not None
    for name in ("strict-opt-in", "instagram-2025"):
        found = replay(recorded, policies.load(name))
        assert not [one for one in found["flips"] if one["reason"] == "paused"]
        assert found["table"]["deny_allow"] == 0


def test_a_story_tells_of_the_pauses_in_it(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    until = stop(rooms, ada)
    refused(rooms, Step.INSERT, ada, obj)
    rooms.consent.pauses.resume(ada)
    rooms.insert(ada, obj)
    rooms.consent.pauses.pause(ada, None)
    lines = story(rooms.consent, public_id(obj))
    told = [line.text for line in lines if line.t in {"pause", "resume"}]
    assert told == [f"Everything was paused until {rfc3339(until)}", "Everything went on"]
