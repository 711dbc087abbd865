# SPDX-License-Identifier: Apache-2.0
"""Frames go to and fro from the middle, without a seam."""

import numpy as np
import pytest

from generation import frames


@pytest.mark.parametrize("count", [3, 5, 9])
def test_they_go_to_one_end_to_the_other_and_back_without_a_jump(count: int) -> None:
    order = frames.to_and_fro(count)
    assert len(order) == 2 * (count - 1)
    assert order[0] == count // 2
    assert set(order) == set(range(count))
    steps = [abs(a - b) for a, b in zip(order, (*order[1:], order[0]), strict=True)]
    assert set(steps) == {1}


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_a_number_without_a_middle_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="expected an odd number of frames"):
        frames.to_and_fro(count)


def test_a_still_is_its_only_frame_and_the_middle_is_at_rest() -> None:
    still = np.zeros((4, 5, 3), np.uint8)
    moving = np.stack([still + n for n in range(3)]).astype(np.uint8)
    assert (frames.moving(still), frames.moving(moving)) == (False, True)
    assert [one.shape for one in frames.each(still)] == [(4, 5, 3)]
    assert [int(one[0, 0, 0]) for one in frames.each(moving)] == [0, 1, 2]
    assert frames.at_rest(still) is still
    assert int(frames.at_rest(moving)[0, 0, 0]) == 1


def test_only_what_was_asked_for_fits() -> None:
    size = (5, 4)
    still, moving = np.zeros((4, 5, 3), np.uint8), np.zeros((3, 4, 5, 3), np.uint8)
    assert frames.fits(still, size, moves=False)
    assert frames.fits(moving, size, moves=True)
    wrong = (
        (moving, False),
        (still, True),
        (moving[:2], True),
        (moving[:1], True),
        (moving.astype(np.float32), True),
        (np.zeros((3, 5, 4, 3), np.uint8), True),
    )
    assert not any(frames.fits(one, size, moves=moves) for one, moves in wrong)
