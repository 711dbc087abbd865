# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.validity import Around, implied
from consent.validity import said as valid
from consent.words import Purpose, Reason, parse_rfc3339
from engine.web import wording
from feed.scenarios import shipped

NOW = parse_rfc3339("2026-11-21T20:00:00Z")


def test_dates_are_written_as_people_write_them() -> None:
    assert wording.day("2026-11-03T19:42:00Z") == "3 Nov 2026"
    assert wording.clock("2026-11-03T19:42:10.5Z") == "3 Nov 2026, 19:42"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-21T20:00:00Z", "1 min"),
        ("2026-11-21T19:35:00Z", "25 min"),
        ("2026-11-21T17:00:00Z", "3 h"),
        ("2026-11-20T19:00:00Z", "1 day"),
        ("2026-11-18T19:00:00Z", "3 days"),
        ("2026-11-03T19:00:00Z", "3 Nov 2026"),
        ("2026-11-21T20:05:00Z", "1 min"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(at: str, said: str) -> None:
    assert wording.ago(at, NOW) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-12-03T00:00:00Z", "11 days 4 h"),
        ("2026-11-22T20:00:00Z", "1 day"),
        ("2026-11-21T23:30:00Z", "3 h"),
        ("2026-11-21T20:12:00Z", "12 min"),
        ("2026-11-01T00:00:00Z", "0 min"),
    ],
)
def test_how_long_until_is_said_in_two_units_at_most(at: str, said: str) -> None:
    assert wording.left(at, NOW) == said


def test_every_purpose_has_its_place_on_the_page_once() -> None:
    placed = [purpose for _, purposes in wording.GROUPS for purpose in purposes]
    assert sorted(placed) == sorted(Purpose)


def test_turning_off_says_beforehand_what_goes() -> None:
    gone = {"would_destroy": {"portraits": 7, "inserts": 1, "shares": 0}}
    assert wording.takes(gone) == (
        "Turning it off destroys 7 portraits and 1 place in your feed. It can\u2019t be undone."
    )
    nothing = {"would_destroy": {"portraits": 0, "inserts": 0, "shares": 0}}
    assert wording.takes(nothing) == "Turning it off destroys nothing."


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_can_be_said_to_a_person(reason: Reason) -> None:
    assert wording.because(reason).endswith(".")
    assert wording.advice(reason).endswith(f"({reason})")


def test_every_scenario_has_a_short_title_and_an_alt_text() -> None:
    for scenario in shipped().scenarios:
        assert not wording.short(scenario.title).startswith("You,")
        assert wording.alt(scenario.id).startswith("AI image of you as ")


def test_a_name_stands_as_its_first_letters_in_one_of_six_shades() -> None:
    assert wording.initials("Keo Nakoa") == "KN"
    assert wording.initials("Anna") == "A"
    assert {wording.shade(name) for name in ("Anna", "Ben", "Cleo", "Dan")} <= set(range(6))
    assert wording.shade("Anna") == wording.shade("Anna")


def test_a_notice_is_split_into_what_can_be_read() -> None:
    text = "# A title\n\nOne line\nand the next.\n\n- first\n- second\n"
    assert wording.blocks(text) == [
        ("heading", "A title"),
        ("paragraph", "One line and the next."),
        ("items", ["first", "second"]),
    ]


def test_small_numbers_are_words() -> None:
    assert wording.number_word(3) == "Three"
    assert wording.number_word(12) == "12"


def test_odds_are_said_as_one_chance_in_so_many() -> None:
    assert wording.odds(0.04) == "about 1 chance in 25"
    assert wording.odds(1.0) == "no rival"


def consent_of(**changed: object) -> dict[str, object]:
    plain = {
        "state": "granted",
        "basis": "explicit",
        "granted_at": "2026-11-01T00:00:00Z",
        "expires_at": "2027-11-01T00:00:00Z",
    }
    return plain | changed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"state": "not_granted"}, None),
        ({"state": "outdated"}, "The words have changed since"),
        ({"state": "expired"}, "It has run out"),
        ({"basis": "implied"}, "Implied since 1 Nov 2026"),
        ({"basis": "parental"}, None),
        ({"granted_at": "2025-12-20T20:00:00Z", "expires_at": "2026-12-20T20:00:00Z"}, "29 days"),
        ({"granted_at": "2025-12-24T20:00:00Z", "expires_at": "2026-12-24T20:00:00Z"}, None),
        ({"granted_at": "2026-11-20T22:00:00Z", "expires_at": "2026-11-21T22:00:00Z"}, "2 h"),
    ],
)
def test_a_yes_wants_a_look_when_it_ends_is_outdated_or_was_never_given(
    changed: dict[str, object], said: str | None
) -> None:
    due = wording.due(consent_of(**changed), NOW)
    assert (due is None) if said is None else (due is not None and said in due)


def test_whose_word_an_entry_is_is_said() -> None:
    assert wording.told({"t": "grant", "actor": "self"}) == "You said yes to"
    assert wording.told({"t": "withdraw", "actor": "guardian"}) == "Your guardian turned off"
    assert wording.told({"t": "expire", "actor": "system"}).startswith("Your yes has run out")
    assert wording.told({"t": "pause"}) == "pause"
    assert "guardian" in wording.given({"basis": "parental"})
    assert "never asked" in wording.given({"basis": "implied"})


def test_how_a_yes_came_about_is_said_in_plain_words() -> None:
    said = dict(
        wording.validity(implied("api", Around(jurisdiction="US"), bundled=True).opening())
    )
    assert said["Saying yes took"] == "nothing; turning off takes 1"
    assert said["Ticked for you beforehand"] == "yes"
    assert said["A notice was shown before"] == said["Brought nothing else along"] == "no"
    around = Around(jurisdiction="any", age_band="minor", region="DE")
    own = dict(wording.validity(valid("page", "en", around, alone=True).opening()))
    assert own["Saying yes took"] == "2 acts on these pages; turning off takes 1"
    assert (own["Said to be"], own["Said to live in"]) == ("minor", "DE")
    assert wording.validity({}) == []
