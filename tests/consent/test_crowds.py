# SPDX-License-Identifier: Apache-2.0
"""The facts of many, read at once, are those read one by one: whatever people did before."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import arrays, crowds, entries
from consent.arrays import VERDICTS
from consent.errors import Denied, Misused
from consent.gate import Ask
from consent.outdated import Outdated
from consent.policy import Deny, decide
from consent.standing import Standings
from consent.tables import attestation
from consent.words import DAY, SECOND, Micros, Purpose, Step, Subject
from tests.rooms import Rooms, empty


def test_of_each_person_and_key_the_row_of_the_largest_order_is_chosen() -> None:
    place, order = np.array([1, 2, 1, 2, 1, 3]), np.array([5, 1, 9, 7, 2, 4])
    key = np.array([0, 0, 1, 0, 0, 0])
    assert crowds._newest(place, order).tolist() == [2, 3, 5]
    assert sorted(crowds._newest(place, order, key).tolist()) == [0, 2, 3, 5]
    assert crowds._newest(place[:0], order[:0]).tolist() == []


CELLS = (
    (Step.SELECT, Purpose.FEED_INSERT),
    (Step.READ, Purpose.IMAGINE),
    (Step.SELECT, Purpose.ADS),
)


NEW_WORDS = dict.fromkeys(Purpose, frozenset({"0" * 64}))


def compare(
    rooms: Rooms,
    people: list[Subject],
    current: Mapping[Purpose, frozenset[str]] | None = None,
) -> int:
    """Hold the columns equal to the standings of every person, for several steps and purposes."""
    ledger, gate = rooms.consent.ledger, rooms.consent.gate
    current = current or rooms.consent.notices.current
    asked = np.array(sorted(people))
    now = ledger.now()
    compared = 0
    for step, purpose in CELLS:
        questions = [
            Ask(step=step, subject=Subject(who), purpose=purpose, object=rooms.object())
            for who in asked.tolist()
        ]
        with ledger.read() as connection:
            outdated = Outdated(purpose, current[purpose])
            if crowds.FEW == 0:
                outdated.learn(connection)
            crowd = crowds.read(
                connection, asked, step=step, purpose=purpose, now=now, outdated=outdated
            )
            known = Standings(connection, now, questions, current)
        here = {question.subject: known(question) for question in questions}
        said = arrays.decide(gate.policy, step, purpose, crowd.facts)
        for place, who in enumerate(crowd.people.tolist()):
            one = here[Subject(who)]
            facts = one.facts(confirmed=False)
            assert crowd.facts.one(place) == facts
            assert crowd.epochs[place] == (-1 if one.epoch is None else one.epoch)
            verdict = decide(gate.policy, step, purpose, facts)
            word = str(verdict.reason) if isinstance(verdict, Deny) else "allow"
            assert VERDICTS[said[place]] == word
            assert entries.base64url(crowd.tags[place].tobytes()) == rooms.tag(Subject(who))
            compared += 1
    return compared


class World:
    """Three people who have said yes, and whatever they do."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.people = [one.subject for one in rooms.consent.accounts.list()]
        self.acts: tuple[Callable[[Subject, int], object], ...] = (
            *(self.grant, self.grant, self.withdraw, self.select, self.wait, self.sweep),
            *(self.attest, self.pause),
        )

    def act(self, who: int, what: int, how: int) -> None:
        try:
            self.acts[what](self.people[who], how)
        except (Denied, Misused):
            return

    def grant(self, who: Subject, how: int) -> None:
        held = (Purpose.LIKENESS, Purpose.FEED_INSERT, Purpose.IMAGINE)
        self.rooms.grant(who, held[how % 3])

    def withdraw(self, who: Subject, how: int) -> None:
        held = (Purpose.FEED_INSERT, Purpose.LIKENESS)
        self.rooms.consent.withdrawals.withdraw(who, held[how % 2])

    def select(self, who: Subject, how: int) -> None:
        obj = self.rooms.object()
        permit = self.rooms.ask(Step.SELECT, who, Purpose.FEED_INSERT, obj)
        if how % 2:
            self.rooms.ask(Step.SELECT, who, Purpose.FEED_INSERT, obj)
        assert permit.object == obj

    def wait(self, _: Subject, how: int) -> None:
        self.rooms.clock.advance((1, DAY // SECOND, 200 * DAY // SECOND)[how % 3])

    def sweep(self, _who: Subject, _how: int) -> None:
        self.rooms.consent.retention.sweep()

    def pause(self, who: Subject, how: int) -> None:
        pauses = self.rooms.consent.pauses
        if how % 3 == 0:
            pauses.resume(who)
        else:
            ahead = (1, 201)[how % 2] * DAY
            pauses.pause(who, None if how > 3 else Micros(self.rooms.clock.now() + ahead))

    def attest(self, who: Subject, how: int) -> None:
        row = {
            "subject": who,
            "age_band": ("adult", "minor", None)[how % 3],
            "region": ("US-IL", None)[how % 2],
            "said_by": "self",
            "at": self.rooms.clock.now(),
        }
        with self.rooms.consent.ledger.write() as writing:
            writing.connection.execute(attestation.delete().where(attestation.c.subject == who))
            writing.insert(attestation, [row])


ACTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 7), st.integers(0, 5)), max_size=25)


@pytest.mark.parametrize("few", [0, crowds.FEW])
@settings(max_examples=20)
@given(acts=ACTS)
def test_the_facts_of_many_are_those_of_each(
    few: int,
    acts: list[tuple[int, int, int]],
    three: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("crowd")
    shutil.copytree(three, home, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowds, "FEW", few)
        rooms = _home(home)
        world = World(rooms)
        for act in acts:
            world.act(*act)
        assert compare(rooms, world.people) == 3 * len(CELLS)
        assert compare(rooms, world.people, NEW_WORDS) == 3 * len(CELLS)
        rooms.close()
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the home that every crowd begins from: three people with two purposes each."""
    home = tmp_path_factory.mktemp("three")
    empty(home)
    rooms = _home(home)
    for name in ("Ada", "Bob", "Cy"):
        rooms.person(name, Purpose.LIKENESS, Purpose.FEED_INSERT)
    rooms.close()
    return home


def _home(home: Path) -> Rooms:
    return Rooms.open(f"sqlite:///{home}/onlyou.db", home)


@pytest.mark.parametrize("few", [0, crowds.FEW])
def test_who_is_not_asked_for_is_not_read(
    rooms_on_both: Rooms, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    rooms = rooms_on_both
    monkeypatch.setattr(crowds, "FEW", few)
    everybody = sorted(rooms.inserted_person(name) for name in ("Ada", "Bob", "Cy", "Dee"))
    assert compare(rooms, [everybody[0], everybody[2], everybody[3]]) == 3 * len(CELLS)
    rooms.consent.withdrawals.withdraw(everybody[2], Purpose.FEED_INSERT)
    rooms.clock.advance(366 * DAY / SECOND)
    rooms.consent.retention.sweep()
    assert compare(rooms, everybody) == 4 * len(CELLS)


def test_strangers_and_the_erased_are_left_out(rooms: Rooms) -> None:
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    rooms.consent.erasures.erase(bob)
    assert compare(rooms, [ada, bob, Subject(404)]) == len(CELLS)
