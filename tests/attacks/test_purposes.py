# SPDX-License-Identifier: Apache-2.0
"""Under every policy file, a yes opens exactly the doors that the file names for it.

What a file names is read here from its TOML anew, by eight lines that share no code with the gate.
"""

import tomllib
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from consent.errors import Denied, Misused
from consent.permits import Ask, Denial
from consent.policies import names
from consent.words import PORTRAIT_PURPOSES, ROOTS, Kind, Purpose, Step, Subject
from feed.tables import feed_insert
from tests.attacks.threats import ROOT
from tests.conftest import Opener
from tests.rooms import Rooms

GIVEN = {"preview", "confirmed"}
"""What a rule may need beside a yes; here everybody has it."""
Opened = set[tuple[Step, Purpose]]


def named(policy: str) -> Mapping[tuple[str, str], frozenset[str]]:
    """Read which kinds of yes open each step for each purpose: the first rule that names it."""
    told = contents(policy)
    if "rule" not in told:  # laid over another, of which it changes no rule
        told = contents(policy.partition("+")[0])
    found: dict[tuple[str, str], frozenset[str]] = {}
    for rule in told["rule"]:
        assert set(rule.get("needs", ())) <= GIVEN, "a need that this test gives nobody"
        for pair in product(rule["steps"], rule["purposes"]):
            found.setdefault(pair, frozenset(rule["kinds"]))
    return found


def contents(policy: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / f"data/policies/{policy}.toml").read_text("utf-8"))


def expected(policy: str, held: Mapping[Purpose, Kind]) -> Opened:
    return {
        (Step(step), Purpose(purpose))
        for (step, purpose), kinds in named(policy).items()
        if Purpose(purpose) in held and held[Purpose(purpose)] in kinds
    }


def opened(rooms: Rooms, person: Subject) -> Opened:
    """Ask for everything there is, each step for an object of its own."""
    objects = {step: rooms.object() for step in Step}
    pairs = list(product(Step, Purpose))
    questions = [ask(step, person, purpose, objects[step]) for step, purpose in pairs]
    answers = rooms.consent.gate.ask_all(questions)
    return {pair for pair, one in zip(pairs, answers, strict=True) if not isinstance(one, Denial)}


def ask(step: Step, person: Subject, purpose: Purpose, obj: Any) -> Any:
    question: Any = Ask(step=step, subject=person, purpose=purpose, object=obj, confirmed=True)
    return question


def says_yes(rooms: Rooms, purpose: Purpose) -> Subject:
    """Open an account that says yes to one purpose and what it needs, where that can be asked."""
    person = rooms.consent.accounts.add(f"who holds {purpose}").subject
    for one in (purpose,) if purpose in ROOTS else (Purpose.LIKENESS, purpose):
        try:
            rooms.grant(person, one)
        except (Denied, Misused):
            break
    return person


@pytest.mark.parametrize("policy", sorted(names()))
def test_each_yes_opens_what_the_policy_names_for_it_and_nothing_else(
    open_rooms: Opener, sqlite_url: str, policy: str
) -> None:
    rooms = open_rooms(sqlite_url, policy=policy)
    wrong, doors = {}, 0
    for purpose in Purpose:
        person = says_yes(rooms, purpose)
        held = {one: told.kind for one, told in rooms.consent.grants.show(person).items()}
        found = opened(rooms, person)
        doors += len(found)
        if found != expected(policy, held):
            wrong[purpose] = found ^ expected(policy, held)
    assert wrong == {}
    assert doors


def test_nobodys_no_opens_anything(open_rooms: Opener, sqlite_url: str) -> None:
    rooms = open_rooms(sqlite_url)
    assert opened(rooms, rooms.consent.accounts.add("Nobody's yes").subject) == set()


@pytest.mark.parametrize("made_for", [one for one in PORTRAIT_PURPOSES if one != "feed_insert"])
def test_a_portrait_made_for_one_use_is_not_inserted_though_inserts_are_agreed_to(
    rooms: Rooms, made_for: Purpose
) -> None:
    person = rooms.person("Ada", Purpose.LIKENESS, Purpose.FEED_INSERT, made_for)
    rooms.selfie(person)
    obj = rooms.portrait(person, made_for)
    with pytest.raises((Misused, IntegrityError)):
        rooms.insert(person, obj)
    assert rooms.count(feed_insert) == 0


def test_the_same_portrait_made_for_inserts_is_inserted(rooms: Rooms) -> None:
    person = rooms.inserted_person()
    rooms.insert(person, rooms.portrait(person, Purpose.FEED_INSERT))
    assert rooms.count(feed_insert) == 1
