# SPDX-License-Identifier: Apache-2.0
"""What the log shows of a person, and what a verdict must then be."""

from consent import policies
from consent.verify.library import Cell
from consent.verify.people import Basis, Person
from consent.verify.policy import read_policy
from consent.verify.uses import NOTHING
from consent.verify.verdicts import shown, unrested, wrong

STRICT = read_policy(policies.load("strict-opt-in").text.encode())
HELD = Basis(3, "explicit", 100)
SEEN = ("explicit", False, False, False)


def cell(step: str = "select", purpose: str = "feed_insert") -> Cell:
    return Cell("p", STRICT, step, purpose)


def test_what_ended_is_told_from_what_ran_out_and_from_what_never_was() -> None:
    person = Person()
    assert shown(person, None, "imagine", 5) == (None, False, False, False)
    person.gone = {"imagine": None, "story": "explicit"}
    assert shown(person, None, "imagine", 5) == (None, True, False, False)
    assert shown(person, None, "story", 5) == ("explicit", False, True, False)
    assert shown(person, HELD, "imagine", 99) == SEEN
    assert shown(person, HELD, "imagine", 100) == ("explicit", False, True, False)


def test_a_decision_rests_on_what_holds_and_on_its_kind() -> None:
    assert unrested(HELD, 3, "explicit") is None
    assert unrested(None, None, None) is None
    for epoch, kind in ((4, "explicit"), (3, "implied"), (None, None)):
        assert "the log shows" in (unrested(HELD, epoch, kind) or "")


def test_without_facts_a_denial_is_believed_and_an_allowance_is_not_beyond_the_best() -> None:
    assert wrong(cell(), SEEN, "cap", None, (NOTHING, NOTHING)) is None
    assert wrong(cell(), SEEN, None, None, (NOTHING, NOTHING)) is None
    assert "cap" in (wrong(cell(), SEEN, None, None, ((1, 1), (1, 1))) or "")
    assert "withdrawn" in (
        wrong(cell(), (None, True, False, False), None, None, (NOTHING,) * 2) or ""
    )


def test_facts_that_differ_from_the_log_are_lies() -> None:
    facts = {"kind": "explicit", "preview": True, "used_day": 2, "used_week": 2}
    lie = wrong(cell(), SEEN, "cap", facts, (NOTHING, (1, 1)))
    assert lie == "its facts say used_day is 2, the log shows 1"
    assert wrong(cell(), SEEN, "cap", facts, ((1, 1), (2, 2))) is None
    lie = wrong(cell(), (None, True, False, False), None, {"kind": "implied"}, (NOTHING, NOTHING))
    assert lie == "its facts say kind is implied, the log shows None"


def test_under_a_policy_that_cannot_be_read_only_the_facts_are_checked() -> None:
    blind = Cell("p", None, "select", "imagine")
    assert wrong(blind, SEEN, None, None, (NOTHING, NOTHING)) is None
    assert wrong(blind, SEEN, None, {"kind": "explicit"}, (NOTHING, NOTHING)) is None
    assert wrong(blind, SEEN, None, {}, (NOTHING, NOTHING)) is not None


def test_while_everything_is_paused_nothing_but_looking_is_allowed() -> None:
    person = Person()
    person.stopped, person.stopper = 50, 7
    paused = shown(person, HELD, "imagine", 49)
    assert paused == ("explicit", False, False, True)
    assert shown(person, HELD, "imagine", 50) == SEEN, "it ends at its very microsecond"
    best = {"preview": True, "confirmed": True, "age_band": "adult"}
    facts = best | {"kind": "explicit", "paused": True}
    for opened in (None, facts):
        said = wrong(cell(), paused, None, opened, (NOTHING, NOTHING))
        assert said == "the policy says paused, the entry allow"
        assert wrong(cell(), paused, "paused", opened, (NOTHING, NOTHING)) is None
        assert wrong(cell("view"), paused, None, opened, (NOTHING, NOTHING)) is None
    lie = wrong(cell(), SEEN, "paused", facts, (NOTHING, NOTHING))
    assert lie == "its facts say paused is True, the log shows False"
    hidden = best | {"kind": "explicit"}
    assert wrong(cell("view"), paused, None, hidden, (NOTHING, NOTHING)) is not None
