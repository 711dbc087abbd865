# SPDX-License-Identifier: Apache-2.0
"""A report is written down once, is answered in time, and unanswered the person is right."""

from pathlib import Path

import pytest

from consent import bundle, verify
from consent.errors import Broken, Misused
from consent.words import DAY, HOUR, Purpose, Reason
from feed.reports import About, Outcome, Report, Why, due
from feed.tables import asset
from tests.feed.conftest import Home, imagined
from tests.rooms import Rooms


def portraits(rooms: Rooms) -> int:
    """Count the portraits there are."""
    return rooms.count(asset)


def reported(home: Home, about: About = About.PORTRAIT) -> Report:
    """Let Ada report a portrait that was made for her."""
    ada = home.rooms.inserted_person()
    return home.feed.reports.file(ada, about, home.insert(ada), Why.TOO_REAL)


def test_a_report_is_due_within_the_policys_hours(home: Home) -> None:
    made = reported(home)
    hours = home.rooms.consent.policy.reports.answer_hours
    assert made.due_at - made.at == hours * HOUR
    assert made.due_at == due(made.at, home.rooms.consent.policy.reports)
    assert home.feed.reports.of(made.subject) == (made,) == home.feed.reports.waiting()


def test_reporting_again_finds_the_report_that_stands(home: Home) -> None:
    made = reported(home)
    home.later(hours=1)
    again = home.feed.reports.file(made.subject, made.about, made.item, Why.OTHER)
    assert again == made
    post = home.feed.reports.file(made.subject, About.POST, made.item)
    assert post.id != made.id
    assert [one.id for one in home.feed.reports.of(made.subject)] == [post.id, made.id]


def test_what_is_said_of_an_insert_is_a_report_too(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    assert imagined(home.page(ada)) == [mine]
    assert home.say(ada, "report", mine, "e") == "done"
    assert home.say(ada, "report", mine, "e") == "duplicate"
    (one,) = home.feed.reports.of(ada)
    assert (one.about, one.item, one.why, one.outcome) == (About.PORTRAIT, mine, None, None)
    assert imagined(home.page(ada)) == []


def test_an_operator_who_upholds_it_destroys_the_portrait_and_the_log_says_both(
    home: Home, tmp_path: Path
) -> None:
    made = reported(home)
    home.later(hours=3)
    answered = home.feed.reports.answer(made.id, Outcome.UPHELD)
    assert (answered.outcome, answered.answered_at) == (Outcome.UPHELD, home.now())
    assert portraits(home.rooms) == 0
    destroyed, said = home.written("destroy", "admin")
    assert (said["actor"], said["object"], said["tag"]) == (
        "operator",
        destroyed["object"],
        destroyed["tag"],
    )
    assert home.feed.reports.waiting() == ()
    bundle.export(home.rooms.consent, tmp_path / "out")
    assert verify.verify(tmp_path / "out")["findings"] == []


def test_an_operator_who_dismisses_it_leaves_the_portrait(home: Home) -> None:
    made = reported(home)
    answered = home.feed.reports.answer(made.id, Outcome.DISMISSED)
    assert answered.outcome is Outcome.DISMISSED
    assert portraits(home.rooms) == 1
    home.later(days=30)
    assert home.feed.reports.sweep() == 0
    assert [one["actor"] for one in home.written("admin")] == ["operator"]


def test_an_answer_stands_and_comes_in_time_or_not_at_all(home: Home) -> None:
    made = reported(home)
    home.feed.reports.answer(made.id, Outcome.DISMISSED)
    late = home.feed.reports.file(made.subject, About.POST, 7)
    home.later(days=30)
    for number, reason in (
        (made.id, Reason.STALE),
        (late.id, Reason.STALE),
        (12_345, Reason.UNKNOWN_KEY),
    ):
        with pytest.raises(Misused) as refused:
            home.feed.reports.answer(number, Outcome.UPHELD)
        assert refused.value.reason is reason
    assert portraits(home.rooms) == 1


def test_unanswered_in_time_the_person_is_right_to_the_microsecond(home: Home) -> None:
    made = reported(home)
    home.later(hours=(made.due_at - made.at - 1) / HOUR)
    assert home.feed.reports.sweep() == 0
    assert portraits(home.rooms) == 1
    home.later(hours=1)
    assert home.feed.reports.sweep() == 1
    assert home.feed.reports.sweep() == 0
    assert portraits(home.rooms) == 0
    (one,) = home.feed.reports.of(made.subject)
    assert (one.outcome, one.answered_at) == (Outcome.UPHELD, made.due_at)
    assert home.written("admin") == []
    assert len(home.written("destroy")) == 1


def test_one_that_cannot_be_carried_out_stays_open_and_the_others_go_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reported(home)
    other = home.feed.reports.file(made.subject, About.POST, 7)
    home.later(days=30)

    def broken(*_: object) -> None:
        raise Broken(Reason.UNAVAILABLE, "not now")

    with monkeypatch.context() as patch:
        patch.setattr(home.rooms.consent.withdrawals, "destroy", broken)
        assert home.feed.reports.sweep() == 2
    assert home.feed.reports.waiting() == (made,)
    assert other.id in {one.id for one in home.feed.reports.of(made.subject) if one.outcome}
    home.feed.reports.sweep()
    assert (home.feed.reports.waiting(), portraits(home.rooms)) == ((), 0)


def test_what_is_gone_before_the_answer_is_no_fault(home: Home) -> None:
    made = reported(home)
    home.rooms.consent.withdrawals.withdraw(made.subject, Purpose.FEED_INSERT)
    home.later(days=30)
    assert home.feed.reports.sweep() == 1
    assert home.feed.reports.of(made.subject)[0].outcome is Outcome.UPHELD


def test_a_report_goes_with_its_person(home: Home) -> None:
    made = reported(home)
    home.later(hours=DAY / HOUR)
    home.rooms.consent.erasures.erase(made.subject)
    assert home.feed.reports.waiting() == ()
