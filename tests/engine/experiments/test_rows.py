# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from engine.experiments import rows
from engine.experiments.cleared import clear
from engine.experiments.shapes import Cleared, ClearedLoss, ClearedStage
from engine.experiments.suppression import Hidden
from feed.experiments.analysis import analyse
from feed.experiments.record import Record, Stop
from tests.engine.experiments import runs


def cleared(record: Record) -> Cleared:
    return clear(record, analyse(record))


def test_engagement_and_trust_stand_beside_each_other_for_every_arm() -> None:
    record = runs.record()
    found = list(rows.comparisons(record.experiment, cleared(record)))
    assert [one.arm.id for one in found] == ["wider", "closer"]
    for one in found:
        told = {row.metric.id for row in (*one.engagement, *one.trust)}
        assert told == set(record.experiment.metrics)
        assert {"kept", "engaged"} <= {row.metric.id for row in one.engagement}
        assert {"withdrew", "surprised", "taken-for-ad"} <= {row.metric.id for row in one.trust}
        assert not set(one.engagement) & set(one.trust)
        assert [row.metric.id for row in one.engagement if row.primary] == ["kept"]


def test_a_row_says_what_the_analysis_found_and_nothing_else() -> None:
    record = runs.record()
    first = next(rows.comparisons(record.experiment, cleared(record))).engagement[0]
    found = next(one for one in analyse(record).effects if one.metric == "kept")
    assert float(first.estimate) == round(found.estimate, len(first.estimate.split(".")[1]))
    assert first.differs == (not found.low <= 0 <= found.high)
    assert abs(float(first.treated) - float(first.control) - float(first.estimate)) < 0.011


def test_what_is_withheld_is_a_word_and_has_no_interval() -> None:
    few = runs.record(people=60)
    comparison = next(rows.comparisons(few.experiment, cleared(few)))
    row = next(one for one in comparison.trust if one.metric.id == "withdrew")
    assert (row.estimate, row.low, row.high, row.differs) == ("withheld", "", "", False)
    assert "under 10" in {row.control, row.treated}


def test_what_nobody_did_claims_no_certainty() -> None:
    few = runs.record(people=60)
    comparison = next(rows.comparisons(few.experiment, cleared(few)))
    row = next(one for one in comparison.trust if one.metric.id == "reported")
    assert (row.estimate, row.low, row.differs) == ("too few to compare", "", False)


def test_some_days_are_written_out_and_the_first_and_last_are_among_them() -> None:
    record = runs.record()
    effects = [one.told for one in cleared(record).effects if one.metric == "kept" and one.told]
    written = list(rows.days(record.experiment, effects))
    of_wider = [day for day, arm, *_ in written if arm == "Gap of 10"]
    assert (of_wider[0], of_wider[-1]) == (1, runs.DAYS)
    assert of_wider == sorted(set(of_wider))
    assert len(of_wider) <= 10


def test_every_stage_is_measured_by_the_first_one() -> None:
    steps = list(rows.funnel(cleared(runs.record()).funnel))
    assert (steps[0].share, steps[1].share, steps[1].before) == (100.0, 62.4, 100.0)
    shares = [one.share for one in steps]
    assert [one.before for one in steps] == [100.0, *shares[:-1]]


def test_a_stage_that_is_not_told_has_no_bar_to_be_measured() -> None:
    loss = ClearedLoss(why="said no", people=Hidden.UNDER)
    hidden = ClearedStage(title="Agreed", people=Hidden.WITHHELD, lost=(loss,))
    first = ClearedStage(title="In the service", people=100, lost=())
    last = ClearedStage(title="Shown", people=50, lost=())
    steps = list(rows.funnel([first, hidden, last]))
    assert [(one.share, one.before) for one in steps] == [(100, 100), (None, None), (50, 100)]


def test_a_stop_says_who_let_it_run_again() -> None:
    stop = Stop(arm="closer", day=9, at=runs.START, why="by hand", value=0, seq=7, by="Mara")
    lifted = replace(stop, lifted_day=11, lifted_by="Noor")
    record = replace(runs.record(), stops=(stop, lifted))
    first, second = rows.stops(record.experiment, cleared(record))
    assert (first.day, first.seq, first.lifted) == (9, 7, "")
    assert "by hand, Mara" in first.text
    assert second.lifted == "Let run again on day 11 by Noor."


def test_assumptions_are_written_with_what_came_of_them() -> None:
    written = list(rows.swings(runs.sensitivity()))
    assert written[0] == ("fatigue_decay", "0.5", "+0.30", "1.5", "+1.90")


def test_the_plan_is_told_lever_by_lever() -> None:
    told = dict(rows.facts(runs.record()))
    assert told["Gap of 6, share 1"] == "as the policy has it"
    assert told["Gap of 4, share 1"] == "posts between two: 4"
    assert told["People"] == "30.0 % of namespace page"
    assert told["Guardrail: Turned portraits off"] == "stops at 20, 5.0 % by chance"
    assert told["Seed"] == "7"
