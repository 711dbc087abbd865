# SPDX-License-Identifier: Apache-2.0
"""When an arm ended, and what was known of it on which day."""

from feed.experiments.ends import NOBODY, as_of, ended, first_stopped, last, lifted, until
from tests.feed.experiments.runs import arm, stop, tally

LIFTED = stop("wider", 4, lifted=7)


def test_an_arm_ends_with_its_own_stop_or_with_all() -> None:
    stops = (stop("wider", 4), stop(None, 9))
    assert ended(stops, "wider") == 4
    assert ended(stops, "as-is") == 9
    assert ended((), "wider") is None


def test_an_arm_that_somebody_let_run_again_has_not_ended() -> None:
    assert ended((LIFTED,), "wider") is None
    assert lifted((LIFTED,), "wider") == 7
    assert first_stopped((LIFTED,), "wider") == 4
    assert lifted((), "wider") == 0


def test_on_an_earlier_day_nobody_knew_of_what_came_later() -> None:
    stops = (LIFTED, stop("other", 6))
    assert as_of(stops, 3) == ()
    assert as_of(stops, 5) == (stop("wider", 4),)
    assert as_of(stops, 7) == stops


def test_days_are_kept_up_to_one() -> None:
    days = [tally(day, {"wider": arm(day, 0)}) for day in (1, 2, 5)]
    assert [one.day for one in until(days, 2)] == [1, 2]
    assert until(days, None) == tuple(days)
    assert last(days, "wider").exposed == 5
    assert last(days, "other") == last((), "wider") == NOBODY
