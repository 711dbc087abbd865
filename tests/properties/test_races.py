# SPDX-License-Identifier: Apache-2.0
"""A withdrawal against work in flight, on threads: nothing made may outlive the acknowledged no.

`--races 10000` runs as many attempts as the measurements in the design; by default 300.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from consent import database, effects
from consent.effects import Spent
from consent.errors import OnlyouError
from consent.gate import Ask, Permit
from consent.tables import basis, request
from consent.words import Purpose, Step, Subject
from tests.conftest import Opener
from tests.properties.gates import GATES, Gate, uncapped
from tests.properties.loose import believed, without_keys
from tests.rooms import Rooms

INSERTERS = 5
PURPOSE = Purpose.PROFILE_PICTURE
"""A purpose without caps, so that many portraits may be asked for in a day."""
FULL = 1_000
"""From so many attempts on every gate has as many, and every control a tenth of them."""


def race(rooms: Rooms, person: Subject, gate: Gate, moment: int) -> Counter[str]:
    """Let work at one gate and one withdrawal run into each other; say how it ended.

    `moment` is how many of those who work have begun when the withdrawal begins.
    """
    everything(rooms, person)
    permits = gate.permits(rooms, person, INSERTERS)
    begun = threading.Semaphore(0)

    def insert(permit: Permit[Any]) -> str:
        begun.release()
        try:
            return "landed" if gate.spend(rooms, permit) else "denied"
        except OperationalError as error:
            return "deadlock" if "deadlock" in str(error) else "failed"

    def withdraw() -> str:
        for _ in range(moment):
            begun.acquire()
        rooms.consent.withdrawals.withdraw(person, gate.purpose)
        return "left at once" if rooms.count(gate.table, person) else "clean at once"

    with ThreadPoolExecutor(INSERTERS + 1) as threads:
        ending = threads.submit(withdraw)
        landing = [threads.submit(insert, permit) for permit in permits]
        outcome = Counter(one.result(timeout=60) for one in [ending, *landing])
    outcome["left in the end"] = rooms.count(gate.table, person)
    return outcome


def everything(rooms: Rooms, person: Subject) -> None:
    """Say yes to whatever a race before has ended."""
    wanted = (Purpose.LIKENESS, PURPOSE, Purpose.FEED_INSERT, Purpose.STORY)
    with rooms.consent.ledger.read() as connection:
        held = set(
            connection.execute(
                basis.select().with_only_columns(basis.c.purpose).where(basis.c.subject == person)
            ).scalars()
        )
    for purpose in (*wanted, Purpose.PERSONALISATION):
        if purpose not in held:
            rooms.grant(person, purpose)


def races(
    rooms: Rooms, gate: Gate, moments: Iterable[int], *, fresh: bool = False
) -> Counter[str]:
    """Race once a moment, each time with somebody `fresh` or always with the same person."""
    total: Counter[str] = Counter()
    person = rooms.person("Ada")
    for n, moment in enumerate(moments):
        total += race(rooms, person, gate, moment)
        person = rooms.person(f"Ada {n}") if fresh else person
    return total


def moments(attempts: int) -> Iterator[int]:
    """Let the withdrawal come at every moment in turn, until so many effects were attempted."""
    return (n % (INSERTERS + 1) for n in range(-(-attempts // INSERTERS)))


def attempts(config: pytest.Config, gate: Gate) -> int:
    """Say how many: all at the gate the design was measured at, by default a tenth elsewhere."""
    told: int = config.getoption("--races")
    return told if told >= FULL or gate.step is Step.SELECT else told // 10


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.step)
def test_nothing_survives_an_acknowledged_withdrawal(
    open_rooms: Opener, database_url: str, pytestconfig: pytest.Config, gate: Gate
) -> None:
    rooms = open_rooms(database_url, policy=uncapped())
    total = races(rooms, gate, moments(attempts(pytestconfig, gate)))
    print(gate.step, dict(total))  # noqa: T201 - the figures that `make races` shows
    assert total["left at once"] == total["left in the end"] == 0, total
    assert total["deadlock"] == total["failed"] == 0, total
    assert total["landed"] > 0, "no work ever came first: this proves nothing"
    assert total["denied"] > 0, "no withdrawal ever came first: this proves nothing"


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.step)
def test_without_the_guards_it_does_survive(  # noqa: PLR0917
    open_rooms: Opener,
    database_url: str,
    owner_url: str,
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
    gate: Gate,
) -> None:
    without_keys(owner_url, gate.table)
    monkeypatch.setattr(effects, "_living", believed)
    told = attempts(pytestconfig, gate)
    rooms = open_rooms(database_url, policy=uncapped())
    total = races(rooms, gate, moments(told // 10) if told >= FULL else (0, 0), fresh=True)
    print(gate.step, "with the guards off:", dict(total))  # noqa: T201
    assert total["left in the end"] > 0, total


def race_with_a_pause(rooms: Rooms, person: Subject, moment: int) -> Counter[str]:
    """Let inserters and one pause run into each other; say how many landed after it was said."""
    asks = [
        Ask(step=Step.SELECT, subject=person, purpose=PURPOSE, object=rooms.object())
        for _ in range(INSERTERS)
    ]
    permits = [answer for answer in rooms.consent.gate.ask_all(asks) if isinstance(answer, Permit)]
    begun = threading.Semaphore(0)

    def insert(permit: Permit[Any]) -> str:
        begun.release()
        return "landed" if isinstance(rooms.spend(permit, request), Spent) else "denied"

    def pause() -> int:
        for _ in range(moment):
            begun.acquire()
        rooms.consent.pauses.pause(person, None)
        return rooms.count(request, person)

    with ThreadPoolExecutor(INSERTERS + 1) as threads:
        ending = threads.submit(pause)
        landing = [threads.submit(insert, permit) for permit in permits]
        outcome = Counter(one.result(timeout=60) for one in landing)
    outcome["late"] = rooms.count(request, person) - ending.result()
    rooms.consent.pauses.resume(person)
    return outcome


def races_with_pauses(rooms: Rooms, attempts: int) -> Counter[str]:
    person = rooms.person("Ada", Purpose.LIKENESS, PURPOSE)
    total: Counter[str] = Counter()
    for n in range(-(-attempts // INSERTERS)):
        total += race_with_a_pause(rooms, person, n % (INSERTERS + 1))
    return total


def test_nothing_lands_after_an_acknowledged_pause(
    rooms_on_both: Rooms, pytestconfig: pytest.Config
) -> None:
    total = races_with_pauses(rooms_on_both, pytestconfig.getoption("--races") // 3)
    assert total["late"] == 0, total
    assert total["landed"] > 0, "no insert ever came first: this proves nothing"
    assert total["denied"] > 0, "no pause ever came first: this proves nothing"


def test_without_the_guards_inserts_do_land_in_a_pause(
    open_rooms: Opener, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_keys(sqlite_url, request)
    monkeypatch.setattr(effects, "_living", believed)
    total = races_with_pauses(open_rooms(sqlite_url), 60)
    assert total["late"] > 0, total


def test_two_planners_at_once_stay_within_one_cap(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()

    def plan(_n: int) -> bool:
        question = Ask(
            step=Step.SELECT, subject=ada, purpose=Purpose.FEED_INSERT, object=rooms.object()
        )
        return isinstance(rooms.consent.gate.ask_all([question])[0], Permit)

    with ThreadPoolExecutor(4) as threads:
        allowed = list(threads.map(plan, range(8)))
    assert sum(allowed) == rooms.consent.policy.caps[Purpose.FEED_INSERT].per_day


def test_one_permit_spent_by_many_at_once_becomes_one_row(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    permit = rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, rooms.object())

    def spend(_n: int) -> bool:
        try:
            return isinstance(rooms.spend(permit, request), Spent)
        except OnlyouError:
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(spend, range(8))) == 1
    assert rooms.count(request, ada) == 1


def test_writers_at_once_leave_a_ledger_without_a_gap(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    people = [rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob", "Cy", "Dee")]

    def write(person: Subject) -> None:
        for _ in range(5):
            rooms.consent.notices.serve(person, Purpose.IMAGINE)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, people))
    seqs = [found["seq"] for found in rooms.entries()]
    assert seqs == list(range(len(seqs)))
    for person in people:
        mine = [found for found in rooms.entries() if found.get("tag") == rooms.tag(person)]
        assert [found.get("prev") for found in mine[1:]] == [found["seq"] for found in mine[:-1]]


@pytest.mark.postgres
def test_two_processes_on_one_postgresql_share_one_log(
    open_rooms: Opener, postgres_url: str
) -> None:
    """Two engines with pools of their own, as two processes would have."""
    one, other = open_rooms(postgres_url), open_rooms(postgres_url, seed=8)
    people = [one.person("Ada", Purpose.LIKENESS), other.person("Bob", Purpose.LIKENESS)]
    with ThreadPoolExecutor(2) as threads:
        list(
            threads.map(
                lambda pair: [pair[0].grant(pair[1], Purpose.IMAGINE) for _ in range(5)],
                zip((one, other), people, strict=True),
            )
        )
    assert one.consent.ledger.tree().root() == other.consent.ledger.tree().root()
    engine = database.connect(postgres_url)
    database.self_test(engine)
    engine.dispose()
