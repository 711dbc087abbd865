# SPDX-License-Identifier: Apache-2.0
from dataclasses import FrozenInstanceError

import pytest

from consent import policies


@pytest.mark.parametrize("name", policies.names())
def test_every_policy_says_who_sees_an_insert_and_until_when(name: str) -> None:
    policy = policies.load(name)
    assert policy.labels.visible_to
    assert policy.labels.made_by
    assert policy.portraits.retention_seconds > 0
    assert policy.sharing.story_hours > 0
    assert policy.reports.answer_hours > 0


def test_a_promise_is_not_changed_once_it_is_read() -> None:
    labels = policies.load("strict-opt-in").labels
    with pytest.raises(FrozenInstanceError):
        labels.visible_to = "everybody"  # type: ignore[misc]
