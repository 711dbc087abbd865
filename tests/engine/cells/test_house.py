# SPDX-License-Identifier: Apache-2.0
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from typing_extensions import override

from consent import handover
from consent.chance import Chance
from consent.clocks import Clock
from consent.errors import Broken, Closed, Denied, Misused
from consent.gate import Ask, View
from consent.subject_keys import SubjectKeys
from consent.tables import asset, basis
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from engine import migrations
from engine.cells.directory import Directory, Place, State
from engine.cells.house import Cells
from engine.rooms import Rooms
from engine.settings import Settings
from feed.tables import feed_view
from tests.engine.cells import spread
from tests.engine.cells.spread import NAMES, Town

pytestmark = pytest.mark.xdist_group("cells")
"""One process makes the installation that all of these copy."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = spread.copied(tmp_path)
    yield made
    made.close()


def portrait_of(rooms: Rooms, person: Subject) -> ObjectId:
    with rooms.consent.ledger.read() as connection:
        mine = select(asset.c.object).where(asset.c.subject == person)
        return ObjectId(connection.execute(mine).scalar_one())


def test_a_name_and_its_id_lead_to_the_same_log_and_to_no_other(town: Town) -> None:
    for name in NAMES:
        account = town.cells.find(name)
        assert town.cells.shard_of(account.subject) == town.cells.shard_of(name)
        assert town.cells.find(account.id) == account
        mine = town.cells.shard_of(name)
        for number in range(spread.SHARDS):
            held = town.words(town.cells.rooms(number)).count(basis, account.subject)
            assert (held > 0) is (number == mine)
    with pytest.raises(Misused, match="nobody here"):
        town.cells.find("Nobody")


class Late(Directory):
    """A directory whose answer took so long that it is of before a move."""

    def __init__(self, real: Directory, said: Place) -> None:
        super().__init__(real.engine)
        self._said = said

    @override
    def place(self, number: int) -> Place:
        return self._said


def test_who_was_told_where_a_shard_lay_before_it_moved_opens_it_where_it_is(town: Town) -> None:
    number = town.cells.shard_of("Ada")
    before = town.place(number)
    town.moves.move(number, spread.other(before))
    rooms = town.cells.rooms(number)
    town.cells.directory = Late(town.cells.directory, before)
    assert town.cells.rooms(number) is rooms


class Slow:
    """Put rooms together, those of the first shard only once it is let go."""

    def __init__(self) -> None:
        self.began, self.let_go = threading.Event(), threading.Event()

    def __call__(
        self,
        chosen: Settings,
        connected: Engine,
        clock: Clock | None = None,
        *,
        chance: Chance | None = None,
    ) -> Rooms:
        if chosen.shard.startswith("0/"):
            self.began.set()
            assert self.let_go.wait(30)
        return spread.stubbed(chosen, connected, clock, chance=chance)


def test_a_shard_that_takes_long_to_open_keeps_no_other_waiting(town: Town) -> None:
    slow = Slow()
    cells = Cells(town.cells.layout, clock=town.clock, build=slow)
    with ThreadPoolExecutor(2) as asking:
        first = asking.submit(cells.rooms, 0)
        try:
            assert slow.began.wait(10)
            assert asking.submit(cells.rooms, 1).result(10).settings.shard.startswith("1/")
            with pytest.raises(Closed):
                cells.rooms(0, patience=0)
        finally:
            slow.let_go.set()
        assert first.result(30) is cells.rooms(0, patience=0)
    cells.close()


def test_a_database_that_cannot_be_opened_is_let_go_and_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def refused(connected: Engine) -> None:
        tried.append((connected, connected.pool))
        raise Broken(Reason.SCHEMA_VERSION, "another version")

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "check", refused)
        with pytest.raises(Broken, match="another version"):
            town.cells.rooms(0)
    [(connected, pool)] = tried
    assert connected.pool is not pool, "disposed of: another pool takes its place"
    assert town.cells.rooms(0, patience=0)


def test_an_act_that_is_refused_because_its_shard_moved_is_done_where_it_is_now(
    town: Town,
) -> None:
    ada = town.cells.find("Ada").subject
    number = town.cells.shard_of(ada)
    tried = []

    def withdraw(rooms: Rooms) -> None:
        tried.append(rooms)
        if len(tried) == 1:
            town.moves.move(number, spread.other(town.place(number)))
        rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)

    town.cells.act(number, withdraw)
    assert len(tried) == 2
    assert tried[0] is not tried[1]
    assert town.rooms(ada).count(basis, ada) == 0


def test_what_is_wrong_where_it_is_is_told_and_tried_once(town: Town) -> None:
    tried = []

    def ask(rooms: Rooms) -> None:
        tried.append(rooms)
        rooms.consent.accounts.find("Nobody")

    with pytest.raises(Misused):
        town.cells.act(town.cells.shard_of("Nobody"), ask)
    assert len(tried) == 1


def test_without_the_shredding_a_reader_of_the_old_place_would_open_a_byte_too_late(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: `test_moving` shows that the same reader opens nothing with it.

    Also without what catches a reader that is behind what was signed: a withdrawal's receipt is.
    """
    ada, stale = town.cells.find("Ada").subject, town.rooms("Ada")
    obj = portrait_of(town.cells.of(ada), ada)
    stale.look(ada, obj)
    number = town.cells.shard_of(ada)
    monkeypatch.setattr(handover, "shred", lambda *_: 0)
    target = spread.other(town.place(number))
    spread.cut_at("move.flipped", partial(town.moves.move, number, target))
    town.rooms(ada).consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    with pytest.raises(Broken, match="lacks entries"):
        stale.look(ada, obj)
    monkeypatch.setattr(SubjectKeys, "_refuse_stale", lambda *_: None)
    assert stale.look(ada, obj) == b"portrait"


# --- a history, checked afterwards


@dataclass(frozen=True, slots=True)
class Told:
    """What one client saw of one act: when it asked, when it was answered, and what."""

    who: Subject
    act: str
    asked: float
    answered: float
    outcome: str


class Client:
    """One person: looks at their portrait again and again, withdraws, looks again."""

    def __init__(self, town: Town, name: str) -> None:
        self.town = town
        self.who = town.cells.find(name).subject
        self.number = town.cells.shard_of(self.who)
        self.obj = portrait_of(town.cells.of(self.who), self.who)
        self.told: list[Told] = []

    def live(self, until: Callable[[], bool], withdraws_after: float) -> None:
        """Look until it is over; withdraw once on the way."""
        began, done = time.monotonic(), False
        while not until() or not done:
            if not done and time.monotonic() - began > withdraws_after:
                done = self._say("withdraw", self._withdraw)
            self._say("view", self._view)
            time.sleep(0.01)

    def _say(self, act: str, does: Callable[[Rooms], object]) -> bool:
        asked = time.monotonic()
        try:
            self.town.cells.act(self.number, does)
            outcome = "ok"
        except Denied as no:
            outcome = str(no.reason)
        except Exception as error:  # noqa: BLE001 - whatever it is, the history has it
            outcome = repr(error)
        self.told.append(Told(self.who, act, asked, time.monotonic(), outcome))
        return outcome == "ok"

    def _withdraw(self, rooms: Rooms) -> None:
        rooms.consent.withdrawals.withdraw(self.who, Purpose.LIKENESS)

    def _view(self, rooms: Rooms) -> None:
        ask: Ask[View] = Ask(
            step=Step.VIEW,
            subject=self.who,
            purpose=Purpose.FEED_INSERT,
            object=self.obj,
            request=self.obj,
        )
        assert rooms.consent.vault.view(rooms.consent.gate, ask, feed_view) == b"portrait"


def late(history: list[Told]) -> list[Told]:
    """Find views that began after their person's withdrawal was answered, and showed something."""
    done = (one for one in history if (one.act, one.outcome) == ("withdraw", "ok"))
    ends = {one.who: one.answered for one in done}
    return [
        one
        for one in history
        if one.act == "view" and one.outcome == "ok" and one.asked > ends.get(one.who, one.asked)
    ]


def test_while_shards_move_nobody_sees_what_was_withdrawn_and_everybody_is_answered(
    town: Town,
) -> None:
    clients = [Client(town, name) for name in NAMES[:4]]
    moved = threading.Event()
    threads = [
        threading.Thread(target=one.live, args=(moved.is_set, 0.3 + 0.3 * n))
        for n, one in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    moving = [clients[0].number]
    for number in moving:
        town.moves.move(number, spread.other(town.place(number)))
    moved.set()
    for thread in threads:
        thread.join()
    history = [told for one in clients for told in one.told]
    assert late(history) == []
    assert {one.outcome for one in history} == {"ok", "withdrawn"}
    assert sum(one.act == "withdraw" for one in history) == len(clients)  # each once: none refused
    assert all(town.rooms(one.who).count(basis, one.who) == 0 for one in clients)
    assert all(town.place(n).state is State.OPEN and town.place(n).term == 2 for n in moving)


def test_a_late_view_is_found_in_a_history() -> None:
    ada = Subject(1)
    seen = [Told(ada, "withdraw", 1, 2, "ok"), Told(ada, "view", 1.5, 3, "ok")]
    assert late(seen) == []  # it began before: either order is true
    assert late([*seen, Told(ada, "view", 2.5, 3, "withdrawn")]) == []
    assert late([*seen, leak := Told(ada, "view", 2.5, 3, "ok")]) == [leak]
