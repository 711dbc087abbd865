# SPDX-License-Identifier: Apache-2.0
"""What caps count."""

import pytest

from consent import policies
from consent.verify.findings import Findings
from consent.verify.policy import DAY, read_policy
from consent.verify.uses import Use, Uses, most_uses


def test_without_facts_an_allowance_may_have_used_less_than_the_cap_if_there_is_one() -> None:
    strict = read_policy(policies.load("strict-opt-in").text.encode())
    assert most_uses(strict, "feed_insert", None) == (0, 2)
    assert most_uses(strict, "avatar_pack", None) is None
    assert most_uses(None, "feed_insert", None) is None
    assert most_uses(strict, "feed_insert", {"used_day": 5}) == (5, 0)


WEEK = 7 * DAY
MINE = (b"ada", "insert", "feed_insert")


def uses_of(findings: Findings, *used: tuple[int, bytes, tuple[int, int] | None]) -> Uses:
    """Count uses that were all spent."""
    uses = Uses(findings)
    for seq, (at, thing, most) in enumerate(used):
        use = Use(at, seq, thing, most)
        use.spend(at)
        uses.add(MINE, use)
    return uses


def test_what_is_too_old_to_matter_is_judged_and_dropped() -> None:
    findings = Findings()
    early = [(0, b"a", (9, 9)), (1, b"b", (0, 0)), (2 * WEEK, b"c", (9, 9))]
    uses = uses_of(findings, *early, (4 * WEEK, b"d", (9, 9)))
    assert [(f["code"], f["seq"]) for f in findings.found] == [("verdict-mismatch", 1)]
    assert [use.object for use in uses._log[MINE]] == [b"c", b"d"]
    uses.finish()
    assert len(findings.found) == 1


def test_people_whose_uses_are_all_too_old_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.verify.uses._PEOPLE", 2)
    findings = Findings()
    uses = Uses(findings)
    for person in range(3):
        at = 0 if person < 2 else 9 * WEEK
        uses.add((b"%d" % person, "insert", "feed_insert"), Use(at, person, b"x", (0, 0)))
    assert [who for who, _, _ in uses._log] == [b"2"]
    assert uses._room == 2
    assert findings.found == []
    for person in (3, 4):
        uses.add((b"%d" % person, "insert", "feed_insert"), Use(9 * WEEK, person, b"x", None))
    assert uses._room == 6


def test_what_is_spent_a_week_late_counts_as_never_spent() -> None:
    late = Use(0, 1, b"x", None)
    late.spend(WEEK)
    assert not late.spent
    late.spend(WEEK - 1)
    assert late.spent


def test_the_fewest_others_are_those_spent_and_the_most_are_all() -> None:
    uses = uses_of(Findings(), (0, b"week", None), (6 * DAY, b"day", None))
    uses.add(MINE, Use(6 * DAY, 2, b"given back", None))
    uses.add(MINE, Use(6 * DAY, 3, b"this", None))
    at = 6 * DAY + DAY // 2
    assert uses.others(MINE, at, b"this") == ((1, 2), (2, 3))
    assert uses.others(MINE, at + DAY, b"this") == ((0, 1), (0, 2))
