# SPDX-License-Identifier: Apache-2.0
"""How many packs are left: over both kinds of day, and over the nights in which clocks change."""

from dataclasses import replace
from pathlib import Path

import pytest

from consent import policies
from consent.errors import Misused
from consent.policy import PackRules, Window
from consent.words import HOUR, SECOND, Micros, parse_rfc3339
from engine import quotas, wiring
from engine.settings import Settings

ONE = replace(policies.load("strict-opt-in").packs, per_day=1)


def of(window: Window, per_day: int = 1) -> PackRules:
    return replace(ONE, window=window, per_day=per_day)


def left(rules: PackRules, at: str, now: str, zone: str = "Europe/Berlin") -> int:
    ordered = [parse_rfc3339(at)] if at else []
    return quotas.left(rules, ordered, parse_rfc3339(now), quotas.zone_of(zone))


def test_a_rolling_day_has_24_hours_to_the_microsecond() -> None:
    ordered, rules = Micros(100 * HOUR), of("rolling-24h")
    for later, found in ((0, 0), (24 * HOUR - 1, 0), (24 * HOUR, 1)):
        now = Micros(ordered + later)
        assert quotas.left(rules, [ordered], now, quotas.zone_of("UTC")) == found


def test_a_calendar_day_ends_at_midnight_where_the_installation_is() -> None:
    rules = of("calendar-day")
    ordered = "2026-06-01T21:30:00Z"  # 23:30 in Berlin
    assert left(rules, ordered, "2026-06-01T21:59:59Z") == 0
    assert left(rules, ordered, "2026-06-01T22:00:00Z") == 1
    assert left(rules, ordered, "2026-06-01T22:00:00Z", zone="UTC") == 0


@pytest.mark.parametrize(
    ("midnight", "next_midnight", "hours"),
    [
        ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23),  # clocks go forward
        ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25),  # clocks go back
    ],
)
def test_the_day_on_which_clocks_change_is_one_day(
    midnight: str, next_midnight: str, hours: int
) -> None:
    begins, ends = parse_rfc3339(midnight), parse_rfc3339(next_midnight)
    assert ends - begins == hours * HOUR
    zone = quotas.zone_of("Europe/Berlin")
    for rules, at_end in ((of("calendar-day"), 1), (of("rolling-24h"), int(hours >= 24))):
        assert quotas.left(rules, [begins], ends, zone) == at_end
    before = Micros(ends - SECOND)
    assert quotas.left(of("calendar-day"), [begins], before, zone) == 0
    assert quotas.left(of("rolling-24h"), [begins], before, zone) == int(hours == 25)


def test_what_was_ordered_counts_up_to_what_the_policy_allows_and_no_further() -> None:
    now, zone = Micros(100 * HOUR), quotas.zone_of("UTC")
    for per_day in (0, 1, 2):
        for ordered in range(4):
            found = quotas.left(of("rolling-24h", per_day), [now] * ordered, now, zone)
            assert found == max(0, per_day - ordered)


@pytest.mark.parametrize("name", ["Middle/Earth", "", "../etc/passwd", "/etc/passwd"])
def test_a_zone_that_is_none_is_the_operators_fault(name: str) -> None:
    with pytest.raises(Misused, match="no time zone"):
        quotas.zone_of(name)


def test_an_installation_is_not_set_up_in_a_zone_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="Middle/Earth"):
        wiring.check(Settings(home=tmp_path, zone="Middle/Earth"))
    wiring.check(Settings(home=tmp_path, zone="Europe/Berlin"))
