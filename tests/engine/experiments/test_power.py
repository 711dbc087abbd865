# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from engine.experiments.power import Question, answer, answers, usual
from engine.experiments.report import build
from feed.experiments.analysis import analyse
from tests.engine.experiments import runs

HALF_MORE = Question(base=0.02, times=1.5, per_day=500, days=30)


def test_half_as_much_harm_again_is_stopped_in_time() -> None:
    found = answer(HALF_MORE)
    assert float(found.stopped.removesuffix(" %")) >= 95
    assert int(found.median.removeprefix("day ")) <= 10


def test_looking_every_day_takes_more_people_than_looking_once() -> None:
    found = answer(HALF_MORE)
    assert int(found.daily.replace(",", "")) > int(found.once.replace(",", ""))


def test_what_nobody_could_notice_is_never_stopped() -> None:
    few = replace(HALF_MORE, base=0.001, per_day=5, days=7)
    assert (answer(few).stopped, answer(few).median) == ("0.0 %", "never")


def test_harm_beyond_everybody_is_not_asked_about() -> None:
    asked = replace(HALF_MORE, base=0.6, per_day=20)
    assert [one.times for one in answers(asked)] == ["1.25", "1.5"]
    with pytest.raises(ValueError, match="shares of people"):
        answer(replace(asked, times=2.0))


def test_a_report_asks_for_as_many_people_as_it_had() -> None:
    made = build(runs.record(), analyse(runs.record()))
    control = made.analysis.arms[0]
    asked = usual(made)
    assert asked.base == pytest.approx(control.withdrew / control.exposed, abs=1e-4)
    assert asked.per_day == control.exposed // runs.DAYS


def test_a_report_that_may_not_tell_asks_for_two_in_a_hundred() -> None:
    few = runs.record(people=60)
    assert usual(build(few, analyse(few))).base == 0.02
