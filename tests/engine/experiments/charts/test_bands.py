# SPDX-License-Identifier: Apache-2.0
import re

from engine.experiments.charts.bands import bands
from engine.experiments.charts.scales import LEFT, RIGHT
from feed.experiments.readings import Effect, Point

TITLES = {"control": "Gap of 6", "wider": "Gap of 10", "closer": "Gap of 4"}


def effect(arm: str, estimate: float, days: int = 30) -> Effect:
    series = tuple(
        Point(day=day, estimate=estimate, low=estimate - 9 / day, high=estimate + 9 / day)
        for day in range(1, days + 1)
    )
    return Effect(
        metric="kept", arm=arm, against="control", control=90, treated=90 + estimate,
        estimate=estimate, low=series[-1].low, high=series[-1].high, fixed_low=0, fixed_high=0,
        p=0.5, p_adjusted=0.5, method="ratio", series=series,
    )  # fmt: skip


def numbers(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


def test_every_arm_has_a_panel_on_one_scale_of_its_own_height() -> None:
    drawn = bands([effect("wider", 1.2), effect("closer", -2.4)], TITLES, 30)
    first, second = drawn.panels
    assert [first.title, second.title] == ["Gap of 10", "Gap of 4"]
    assert [first.ink, second.ink] == ["a", "b"]
    assert first.ground < second.top
    assert first.zero - first.top == second.zero - second.top
    assert [tick.text for tick in first.ticks] == [tick.text for tick in second.ticks]


def test_the_band_holds_the_line_and_stays_within_its_panel() -> None:
    (panel,) = bands([effect("wider", 1.2)], TITLES, 30).panels
    band, line = numbers(panel.band), numbers(panel.line)
    assert len(band) == 2 * len(line) == 60
    edges = zip(band[:30], reversed(band[30:]), strict=True)
    for (x, y), ((up_x, up), (down_x, down)) in zip(line, edges, strict=True):
        assert x == up_x == down_x
        assert panel.top <= up <= y <= down <= panel.ground
        assert LEFT <= x <= RIGHT


def test_zero_is_always_shown_and_what_is_above_it_helps() -> None:
    (panel,) = bands([effect("wider", 5.0)], TITLES, 30).panels
    assert [tick.at for tick in panel.ticks if not tick.text.strip("0.")] == [panel.zero]
    assert panel.top <= panel.end[1] < panel.zero <= panel.ground
    assert panel.label == "+5.00"


def test_an_arm_that_ended_early_is_named_where_it_ended() -> None:
    (panel,) = bands([effect("wider", 1.2, days=9)], TITLES, 30).panels
    assert (panel.anchor, panel.label_at[0]) == ("start", panel.end[0] + 10)


def test_nothing_to_compare_is_an_empty_drawing() -> None:
    assert bands([], TITLES, 30).panels == ()
