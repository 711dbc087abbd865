# SPDX-License-Identifier: Apache-2.0
"""What stops an arm, and when: evidence, the ceiling, a split that is not as meant."""

import numpy as np
import pytest

from feed.experiments.harms import evidence, harm_stops
from feed.experiments.plan import Guardrail
from feed.experiments.record import Stop
from feed.experiments.tallies import Tally
from feed.statistics import harm
from tests.feed.experiments import runs
from tests.feed.experiments.runs import AT, arm, experiment, stop, tally
from tests.feed.statistics import looks

PLAN = experiment()


def _watched(plan: runs.Experiment, days: list[Tally], **given: int) -> list[Stop]:
    """Look every evening, as the feed and the simulator do."""
    stops: list[Stop] = []
    for count in range(1, len(days) + 1):
        stops += harm_stops(plan, days[:count], stops, at=AT, **given)
    return stops


def _harmful(times: float, seed: int = 3) -> list[Tally]:
    here, there = looks.daily(times, runs=1, seed=seed)
    return runs.days(PLAN, {"as-is": there[0].tolist(), "wider": here[0].tolist()})


def test_evidence_of_days_is_that_of_the_statistics_run_by_run() -> None:
    here, there = looks.daily(1.5, runs=1, seed=3)
    days = looks.stopped_by_evidence(here, there)
    stops = _watched(PLAN, _harmful(1.5))
    assert [(one.arm, one.day, one.why) for one in stops] == [("wider", days[0], "withdrew")]
    assert stops[0].value >= 20


def test_an_arm_that_does_no_harm_or_good_runs_to_its_end() -> None:
    assert _watched(PLAN, _harmful(1.0)) == []
    assert _watched(PLAN, _harmful(0.25)) == []


def test_evidence_is_judged_by_who_can_still_turn_them_off() -> None:
    days = [
        tally(1, {"as-is": arm(1_000, 10), "wider": arm(500, 20, left=80)}),
        tally(2, {"as-is": arm(1_000, 15), "wider": arm(500, 30, left=80)}),
    ]
    part = harm.parts([500, 400], [1_000, 990])
    expected = harm.log_process([20, 10], [30, 15], part)
    found = evidence("withdrew", days, "as-is", "wider")
    assert found == ((1, np.exp(expected[0])), (2, np.exp(expected[1])))


def test_without_a_day_there_is_no_evidence_and_nothing_to_stop() -> None:
    assert evidence("withdrew", [], "as-is", "wider") == ()
    assert harm_stops(PLAN, [], at=AT) == ()


def test_evidence_stays_a_number_however_plain_the_harm() -> None:
    days = [tally(1, {"as-is": arm(10**6, 0), "wider": arm(10**6, 10**5)})]
    assert np.isfinite(evidence("withdrew", days, "as-is", "wider")[0][1])


def test_another_guardrail_stops_by_people_to_whom_it_happened() -> None:
    plan = experiment(guardrails=(Guardrail(metric="hidden", level=0.01),))
    sums = {"as-is": (500, 10), "wider": (500, 40)}
    arms = {
        name: runs.ArmTally(
            assigned=n, exposed=n, withdrew=0, left=0, metrics={"hidden": runs.coins(n, y)}
        )
        for name, (n, y) in sums.items()
    }
    (found,) = harm_stops(plan, [tally(1, arms)], at=AT)
    assert (found.arm, found.why) == ("wider", "hidden")
    assert found.value >= 100


@pytest.mark.parametrize(("withdrew", "stopped"), [(4, False), (5, False), (6, True)])
def test_above_the_ceiling_an_arm_stops_whatever_the_control_does(
    withdrew: int, *, stopped: bool
) -> None:
    days = [tally(1, {"as-is": arm(500, 5), "wider": arm(500, withdrew)})]
    found = harm_stops(PLAN, days, at=AT, ceiling=10)
    assert [(one.arm, one.why, one.value) for one in found] == (
        [("wider", "ceiling", 1_000 * withdrew / 500)] if stopped else []
    )


def test_the_ceiling_counts_a_days_people_not_all_so_far() -> None:
    days = [
        tally(1, {"as-is": arm(500, 5), "wider": arm(500, 5)}),
        tally(2, {"as-is": arm(520, 9), "wider": arm(520, 11)}),
    ]
    (found,) = harm_stops(PLAN, days, at=AT, ceiling=10)
    assert found.value == 1_000 * 6 / 515


def test_days_that_nobody_looked_at_are_not_taken_for_one() -> None:
    before = tally(1, {"as-is": arm(500, 0), "wider": arm(500, 0)})
    after = {"as-is": arm(500, 3), "wider": arm(500, 9)}
    assert harm_stops(PLAN, [before, tally(3, after)], at=AT, ceiling=10) == ()
    (found,) = harm_stops(PLAN, [before, tally(2, after)], at=AT, ceiling=10)
    assert (found.arm, found.value) == ("wider", 18.0)


def test_one_persons_wish_is_no_rate() -> None:
    days = [tally(1, {"as-is": arm(30, 0), "wider": arm(30, 4)})]
    assert harm_stops(PLAN, days, at=AT, ceiling=10) == ()


def test_the_control_above_the_ceiling_ends_the_experiment() -> None:
    days = [tally(1, {"as-is": arm(500, 9), "wider": arm(500, 9)})]
    (found,) = harm_stops(PLAN, days, at=AT, ceiling=10)
    assert (found.arm, found.why) == (None, "ceiling")


def test_a_wrong_split_ends_the_experiment_before_anything_else_is_asked() -> None:
    days = [tally(1, {"as-is": arm(900, 9), "wider": arm(500, 90)})]
    (found,) = harm_stops(PLAN, days, at=AT, ceiling=10)
    assert (found.arm, found.why) == (None, "split")
    assert found.value < 0.001


def test_what_is_stopped_is_not_asked_again() -> None:
    days = [tally(2, {"as-is": arm(500, 5), "wider": arm(500, 60)})]
    assert len(harm_stops(PLAN, days, at=AT)) == 1
    for known in (stop("wider", 1), stop(None, 1)):
        assert harm_stops(PLAN, days, [known], at=AT) == ()


def test_an_arm_let_run_again_is_judged_by_what_happened_since() -> None:
    quiet = {"as-is": [5, 5, 5], "wider": [40, 5, 5]}
    again = {"as-is": [5, 5, 5], "wider": [40, 5, 40]}
    known = [stop("wider", 1, lifted=2)]
    assert harm_stops(PLAN, runs.days(PLAN, quiet), known, at=AT) == ()
    (found,) = harm_stops(PLAN, runs.days(PLAN, again), known, at=AT)
    assert found.day == 3


def test_each_arm_is_held_against_the_control_alone() -> None:
    plan = experiment(("a", "b", "c"))
    days = runs.days(plan, {"a": [10] * 8, "b": [40] * 8, "c": [10] * 8})
    assert {one.arm for one in _watched(plan, days)} == {"b"}


@pytest.mark.slow
def test_a_thousand_experiments_without_harm_are_hardly_ever_stopped() -> None:
    """30 looks each, by the very function that the feed and the simulator ask."""
    here, there = looks.daily(1.0, runs=1_000, seed=21)
    stopped = [
        _watched(PLAN, runs.days(PLAN, {"as-is": b.tolist(), "wider": a.tolist()}))
        for a, b in zip(here, there, strict=True)
    ]
    whys = [stops[0].why for stops in stopped if stops]
    print(f"{len(whys)} of 1,000 stopped: {sorted(set(whys))}")  # noqa: T201
    assert len(whys) <= 50
