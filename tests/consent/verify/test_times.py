# SPDX-License-Identifier: Apache-2.0
"""Time never goes back, whichever process read which tile."""

from hypothesis import given
from hypothesis import strategies as st

from consent.verify.findings import Findings
from consent.verify.times import check_times, span
from consent.verify.tree import WIDTH

START = 1_780_000_000_000_000


def entry(at: int) -> bytes:
    who = '"actor":"self",' if at % 2 else ""
    return f'{{{who}"at":{at},"t":"admin","v":1}}'.encode()


def found(log: list[bytes]) -> list[int]:
    tiles = [log[start : start + WIDTH] for start in range(0, len(log), WIDTH)]
    findings = Findings()
    spans = [span(number, tile) for number, tile in enumerate(tiles)]
    check_times(spans, lambda number: tiles[number], findings)
    return [one["seq"] for one in findings.found]


@given(st.lists(st.integers(-3, 9), min_size=1, max_size=700))
def test_every_entry_before_the_latest_so_far_is_found_across_tiles(steps: list[int]) -> None:
    at, times = START, []
    for step in steps:
        at += step
        times.append(at)
    late = [n for n, at in enumerate(times) if n and at < max(times[:n])]
    assert found([entry(at) for at in times]) == late


def test_an_entry_that_says_no_time_or_a_short_one_is_read_exactly() -> None:
    short = b'{"at":7,"t":"admin","v":1}'
    unknown = b'{"a":1,"at":9,"t":"admin","v":1}'
    assert found([short, b"nothing", unknown, short, entry(START), short]) == [3, 5]
