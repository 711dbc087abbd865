# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.sentences import sentence
from consent.words import Purpose, Reason


@pytest.mark.parametrize("reason", Reason)
def test_every_denial_can_be_said_in_one_sentence(reason: Reason) -> None:
    words = sentence(reason, Purpose.FEED_INSERT)
    assert "feed_insert" in words
    assert "{" not in words
