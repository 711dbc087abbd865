# SPDX-License-Identifier: Apache-2.0
from itertools import pairwise

from engine.experiments.charts.history import history
from engine.experiments.charts.scales import LEFT, RIGHT
from engine.experiments.shapes import ClearedArm
from feed.experiments.plan import Ramp


def arm(name: str, stopped: int | None = None) -> ClearedArm:
    return ClearedArm(
        id=name, title=name, subjects=10, exposed=10, withdrew=0, left=0, stopped_day=stopped
    )


def test_a_bar_is_as_long_as_an_arm_ran() -> None:
    drawn = history([arm("control"), arm("closer", 9)], (Ramp(day=1, percent=100),), 20, 30)
    control, closer = drawn.runs
    assert LEFT < closer.x + closer.width < control.x + control.width < RIGHT
    assert closer.x + closer.width + closer.rest == RIGHT
    assert (control.stopped, control.told) == (False, "day 20")
    assert (closer.stopped, closer.told) == (True, "stopped on day 9")
    assert drawn.ramp == ()


def test_what_was_stopped_as_a_whole_stops_every_arm() -> None:
    drawn = history([arm("control"), arm("closer")], (), 20, 30, ended=4)
    assert {run.told for run in drawn.runs} == {"stopped on day 4"}


def test_steps_of_a_ramp_are_named_without_touching() -> None:
    ramp = tuple(Ramp(day=day, percent=25 * day) for day in (1, 2, 3, 4))
    steps = history([arm("control")], ramp, 30, 30).ramp
    assert [one.text for one in steps] == ["25 %", "50 %", "75 %", "100 %"]
    places = [one.text_x for one in steps]
    assert all(b - a >= 40 for a, b in pairwise(places))
    assert all(one.text_x >= one.x for one in steps)
