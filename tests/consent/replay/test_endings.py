# SPDX-License-Identifier: Apache-2.0
from consent.replay.endings import endings, summary
from consent.verify import Changed, Done
from consent.words import SECOND
from tests.consent.conftest import Year
from tests.consent.replay.histories import NOON, Event, columns, of_bundle
from tests.consent.replay.test_recorder import decided

MINUTE = 60 * SECOND


def change(seq: int, t: str, tag: str = "ada", purpose: str = "feed_insert") -> Changed:
    return Changed(seq, NOON + seq * MINUTE, t, tag, purpose, None, None)


def done(seq: int, of: int) -> list[Event]:
    """Decide at one place and act at another, a minute an entry."""
    asked = decided(of, tag="ada", at=NOON + of * MINUTE)
    return [asked, Done(seq, NOON + seq * MINUTE, (of, None), "ada", "select", "thing")]


def test_the_last_thing_before_a_no_is_found_as_of_then() -> None:
    events = [change(0, "grant"), *done(2, 1), *done(4, 3), change(9, "withdraw")]
    events += [change(10, "grant"), *done(12, 11)]
    found = endings(columns(events))
    assert (found.at - found.last_at).tolist() == [5 * MINUTE]
    assert (found.late.tolist(), found.late_by.tolist()) == ([0], [0])
    assert summary(columns(events)) == {
        "ends": 1,
        "effects_after": 0,
        "minutes_to_last_effect": 0,
    }


def test_what_was_done_after_a_no_on_a_decision_before_it_is_late() -> None:
    asked, late = done(7, 1)
    events = [change(0, "grant"), asked, change(3, "expire"), late]
    assert summary(columns(events)) == {
        "ends": 1,
        "effects_after": 1,
        "minutes_to_last_effect": 4,
    }


def test_a_minute_that_has_begun_counts_whole() -> None:
    asked, late = done(7, 1)
    events = [change(0, "grant"), asked, change(3, "expire"), late._replace(at=late.at + 1)]
    assert summary(columns(events))["minutes_to_last_effect"] == 5
    assert isinstance(summary(columns(events))["minutes_to_last_effect"], int)


def test_a_no_to_what_was_never_granted_ends_nothing() -> None:
    events = [change(0, "withdraw"), change(1, "grant"), change(2, "withdraw", "bob")]
    assert len(endings(columns(events)).at) == 0


def test_each_no_counts_once_and_for_its_own_purpose() -> None:
    events = [change(0, "grant"), change(1, "grant", purpose="imagine"), *done(3, 2)]
    events += [change(4, "withdraw", purpose="imagine"), change(5, "withdraw")]
    events += [change(6, "withdraw")]
    found = endings(columns(events))
    assert found.last_at.tolist() == [-1, NOON + 3 * MINUTE]


def test_an_honest_year_has_nothing_after_a_no(year: Year) -> None:
    found = summary(columns(of_bundle(year.bundle)))
    assert found["effects_after"] == found["minutes_to_last_effect"] == 0
    assert found["ends"] >= 4
