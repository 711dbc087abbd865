# SPDX-License-Identifier: Apache-2.0
"""The harm guardrail: the closed form's golden numbers, no false alarms, real harm seen early."""

import numpy as np
import pytest
from scipy import special, stats

from feed.statistics import harm
from tests.feed.statistics import looks

GOLDEN = ((0, 0, 1.0), (10, 20, 0.5678300168801068), (15, 20, 6.393536587803121))
"""x, k and E, by an independent computation."""
FIRST_OVER = {10: 10, 20: 17, 50: 35, 100: 64, 200: 120, 500: 284, 1_000: 549}
"""The smallest x with E >= 20 for k events."""


@pytest.mark.parametrize(("x", "k", "expected"), GOLDEN)
def test_the_closed_form_gives_the_golden_numbers(x: int, k: int, expected: float) -> None:
    assert np.exp(harm.log_evidence(x, k)) == pytest.approx(expected, rel=1e-12)
    process = harm.log_process([x], [k], 0.5)
    assert np.exp(process[0]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("k", "smallest"), FIRST_OVER.items())
def test_it_takes_so_many_events_to_stop_an_arm(k: int, smallest: int) -> None:
    x = np.arange(k + 1)
    for logs in (harm.log_evidence(x, k), _one_day(x, k)):
        assert x[np.exp(logs) >= 20][0] == smallest


def test_fewer_than_ten_events_stop_nothing() -> None:
    k = np.arange(10)
    assert float(np.exp(harm.log_evidence(k, k)).max()) < 20


@pytest.mark.parametrize("k", [1, 10, 100])
def test_without_harm_evidence_is_one_on_average(k: int) -> None:
    x = np.arange(k + 1)
    chance = stats.binom.pmf(x, k, 0.5)
    assert chance @ np.exp(harm.log_evidence(x, k)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("part", [0.1, 0.5, 2 / 3])
def test_it_is_one_on_average_for_arms_of_any_size(part: float) -> None:
    x = np.arange(101)
    chance = stats.binom.pmf(x, 100, part)
    for mixture in (harm.BETA, harm.points(1.1, 1.25, 1.5, 2, 3)):
        values = np.exp(harm.log_process(x[:, None], np.full((101, 1), 100), part, mixture))[:, 0]
        assert chance @ values == pytest.approx(1.0, abs=1e-10)


def test_ties_drawn_without_replacement_lessen_the_evidence() -> None:
    x = np.arange(41)
    chance = stats.hypergeom.pmf(x, 80, 40, 40)  # 40 of 80 people had the event in one day
    values = np.exp(harm.log_process(x[:, None], np.full((41, 1), 40), 0.5))[:, 0]
    assert chance @ values < 1.0


def test_evidence_rises_with_each_event_in_the_arm() -> None:
    assert np.all(np.diff(harm.log_evidence(np.arange(201), 200)) > 0)


def test_points_agree_with_the_closed_form() -> None:
    x = np.arange(1_001)
    np.testing.assert_allclose(_one_day(x, 1_000), harm.log_evidence(x, 1_000), atol=1e-10)


def test_a_much_better_arm_gathers_no_evidence() -> None:
    """As 1 less the lower tail it is rounding noise, and an arm with no events is stopped."""
    k = np.array([50, 400, 2_000])
    lower = special.betainc(harm._PRIOR, harm._PRIOR + k, 0.5)
    noise = np.clip(1.0 - lower, 1e-15, None)
    whole = special.betaln(harm._PRIOR, harm._PRIOR + k) - special.betaln(5, 5)
    trap = whole + np.log(noise) - np.log(0.5) + k * np.log(2.0)
    assert trap[1] > np.log(20)
    assert np.all(harm.log_evidence(0, k) < 0)
    assert np.all(harm.log_process(np.zeros((1, 3)), k[None, :], 0.5) < 0)


def test_events_far_from_any_chance_are_no_error() -> None:
    assert harm.log_evidence(0, 10**6) == -np.inf


def test_an_arm_without_anybody_to_compare_is_no_evidence() -> None:
    assert harm.parts([0, 5, 0], [0, 0, 5]).tolist() == [1.0, 1.0, 0.0]
    assert harm.log_process([3], [3], [1.0])[0] == pytest.approx(0.0, abs=1e-12)


def test_an_arm_that_does_no_harm_is_hardly_ever_stopped() -> None:
    assert looks.share(looks.stopped_by_evidence(*looks.daily(1.0))) <= 0.05


def test_a_fixed_test_at_every_look_stops_one_in_four() -> None:
    """The guard taken off: if this passed the limit above, that test would show nothing."""
    assert looks.share(looks.stopped_by_a_fixed_test(*looks.daily(1.0))) == pytest.approx(
        0.273, abs=0.03
    )


def test_half_as_much_again_is_stopped_within_ten_days() -> None:
    days = looks.stopped_by_evidence(*looks.daily(1.5))
    assert looks.share(days) >= 0.95
    assert np.median(days) <= 10


@pytest.mark.parametrize("times", [0.5, 0.25])
def test_a_better_arm_is_never_stopped(times: float) -> None:
    assert looks.share(looks.stopped_by_evidence(*looks.daily(times, runs=1_000))) == 0.0


def test_people_who_come_in_daily_and_arms_of_unequal_size_stop_as_rarely() -> None:
    """Who comes in leaves most readily on the first day, and a third are in the arm."""
    arm, control, at_risk = _entering(sizes=(100, 200), hazards=(0.03, 0.002), times=1.0)
    logs = harm.log_process(arm, arm + control, harm.parts(*at_risk))
    assert looks.share(looks.first_day(logs >= np.log(20))) <= 0.05


def test_harm_to_the_smaller_arm_is_seen() -> None:
    arm, control, at_risk = _entering(sizes=(100, 200), hazards=(0.03, 0.002), times=2.0)
    logs = harm.log_process(arm, arm + control, harm.parts(*at_risk))
    days = looks.first_day(logs >= np.log(20))
    assert looks.share(days) >= 0.95
    assert np.median(days) <= 15


@pytest.mark.slow
@pytest.mark.parametrize(
    ("times", "share", "median"),
    [(1.0, 0.019, None), (1.25, 0.58, 25.5), (1.5, 0.998, 7), (2.0, 1.0, 3)],
)
def test_the_table_of_false_stops_and_power_is_reproduced(
    times: float, share: float, median: float | None
) -> None:
    days = looks.stopped_by_evidence(*looks.daily(times, seed=11))
    print(f"x{times}: {looks.share(days):.4f} stopped, median day {np.median(days)}")  # noqa: T201
    assert looks.share(days) == pytest.approx(share, abs=0.03)
    assert median is None or np.median(days) == pytest.approx(median, abs=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("times", "share", "median"),
    [(1.0, 0.037, None), (1.25, 0.52, 30), (1.5, 0.987, 15), (2.0, 1.0, 8)],
)
def test_the_safe_log_rank_is_reproduced(times: float, share: float, median: float | None) -> None:
    """500 come into each arm a day, one in 1,000 at risk leaves a day, a look after each event."""
    arm, control, at_risk = _entering(
        sizes=(500, 500), hazards=(0.001, 0.001), times=times, runs=2_000
    )
    labels, events, part, day = _one_by_one(arm, control, at_risk)
    five = harm.points(1.1, 1.25, 1.5, 2, 3)
    place = looks.first_day(harm.log_process(labels, events, part, five) >= np.log(20))
    stopped = np.isfinite(place)
    days = np.full(len(place), np.inf)
    days[stopped] = day[stopped, place[stopped].astype(int) - 1]
    print(f"x{times}: {looks.share(days):.4f} stopped, median day {np.median(days)}")  # noqa: T201
    assert looks.share(days) == pytest.approx(share, abs=0.03)
    assert median is None or np.median(days) == pytest.approx(median, abs=2)


def _one_day(x: looks.Counts, k: int) -> harm.Floats:
    return harm.log_process(x[:, None], np.full((len(x), 1), k), 0.5)[:, 0]


def _entering(
    *,
    sizes: tuple[int, int],
    hazards: tuple[float, float],
    times: float,
    runs: int = 1_000,
) -> tuple[looks.Counts, looks.Counts, tuple[looks.Counts, looks.Counts]]:
    """Let people in every day, each to an arm by chance; draw who has the event, day by day."""
    generator = np.random.Generator(np.random.Philox(5))
    whole, here = sum(sizes), sizes[0] / sum(sizes)
    joined = generator.binomial(whole, here, (runs, looks.DAYS))
    new = (joined, whole - joined)
    events, at_risk = zip(
        *(
            _living(generator, one, hazards, factor)
            for one, factor in zip(new, (times, 1.0), strict=True)
        ),
        strict=True,
    )
    return events[0], events[1], at_risk


def _living(
    generator: np.random.Generator,
    new: looks.Counts,
    hazards: tuple[float, float],
    times: float,
) -> tuple[looks.Counts, looks.Counts]:
    runs, days = new.shape
    events, at_risk = np.zeros_like(new), np.zeros_like(new)
    older = np.zeros(runs, np.int64)
    for day in range(days):
        fresh = generator.binomial(new[:, day], hazards[0] * times)
        gone = generator.binomial(older, hazards[1] * times)
        at_risk[:, day], events[:, day] = new[:, day] + older, fresh + gone
        older += new[:, day] - fresh - gone
    return events, at_risk


def _one_by_one(
    arm: looks.Counts, control: looks.Counts, at_risk: tuple[looks.Counts, looks.Counts]
) -> tuple[harm.Floats, harm.Floats, harm.Floats, looks.Counts]:
    """Put the events of each day in a random order; whoever had one is at risk no more."""
    generator = np.random.Generator(np.random.Philox(6))
    shape = len(arm), int((arm + control).sum(axis=1).max())
    labels, events, part = np.zeros(shape), np.zeros(shape), np.full(shape, 0.5)
    days = np.zeros(shape, np.int64)
    for run in range(len(arm)):
        done = 0
        for day in range(looks.DAYS):
            here, there = arm[run, day], control[run, day]
            order = generator.permutation(np.repeat([1.0, 0.0], [here, there]))
            before = np.cumsum(order) - order
            left = at_risk[0][run, day] + at_risk[1][run, day] - np.arange(len(order))
            place = slice(done, done + len(order))
            labels[run, place], events[run, place], days[run, place] = order, 1.0, day + 1
            part[run, place] = (at_risk[0][run, day] - before) / left
            done += len(order)
    return labels, events, part, days
