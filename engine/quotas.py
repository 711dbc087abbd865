# SPDX-License-Identifier: Apache-2.0
"""How many packs a person may still have made: counted from their jobs, under the log head.

Rules:
1. a day is the last 24 hours, or the calendar day of this installation's zone, as the policy says
2. the time is the ledger's, which never goes back: a clock that is set back frees nothing
3. what was ordered counts, whatever became of it; an order that was refused left no row
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from consent.errors import Misused
from consent.policy import PackRules, Window
from consent.words import DAY, Micros, Reason

LONGEST_DAY: Final = 2 * DAY
"""No calendar day is longer, whatever a zone does to its clocks."""
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


def zone_of(name: str) -> tzinfo:
    """Find a time zone by its name. Errors: Misused(unknown-key) for one that is none."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Misused(Reason.UNKNOWN_KEY, f"no time zone {name!r}") from unknown


def left(rules: PackRules, ordered: list[Micros], now: Micros, zone: tzinfo) -> int:
    """Say how many packs may be ordered now, after those `ordered` in the last days."""
    used = sum(_counts(rules.window, at, now, zone) for at in ordered)
    return max(0, rules.per_day - used)


def _counts(window: Window, at: Micros, now: Micros, zone: tzinfo) -> bool:
    if window == "rolling-24h":
        return at > now - DAY
    return _day(at, zone) == _day(now, zone)


def _day(at: Micros, zone: tzinfo) -> date:
    return (_START + timedelta(microseconds=at)).astimezone(zone).date()
