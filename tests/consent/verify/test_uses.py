# SPDX-License-Identifier: Apache-2.0
"""What caps count."""

from consent import policies
from consent.verify.policy import read_policy
from consent.verify.uses import most_uses


def test_without_facts_an_allowance_may_have_used_less_than_the_cap_if_there_is_one() -> None:
    strict = read_policy(policies.load("strict-opt-in").text.encode())
    assert most_uses(strict, "feed_insert", None) == (0, 2)
    assert most_uses(strict, "avatar_pack", None) is None
    assert most_uses(None, "feed_insert", None) is None
    assert most_uses(strict, "feed_insert", {"used_day": 5}) == (5, 0)
