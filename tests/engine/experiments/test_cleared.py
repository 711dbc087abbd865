# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from engine.experiments.cleared import clear, pooled
from engine.experiments.shapes import Cleared, ClearedEffect, ClearedHarm
from engine.experiments.suppression import Hidden
from feed.experiments.analysis import analyse
from feed.experiments.record import Bin, Loss, Outcome, Record, Stage, Stop
from feed.experiments.tallies import Tally
from tests.engine.experiments import runs


def cleared(record: Record) -> Cleared:
    return clear(record, analyse(record))


def named(one: ClearedEffect | ClearedHarm) -> tuple[str, str]:
    return one.metric, one.arm


def with_metric(record: Record, arm: str, metric: str, people: int, *, since: int = 1) -> Record:
    """Let so many people of an arm have done something, from a day on."""

    def changed(tally: Tally) -> Tally:
        one = tally.arms[arm]
        sums = replace(one.metrics[metric], any=people, y=people, yy=people)
        withdrew = people if metric == "withdrew" else one.withdrew
        made = replace(one, withdrew=withdrew, metrics={**one.metrics, metric: sums})
        return replace(tally, arms={**tally.arms, arm: made})

    days = tuple(changed(day) if day.day >= since else day for day in record.days)
    return replace(record, days=days)


def test_what_many_did_is_told_as_it_is() -> None:
    record = runs.record()
    found, shown = analyse(record), cleared(record)
    assert [one.withdrew for one in shown.arms] == [one.withdrew for one in found.arms]
    assert shown.censored == found.censored
    late = [one for one in shown.effects if one.metric == "kept"]
    assert all(one.told and len(one.told.series) == runs.DAYS for one in late)


def test_what_few_did_is_told_nowhere() -> None:
    record = with_metric(runs.record(), "wider", "withdrew", 7)
    shown = cleared(record)
    assert shown.arms[1].withdrew is Hidden.UNDER
    wider, closer = (one for one in shown.effects if one.metric == "withdrew")
    assert (wider.treated, wider.told) == (Hidden.UNDER, None)
    assert not isinstance(wider.control, Hidden)
    assert closer.told is not None
    (harm,) = (one for one in shown.harms if named(one) == ("withdrew", "wider"))
    assert (harm.e_value, harm.series, harm.past) == (None, (), False)


def test_a_control_that_few_did_it_in_hides_every_comparison() -> None:
    shown = cleared(with_metric(runs.record(), "control", "fewer", 3))
    assert all(one.told is None for one in shown.effects if one.metric == "fewer")
    assert all(one.e_value is None for one in shown.harms if one.metric == "fewer")


def test_days_on_which_it_were_few_are_left_out() -> None:
    record = with_metric(runs.record(), "wider", "fewer", 4)
    late = with_metric(record, "wider", "fewer", 60, since=11)
    (told,) = (one.told for one in cleared(late).effects if named(one) == ("fewer", "wider"))
    assert told is not None
    assert told.series[0].day == 11


def test_that_an_arm_crossed_is_told_even_where_the_evidence_is_not() -> None:
    few = with_metric(runs.record(), "control", "withdrew", 2)
    many = with_metric(few, "closer", "withdrew", 90, since=6)
    (harm,) = (one for one in cleared(many).harms if named(one) == ("withdrew", "closer"))
    assert (harm.e_value, harm.past) == (None, True)


def test_an_arm_that_passed_the_ceiling_is_marked_where_withdrawals_are_drawn() -> None:
    stop = Stop(arm="closer", day=5, at=runs.START, why="ceiling", value=17.0)
    shown = cleared(runs.ended(runs.record(), stop))
    days = {named(one): one.stopped_day for one in shown.harms}
    assert days["withdrew", "closer"] == 5
    assert days["fewer", "closer"] is days["withdrew", "wider"] is None


def test_a_lone_small_loss_takes_its_neighbour_along() -> None:
    record = runs.record()
    stages = (
        Stage(title="In the service", people=40_000),
        Stage(
            title="Agreed",
            people=39_000,
            lost=(Loss(why="said no", people=996), Loss(why="never asked", people=4)),
        ),
    )
    shown = cleared(replace(record, funnel=stages)).funnel
    assert [one.people for one in shown[1].lost] == [Hidden.WITHHELD, Hidden.UNDER]


def test_a_stop_tells_of_its_day_and_hides_what_was_small_then() -> None:
    record = with_metric(runs.record(), "control", "withdrew", 8)
    record = with_metric(record, "closer", "withdrew", 40)
    stop = Stop(arm="closer", day=5, at=runs.START, why="withdrew", value=41.0)
    (shown,) = cleared(replace(record, stops=(stop,))).stops
    assert shown.arm is not None
    assert shown.control is not None
    assert (shown.arm.people, shown.control.people) == (40, Hidden.UNDER)


def test_what_a_stop_stood_on_is_told_no_more_than_its_counts() -> None:
    record = with_metric(runs.record(), "control", "withdrew", 8)
    record = with_metric(record, "closer", "withdrew", 40)
    harm = Stop(arm="closer", day=5, at=runs.START, why="withdrew", value=41.0)
    ceiling = replace(harm, why="ceiling", value=71.5)
    whole = replace(ceiling, arm=None)
    for stop in (harm, ceiling, whole):
        (shown,) = cleared(replace(record, stops=(stop,))).stops
        assert shown.value is None


def test_a_days_withdrawals_are_told_where_they_were_ten() -> None:
    stop = Stop(arm="closer", day=5, at=runs.START, why="ceiling", value=71.5)
    before = with_metric(runs.record(), "control", "withdrew", 40)
    before = with_metric(before, "closer", "withdrew", 40)
    few, many = (with_metric(before, "closer", "withdrew", n, since=5) for n in (46, 52))
    values = [cleared(replace(one, stops=(stop,))).stops[0].value for one in (few, many)]
    assert values == [None, 71.5]


def test_evidence_does_not_tell_a_count_that_is_withheld_for_another() -> None:
    few = with_metric(runs.record(), "wider", "withdrew", 30)
    leaving = replace(few.days[-1].arms["wider"], exposed=35)
    last = replace(few.days[-1], arms={**few.days[-1].arms, "wider": leaving})
    run = replace(few, days=(*few.days[:-1], last))
    found = analyse(run)
    found = replace(found, harms=analyse(few).harms)
    shown = clear(run, found)
    assert shown.arms[1].withdrew is Hidden.WITHHELD
    (harm,) = (one for one in shown.harms if named(one) == ("withdrew", "wider"))
    assert (harm.e_value, harm.series) == (None, ())


def test_a_policys_outcome_is_hidden_where_it_is_small() -> None:
    counts = {"reached": 800, "withdrew": 6, "visits": 9_000, "shown": 3_000, "engaged": 400}
    more = {"hidden": 90, "fewer": 30, "reported": 0, "surprised": 100, "knew_why": 2_000}
    one = Outcome(policy="p", people=1_000, days=30, taken_for_ad=3, **counts, **more)
    (shown,) = cleared(replace(runs.record(), outcomes=(one,))).outcomes
    assert shown.counts["withdrew"] is Hidden.UNDER
    assert shown.counts["taken_for_ad"] is Hidden.UNDER
    assert (shown.counts["reached"], shown.counts["reported"]) == (800, 0)


def test_bins_are_pooled_until_each_holds_enough() -> None:
    bins = [Bin(n=1_000, predicted=0.002 * k, observed=0.004) for k in range(1, 7)]
    joined = pooled(bins)
    assert [one.n for one in joined] == [3_000, 3_000]
    assert joined[0].predicted == pytest.approx(0.004)
    assert all(one.observed == pytest.approx(0.004) for one in joined)
    assert sum(one.n for one in joined) == 6_000
    assert pooled([Bin(n=500, predicted=0.1, observed=0.004)]) == ()
    assert len(pooled([Bin(n=500, predicted=0.1, observed=0.0)])) == 1


def test_a_ranker_valued_by_the_log_of_few_has_no_value() -> None:
    one, other, _ = runs.off_policy()
    pair = (replace(one, people=4), replace(other, people=40))
    few, many = cleared(replace(runs.record(), off_policy=pair)).off_policy
    assert (few.value, few.low, few.truth, few.people) == (None, None, None, 0)
    assert few.why == "fewer than ten people"
    assert many == pair[1]
