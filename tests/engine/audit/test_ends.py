# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.verify import Changed, Decided, Done
from consent.words import DAY, HOUR
from engine.audit.ends import Ended, ended
from tests.consent.replay.histories import NOON, columns


def lived(gap: int | None, *, late: bool = False) -> Ended:
    """Say yes, have one thing done or none, turn it off so much later."""
    policy = "ab" * 32
    events = [Changed(0, NOON, "grant", "ada", "imagine", "explicit", None)]
    done = [
        Decided(1, None, NOON, "view", "imagine", "ada", policy, None, "x", {}),
        Done(2 if not late else 9, NOON, (1, None), "ada", "view", "x"),
    ]
    off = Changed(5, NOON + (gap or 0), "withdraw", "ada", "imagine", None, None)
    return ended(columns([*events, *(done if gap is not None else []), off]))  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("gap", "place"), [(0, 0), (HOUR - 1, 0), (HOUR, 1), (DAY, 2), (7 * DAY, 3), (900 * DAY, 3)]
)
def test_each_end_is_sorted_by_how_long_before_it_the_last_thing_was(gap: int, place: int) -> None:
    found = lived(gap)
    assert [count for _, count in found.before] == [int(n == place) for n in range(4)]
    assert (found.count, found.never, found.after) == (1, 0, 0)


def test_where_nothing_was_ever_done_that_is_said() -> None:
    assert (lived(None).never, lived(None).count) == (1, 1)


def test_what_comes_after_an_end_is_counted_apart() -> None:
    assert lived(0, late=True).after == 1
