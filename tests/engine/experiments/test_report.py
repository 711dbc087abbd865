# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from engine.experiments.report import Report, build
from feed.experiments.analysis import analyse
from feed.experiments.record import Record
from tests.engine.experiments import runs


def report(record: Record) -> Report:
    return build(record, analyse(record))


def test_a_whole_run_is_laid_out_in_every_part() -> None:
    made = report(runs.guarded())
    assert [one.metric.id for one in made.guards] == ["withdrew", "fewer"]
    assert made.effect is not None
    assert [one.title for one in made.effect.panels] == ["Gap of 10", "Gap of 4"]
    assert len(made.comparisons) == 2
    assert len(made.funnel) == 4
    assert made.reliability is not None
    assert [one.arm.id for one in made.sensitivity] == ["wider"]
    assert made.off_policy is not None
    assert made.with_truth
    assert made.stops


def test_an_invalid_split_shows_no_effect_and_no_evidence_at_all() -> None:
    made = report(runs.uneven())
    assert made.analysis.state == "invalid"
    assert (made.guards, made.effect, made.effect_take, made.days) == ((), None, "", ())
    assert (made.comparisons, made.sensitivity) == ((), ())
    assert "not split as meant" in made.verdict.title


def test_a_run_that_has_counted_nobody_is_shown_as_that() -> None:
    empty = replace(runs.record(), days=(), funnel=(), reliability=(), off_policy=())
    made = report(empty)
    assert made.verdict.title == "Too few people to say anything"
    assert (made.effect, made.reliability, made.off_policy) == (None, None, None)


def test_single_outcomes_are_told_apart_from_what_a_ranker_is_worth() -> None:
    one, *rest = runs.off_policy()
    made = report(replace(runs.record(), off_policy=(replace(one, outcome="engage"), *rest)))
    assert [found.outcome for found in made.by_head] == ["engage"]
    assert len(made.valued) == 2


def test_equal_runs_make_equal_reports() -> None:
    assert report(runs.guarded()) == report(runs.guarded())


def test_where_the_primary_figure_is_withheld_what_differs_is_drawn_instead() -> None:
    asked = replace(runs.record(people=400), experiment=runs.plan(primary="reported"))
    made = report(asked)
    assert "withheld" in made.effect_take
    assert made.effect is not None
    assert made.effect_metric != made.primary
    assert made.effect_metric.trust
