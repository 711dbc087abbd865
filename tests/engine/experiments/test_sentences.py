# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from engine.experiments import sentences
from engine.experiments.cleared import clear
from engine.experiments.sentences import Verdict
from engine.experiments.shapes import ClearedStop
from feed.experiments.analysis import analyse
from feed.experiments.readings import Effect
from feed.experiments.record import Record, Stop
from tests.engine.experiments import runs


def verdict(record: Record) -> Verdict:
    found = analyse(record)
    return sentences.verdict(record, found, clear(record, found))


def kept(record: Record) -> Effect:
    """Find what the wider gap does to what is kept."""
    primary = [one for one in analyse(record).effects if one.metric == "kept"]
    return next(one for one in primary if one.arm == "wider")


def stop(**changed: object) -> Stop:
    one = Stop(arm="closer", day=9, at=runs.START, why="withdrew", value=36.9)
    return replace(one, **changed)  # type: ignore[arg-type]


def test_an_arm_that_was_stopped_comes_first_with_what_it_did() -> None:
    record = runs.guarded()
    (ended,) = record.stops
    said = verdict(record)
    assert said.kind == "bad"
    assert said.title == f"One arm was stopped for harm on day {ended.day}"
    day = record.days[ended.day - 1]
    for arm in ("closer", "control"):
        sums = day.arms[arm].metrics[ended.why]
        assert f"{sums.any:,} of {sums.n:,} people" in said.text
    assert "only a named person can undo it" in said.text


def test_a_stop_by_a_restore_says_what_is_missing() -> None:
    record = runs.ended(runs.record(), stop(arm=None, why="restored", value=0.0))
    said = verdict(record)
    assert said.title == "All of it was stopped on day 9"
    assert "a backup was restored, and not all that was counted came with it" in said.text
    assert "only a named person can undo it" in said.text


def test_an_uneven_split_is_all_that_is_said() -> None:
    record = runs.uneven()
    said = verdict(record)
    assert (said.kind, said.title) == ("bad", "People were not split as meant")
    assert "no effect is shown" in said.text
    assert "per 100 shown" not in said.text


def test_a_stop_by_hand_names_who_and_claims_no_harm() -> None:
    record = runs.ended(runs.record(), stop(why="by hand", value=0.0, by="Mara", seq=412))
    said = verdict(record)
    assert said.title == "Stopped by hand on day 9"
    assert "by hand, Mara" in said.text
    assert "automatic" not in said.text
    assert said.seqs == (412,)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"why": "ceiling", "value": 12.0},
            "more people turned portraits off in a day than the policy allows",
        ),
        ({"arm": None, "why": "split", "value": 1e-5}, "not split as meant, p below 0.001"),
    ],
)
def test_a_ceiling_and_a_split_say_what_passed_it(changed: dict[str, object], text: str) -> None:
    assert text in verdict(runs.ended(runs.record(), stop(**changed))).text


def test_a_ceiling_says_how_many_and_how_many_in_the_control() -> None:
    record = runs.ended(runs.record(), stop(why="ceiling", value=12.0, day=15))
    arms = record.days[14].arms
    sides = [arms[name].metrics["withdrew"] for name in ("closer", "control")]
    mine, theirs = (f"{one.any:,} of {one.n:,} people" for one in sides)
    assert f"by then {mine}, against {theirs} with Gap of 6." in verdict(record).text


def test_a_ceiling_tells_its_figure_where_that_is_told() -> None:
    passed = stop(why="ceiling", value=12.0)
    shown = ClearedStop(stop=passed, value=12.0, arm=None, control=None)
    said = sentences.why(runs.record().experiment, shown)
    assert said == "12 of 1,000 people turned portraits off in a day, more than the policy allows"


def test_a_stop_that_was_lifted_is_history() -> None:
    lifted = stop(lifted_day=10, lifted_by="Mara")
    said = verdict(replace(runs.record(), stops=(lifted,)))
    assert "stopped" not in said.title


def test_a_difference_is_said_with_its_interval() -> None:
    record = runs.record()
    said = verdict(record)
    assert said.kind == "good"
    assert "Gap of 10" in said.title
    found = kept(record)
    estimate, low, high = sentences.interval(found)
    assert f"Gap of 10: {estimate} per 100 shown ({low} to {high})." in said.text


def test_the_last_planned_look_is_said_with_what_decides() -> None:
    told = replace(runs.record(), experiment=runs.plan(looks=(10, 20, 30)))
    found = analyse(told)
    first = clear(told, found).effects[0]
    assert first.told is not None
    assert [look.day for look in first.told.looks] == [10, 20, 30]
    last = first.told.looks[-1]
    said = sentences.effect(told.experiment, first)
    assert f"day 30: {abs(last.deviations):.1f} deviations, {last.bound:.1f} decide" in said
    assert ("a difference" in said) == last.decided


def test_no_difference_is_never_said_to_be_shown() -> None:
    record = replace(runs.record(), experiment=runs.plan(primary="taken-for-ad"))
    assert verdict(record).title == "No difference could be told"
    running = replace(record, days=record.days[:12])
    assert verdict(running).title == "Day 12 of 30: open"


def test_nobody_to_compare_is_said_as_that() -> None:
    said = verdict(replace(runs.record(), days=()))
    assert (said.kind, said.title) == ("open", "Too few people to say anything")


def test_safety_says_of_every_arm_how_it_stands() -> None:
    record = runs.guarded()
    shown = clear(record, analyse(record))
    ended = record.stops[0]
    mine = [one for one in shown.harms if one.metric == ended.why]
    said = sentences.safety(record.experiment, mine)
    assert "Gap of 10 shows no sign of harm." in said
    assert f"Gap of 4 crossed the threshold and was stopped on day {ended.day}." in said


def test_other_assumptions_are_counted_that_turn_it_round() -> None:
    record = runs.record()
    found = kept(record)
    arm, metric = record.experiment.arms[1], sentences.METRICS["kept"]
    rows = record.sensitivity
    assert "None of 8 assumptions would turn it round" in sentences.swings(
        arm, metric, found, rows
    )
    turned = (replace(rows[0], low_effect=-0.1), *rows[1:])
    assert "1 of 8 assumptions" in sentences.swings(arm, metric, found, turned)
