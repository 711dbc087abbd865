# SPDX-License-Identifier: Apache-2.0
"""The gate against nakedness, in and out."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from consent.words import Reason
from generation import moderation
from generation.moderation import Failed, OpenNsfw, Passed, judge
from tests.generation import samples

PICTURE = np.zeros((64, 64, 3), dtype=np.uint8)


class Fixed:
    """A scorer that always says the same, or raises it."""

    def __init__(self, answer: float | Exception) -> None:
        self.answer = answer

    def score(self, pixels: NDArray[np.uint8]) -> float:
        del pixels
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def files(self) -> dict[str, str]:
        return {}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (0.0, Passed()),
        (0.5, Passed()),
        (0.5001, Failed(Reason.NSFW)),
        (1.0, Failed(Reason.NSFW)),
        (math.nan, Failed(Reason.UNAVAILABLE)),
        (math.inf, Failed(Reason.UNAVAILABLE)),
        (-0.1, Failed(Reason.UNAVAILABLE)),
        (RuntimeError("no memory"), Failed(Reason.UNAVAILABLE)),
        (FileNotFoundError("no weights"), Failed(Reason.UNAVAILABLE)),
    ],
)
def test_only_a_sound_score_within_the_limit_passes(
    answer: float | Exception, verdict: Passed | Failed
) -> None:
    assert judge(Fixed(answer), PICTURE, 0.5) == verdict


def test_ordinary_photographs_score_low_and_alike_each_time(scorer: OpenNsfw) -> None:
    pixels = samples.pixels_of(1)
    assert scorer.score(pixels) < 0.1
    assert scorer.score(pixels) == scorer.score(pixels)


def test_the_weights_are_named_by_their_hash(
    scorer: OpenNsfw, monkeypatch: pytest.MonkeyPatch
) -> None:
    (digest,) = scorer.files().values()
    assert len(digest) == 64
    moderation._digest_of_weights.cache_clear()
    monkeypatch.setattr(moderation, "find_spec", lambda _: None)
    with pytest.raises(FileNotFoundError):
        scorer.files()
