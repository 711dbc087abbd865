# SPDX-License-Identifier: Apache-2.0
import re
from dataclasses import replace

from engine.experiments.charts.evidence import evidence
from engine.experiments.charts.scales import RIGHT, WIDTH
from engine.experiments.shapes import ClearedHarm, Zone

TITLES = {"control": "Gap of 6", "wider": "Gap of 10", "closer": "Gap of 4"}


def harm(
    arm: str, *values: float, stopped: int | None = None, zones: tuple[Zone, ...] = ()
) -> ClearedHarm:
    known: list[Zone] = ["past" if v >= 20 else "some" if v > 1 else "none" for v in values]
    return ClearedHarm(
        metric="withdrew",
        arm=arm,
        e_value=values[-1] if values else None,
        past="past" in (*known, *zones)[-1:],
        threshold=20.0,
        stopped_day=stopped,
        series=tuple(enumerate(values, 1 + len(zones))),
        zones=tuple(enumerate((*zones, *known), 1)),
    )


def test_the_axis_always_shows_one_and_what_stops_an_arm() -> None:
    for values in ((0.9, 0.8), (0.9, 36.9), (1e-9, 1e30)):
        drawn = evidence([harm("wider", *values)], TITLES, 30)
        assert "1" in [tick.text for tick in drawn.ticks]
        assert drawn.top < drawn.limit.at < drawn.ground
        assert drawn.limit.text == "stop at 20"


def test_more_evidence_stands_higher_and_nothing_leaves_the_drawing() -> None:
    drawn = evidence([harm("wider", 0.5, 1e-12), harm("closer", 1.0, 1e200)], TITLES, 30)
    low, high = drawn.lines
    assert drawn.top <= high.end[1] < low.end[1] <= drawn.ground
    assert all(0 <= line.label_at[0] <= WIDTH for line in drawn.lines)


def test_an_arm_that_was_stopped_ends_there_and_is_named_so() -> None:
    series = [0.9, 3.0, 36.9]
    drawn = evidence([harm("wider", *[0.9] * 30), harm("closer", *series, stopped=3)], TITLES, 30)
    wider, closer = drawn.lines
    assert (closer.stopped, closer.label) == (True, "Gap of 4: stopped at 37")
    assert (wider.stopped, wider.end[0]) == (False, RIGHT)
    assert drawn.after == closer.end[0] < RIGHT
    assert (wider.ink, closer.ink) == ("a", "b")


def test_an_arm_of_which_too_few_did_it_has_no_line() -> None:
    drawn = evidence([harm("wider"), harm("closer", 1.0, 2.0)], TITLES, 30)
    assert [line.label for line in drawn.lines] == ["Gap of 4: 2.0"]


def test_days_that_may_not_be_told_are_drawn_by_their_zone_alone() -> None:
    zones: tuple[Zone, ...] = ("none", "some", "past")
    drawn = evidence([harm("closer", zones=zones, stopped=3)], TITLES, 30)
    (line,) = drawn.lines
    assert line.path == ""
    heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", line.rough)]
    one = next(tick.at for tick in drawn.ticks if tick.text == "1")
    assert heights[0] > one > heights[1] == heights[2] > drawn.limit.at > heights[3] > drawn.top
    assert (line.label, line.stopped) == ("Gap of 4: stopped, past 20", True)


def test_a_line_goes_faint_and_back_without_a_break() -> None:
    mixed = replace(harm("wider", 1.0, 1.5, 2.0, 3.0, 4.0), series=((1, 1.0), (4, 3.0), (5, 4.0)))
    (line,) = evidence([mixed], TITLES, 30).lines
    assert (line.rough.count("M"), line.path.count("M")) == (3, 1)
    assert line.rough.rpartition("L")[2] == line.path.removeprefix("M").partition(" L")[0]
    assert line.label == "Gap of 10: 4.0"


def test_what_stops_an_arm_is_named_where_no_line_passes_it() -> None:
    early = evidence([harm("closer", 1.0, 30.0, stopped=2)], TITLES, 30)
    late = evidence([harm("closer", *[1.0] * 28, 30.0, stopped=29)], TITLES, 30)
    assert (early.limit_left, late.limit_left) == (False, True)
