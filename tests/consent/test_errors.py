# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.errors import Broken, Closed, Denied, Misused, OnlyouError
from consent.words import Purpose, Reason, Seq, Step


@pytest.mark.parametrize("kind", [Denied, Misused, Broken])
def test_every_error_says_one_sentence_with_a_reason(kind: type[OnlyouError]) -> None:
    error = kind(Reason.UNAVAILABLE, "the keys are not there")
    assert isinstance(error, OnlyouError)
    assert (error.reason, error.sentence, str(error)) == (
        Reason.UNAVAILABLE,
        "the keys are not there",
        "the keys are not there",
    )


def test_a_closed_door_tells_which_door_and_where_it_is_logged() -> None:
    door = Denied(
        Reason.NOT_GRANTED,
        "you have not said yes",
        step=Step.INSERT,
        purpose=Purpose.FEED_INSERT,
        seq=Seq(12),
    )
    assert (door.step, door.purpose, door.seq) == (Step.INSERT, Purpose.FEED_INSERT, 12)


def test_a_closed_door_is_neither_misuse_nor_breakage() -> None:
    assert not issubclass(Denied, Misused | Broken)


def test_a_log_that_has_moved_is_unavailable_here_and_says_so() -> None:
    moved = Closed()
    assert isinstance(moved, Broken)
    assert (moved.reason, moved.sentence) == (
        Reason.UNAVAILABLE,
        "this log is moving, or has moved; try again",
    )
