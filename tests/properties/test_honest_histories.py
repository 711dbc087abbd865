# SPDX-License-Identifier: Apache-2.0
"""Whatever people do in whatever order, an honest engine's bundle gives the verifier no cause.

The frauds of tests/consent show that it finds what is wrong; this, that it finds nothing else.
"""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from consent import bundle, tables, verify
from consent.errors import Denied, Misused
from consent.gate import Ask, Select
from consent.words import DAY, HOUR, SECOND, Micros, ObjectId, Purpose, Step, Subject
from tests.rooms import Rooms

PURPOSES = (Purpose.LIKENESS, Purpose.IMAGINE, Purpose.FEED_INSERT, Purpose.PERSONALISATION)
MADE_FOR = (Purpose.IMAGINE, Purpose.FEED_INSERT)
NUMBERS = count()


class World:
    """Three people, and acts that may be refused."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.people = [rooms.person(name) for name in ("Ada", "Bob", "Cy")]
        self.things: list[tuple[Subject, Purpose, ObjectId]] = []
        self.acts: tuple[Callable[[Subject, int], object], ...] = (
            *(self.grant, self.withdraw, self.selfie, self.portrait, self.insert, self.look),
            *(self.destroy, self.batch, self.wait, self.sweep, self.pause),
        )

    def act(self, who: int, what: int, how: int) -> None:
        """Do one thing; a refusal is an ordinary outcome and is in the ledger too."""
        try:
            self.acts[what](self.people[who], how)
        except (Denied, Misused):
            return

    def thing(self, how: int) -> tuple[Subject, Purpose, ObjectId]:
        if not self.things:
            return self.people[0], Purpose.IMAGINE, self.rooms.object()
        return self.things[how % len(self.things)]

    def grant(self, who: Subject, how: int) -> None:
        self.rooms.grant(who, PURPOSES[how % len(PURPOSES)])

    def withdraw(self, who: Subject, how: int) -> None:
        self.rooms.consent.withdrawals.withdraw(who, PURPOSES[how % len(PURPOSES)])

    def selfie(self, who: Subject, _: int) -> None:
        self.things.append((who, Purpose.LIKENESS, self.rooms.selfie(who)))

    def portrait(self, who: Subject, how: int) -> None:
        purpose = MADE_FOR[how % 2]
        self.things.append((who, purpose, self.rooms.portrait(who, purpose)))

    def insert(self, _: Subject, how: int) -> None:
        owner, _, obj = self.thing(how)
        self.rooms.insert(owner, obj)

    def look(self, _: Subject, how: int) -> None:
        owner, purpose, obj = self.thing(how)
        table = tables.selfie_view if purpose is Purpose.LIKENESS else tables.asset_view
        self.rooms.look(owner, obj, purpose, table)

    def destroy(self, _: Subject, how: int) -> None:
        owner, _, obj = self.thing(how)
        self.rooms.consent.withdrawals.destroy(owner, obj)

    def pause(self, who: Subject, how: int) -> None:
        """Stop everything for an hour, without an end, or no longer; a plan comes by."""
        pauses, now = self.rooms.consent.pauses, self.rooms.clock.now()
        if how % 3:
            pauses.pause(who, Micros(now + HOUR) if how % 2 else None)
        else:
            pauses.resume(who)
        step: Select = Step.SELECT
        self.rooms.consent.gate.decide_all(step, Purpose.FEED_INSERT, self.people)

    def batch(self, who: Subject, how: int) -> None:
        purpose = MADE_FOR[how % 2]
        asks = [
            Ask(step=Step.SELECT, subject=who, purpose=purpose, object=self.rooms.object())
            for _ in range(3)
        ]
        self.rooms.consent.gate.ask_all(asks)

    def wait(self, _: Subject, how: int) -> None:
        self.rooms.clock.advance((1, 3_600, DAY // SECOND, 20 * DAY // SECOND)[how % 4])

    def sweep(self, _: Subject, how: int) -> None:
        if how % 4 == 0:
            self.rooms.clock.advance(200 * DAY // SECOND)
        self.rooms.consent.retention.sweep()


ACTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 10), st.integers(0, 11)), max_size=60)


@settings(max_examples=15)
@given(acts=ACTS)
def test_an_honest_history_gives_no_finding(
    acts: list[tuple[int, int, int]], sqlite_template: Path, tmp_path: Path
) -> None:
    home = tmp_path / str(next(NUMBERS))
    home.mkdir()
    shutil.copy(sqlite_template, home / "onlyou.db")
    rooms = Rooms.open(f"sqlite:///{home}/onlyou.db", home)
    world = World(rooms)
    for subject in world.people:
        rooms.grant(subject, Purpose.LIKENESS)
        rooms.grant(subject, Purpose.FEED_INSERT)
    for act in acts:
        world.act(*act)
    bundle.export(rooms.consent, home / "bundle")
    rooms.close()
    report = verify.verify(home / "bundle")
    assert report["findings"] == []
    assert report["checked"]["not_recomputable"] == 0
