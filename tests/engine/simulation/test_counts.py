# SPDX-License-Identifier: Apache-2.0
"""What is counted of simulated people: from their exposure, until they leave, as whole numbers."""

import numpy as np

from engine.simulation.counts import Counts, joined
from feed.experiments.plan import Experiment
from feed.experiments.tallies import ArmTally
from tests.engine.simulation.trials import cohort, plan

NAMES = (
    "visits", "shown", "engaged", "kept", "hidden", "fewer", "reported", "surprised", "knew_why",
    "taken_for_ad", "seconds",
)  # fmt: skip
SMALL = plan({"per_week": 1})


def counted(**given: list[int]) -> dict[str, np.ndarray]:
    return {name: np.array(given.get(name, [0, 0, 0])) for name in NAMES}


def begun() -> Counts:
    counts = Counts.begin(np.array([4, 5, 6]))
    counts.arm = np.array([0, 1, 1])
    return counts


def nobody() -> np.ndarray:
    return np.zeros(3, np.bool_)


def everybody() -> np.ndarray:
    return np.ones(3, np.bool_)


def arm(counts: Counts, name: str, experiment: Experiment = SMALL) -> ArmTally:
    return counts.tally(experiment)[name]


def test_what_was_done_before_exposure_does_not_count() -> None:
    counts = begun()
    counts.add(counted(visits=[1, 2, 3]), nobody(), nobody(), everybody())
    some = np.array([True, True, False])
    counts.add(counted(visits=[2, 5, 9]), nobody(), some, everybody())
    assert arm(counts, "control").metrics["visits"].y == 1
    assert arm(counts, "arm-1").metrics["visits"].y == 3
    assert (arm(counts, "arm-1").assigned, arm(counts, "arm-1").exposed) == (2, 1)


def test_whoever_leaves_stays_in_the_sums_as_they_were_and_adds_nothing() -> None:
    counts = begun()
    counts.add(counted(shown=[1, 1, 1]), nobody(), everybody(), everybody())
    counts.leave(np.array([False, True, False]))
    gone = np.array([False, True, False])
    counts.add(counted(shown=[2, 9, 2]), gone, nobody(), everybody())
    theirs = arm(counts, "arm-1")
    assert (theirs.exposed, theirs.left, theirs.withdrew) == (2, 1, 0)
    assert theirs.metrics["shown"].y == 1 + 2


def test_an_arm_that_was_stopped_is_counted_up_to_its_stop() -> None:
    counts = begun()
    counts.add(counted(shown=[1, 1, 0]), nobody(), np.array([True, True, False]), everybody())
    counts.add(counted(shown=[5, 5, 5]), everybody(), everybody(), counts.arm == 0)
    assert arm(counts, "control").metrics["shown"].y == 5
    theirs = arm(counts, "arm-1")
    assert (theirs.exposed, theirs.withdrew, theirs.metrics["shown"].y) == (1, 0, 1)


def test_a_metric_is_summed_over_people_against_what_it_is_told_per() -> None:
    counts = begun()
    did = counted(visits=[7, 2, 3], shown=[3, 2, 4], hidden=[1, 0, 2], seconds=[9, 0, 11])
    counts.add(did, np.array([False, True, True]), everybody(), everybody())
    sums = arm(counts, "arm-1").metrics
    visits, hidden, time = sums["visits"], sums["hidden"], sums["seconds-to-hide"]
    assert (visits.n, visits.y, visits.yy, visits.d, visits.x, visits.xx, visits.xy) == (
        2, 5, 13, 2, 11, 61, 28,
    )  # fmt: skip
    assert (hidden.any, hidden.y, hidden.d, hidden.dd, hidden.yd) == (1, 2, 6, 20, 8)
    assert (time.y, time.d) == (11, 2)
    assert (sums["withdrew"].y, sums["withdrew"].d) == (2, 2)


def test_blocks_of_people_add_up_to_all_of_them() -> None:
    (whole,) = (group.counts for group in cohort().groups)
    experiment, half = plan(days=6), len(whole.arm) // 2
    parts = [_part(whole, slice(0, half)), _part(whole, slice(half, None))]
    assert joined(part.tally(experiment) for part in parts) == whole.tally(experiment)


def _part(of: Counts, where: slice) -> Counts:
    part = Counts.begin(of.before[where])
    part.arm, part.exposed, part.left = of.arm[where], of.exposed[where], of.left[where]
    part.done = {name: did[where] for name, did in of.done.items()}
    return part
