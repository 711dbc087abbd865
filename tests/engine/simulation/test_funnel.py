# SPDX-License-Identifier: Apache-2.0
"""The funnel adds up: whoever is not at a stage is counted once, where they stayed."""

from itertools import pairwise

from engine.simulation.counts import NO_ARM
from engine.simulation.funnel import Steps, funnel
from feed.experiments.record import Stage
from tests.engine.simulation.trials import cohort


def stages(times: int = 1) -> tuple[Stage, ...]:
    steps = [
        Steps(agreed=one.agreed, in_arm=one.counts.arm != NO_ARM, block=one.block)
        for one in cohort().groups
    ]
    return funnel(steps * times)


def test_what_is_lost_and_who_is_left_are_the_stage_before() -> None:
    for before, here in pairwise(stages()):
        assert here.people + sum(loss.people for loss in here.lost) == before.people
        assert 0 < here.people <= before.people


def test_it_begins_with_everybody_and_ends_with_who_was_shown_one() -> None:
    first, *_, last = stages()
    assert first.people == 2_000
    counted = sum(
        int(((g.counts.arm != NO_ARM) & (g.block.counted["shown"] > 0)).sum())
        for g in cohort().groups
    )
    assert last.people == counted


def test_consent_is_a_step_of_its_own_with_its_reasons() -> None:
    (asked,) = [stage for stage in stages() if "Portraits" in stage.title]
    lost = {loss.why: loss.people for loss in asked.lost}
    assert set(lost) == {"said not now", "said no", "said no to the preview"}
    assert all(lost.values())


def test_blocks_are_added_up() -> None:
    for once, twice in zip(stages(), stages(times=2), strict=True):
        assert twice.people == 2 * once.people
        assert [loss.people for loss in twice.lost] == [2 * loss.people for loss in once.lost]


def test_nobody_makes_an_empty_funnel() -> None:
    assert funnel([]) == ()
