# SPDX-License-Identifier: Apache-2.0
"""Many threads, one transaction: all answered after the commit, or told that it failed."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import IntegrityError, OperationalError

from consent.committing import MOST, Committer, Work, _Act
from consent.errors import Broken, Misused
from consent.gate import Ask, Denial
from consent.tables import account, chain
from consent.words import Purpose, Reason, Seq, Step, Subject
from consent.writing import Writing
from tests.children import Children
from tests.conftest import Opener
from tests.rooms import Rooms

CLIENTS = 64
Act = Work[Subject, Seq]
Counted = Callable[[str, str], tuple[int, int]]


def say(writing: Writing, people: Sequence[Subject]) -> Sequence[Seq]:
    """Say that everybody was shown a label."""
    return [writing.append("label.shown", subject=person) for person in people]


def touch(writing: Writing, people: Sequence[Subject]) -> Sequence[Seq]:
    """Say the same, and look at the database on the way."""
    writing.connection.execute(select(chain.c.tag)).all()
    return say(writing, people)


def commits(rooms: Rooms) -> Counter[str]:
    """Count what the database is asked to commit from now on."""
    seen: Counter[str] = Counter()
    event.listen(rooms.consent.ledger.engine, "commit", lambda _connection: seen.update("c"))
    return seen


@contextmanager
def held(rooms: Rooms) -> Iterator[None]:
    """Hold the log head, so that whoever comes meanwhile waits together."""
    with rooms.consent.ledger.write():
        yield


def test_an_act_alone_is_done_and_answered(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada")
    seq = rooms.consent.ledger.together(say, ada)
    assert rooms.consent.entry(seq)["tag"] == rooms.tag(ada)


def test_64_threads_are_all_answered_and_their_order_is_the_logs(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    people = [rooms.person(f"P{n}") for n in range(CLIENTS)]
    before, seen = rooms.consent.ledger.head()[0], commits(rooms)

    def client(person: Subject) -> list[Seq]:
        act = touch if person % 2 else say
        return [rooms.consent.ledger.together(act, person) for _ in range(3)]

    with ThreadPoolExecutor(CLIENTS) as threads:
        answers = dict(zip(people, threads.map(client, people), strict=True))
    shared = seen["c"]
    every = [seq for seqs in answers.values() for seq in seqs]
    assert sorted(every) == list(range(before, before + 3 * CLIENTS))
    for person, seqs in answers.items():
        assert seqs == sorted(seqs)
        assert {rooms.consent.entry(seq)["tag"] for seq in seqs} == {rooms.tag(person)}
        mine = [one for one in rooms.entries() if one.get("tag") == rooms.tag(person)]
        before = [None, *(one["seq"] for one in mine)]
        assert [one.get("prev") for one in mine] == before[: len(mine)]  # none, if killed so early
    assert shared < CLIENTS, "nobody ever shared a transaction: this proves nothing"


def test_acts_that_wait_together_are_one_transaction_in_the_order_they_came(
    rooms: Rooms,
) -> None:
    people = [rooms.person(f"P{n}") for n in range(5)]
    seen = commits(rooms)
    with ThreadPoolExecutor(5) as threads:
        with held(rooms):
            waiting = [start(threads, rooms, say, person) for person in people]
        seqs = [one.result(60) for one in waiting]
    assert seqs == list(range(seqs[0], seqs[0] + 5))
    assert seen["c"] == 2  # the one that held them up, and theirs


def start(threads: ThreadPoolExecutor, rooms: Rooms, act: Act, person: Subject) -> Future[Seq]:
    """Let a thread ask, and wait until it stands in the queue."""
    waiting = rooms.consent.ledger._committer._waiting
    before = len(waiting)
    asked = threads.submit(rooms.consent.ledger.together, act, person)
    while len(waiting) == before:
        time.sleep(0.001)
    return asked


# --- acts that fail


def poison(writing: Writing, people: Sequence[Subject]) -> Sequence[Seq]:
    """Say something, then write what the database refuses."""
    seqs = [writing.append("pause", subject=person) for person in people]
    writing.insert(account, [{"subject": 5, "name": "Eve", "place": 9, "created_at": 0}])
    return seqs


def spoilt_by(spoiler: Subject) -> Act:
    """Say something of everybody; one person in the set spoils it."""

    def act(writing: Writing, people: Sequence[Subject]) -> Sequence[Seq]:
        seqs = touch(writing, people)
        return poison(writing, people) if spoiler in people else seqs

    return act


def test_one_poisoned_act_is_told_so_and_hurts_nobody_else(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    people = [rooms.person(f"P{n}") for n in range(6)]
    before = rooms.consent.ledger.head()[0]
    with ThreadPoolExecutor(6) as threads:
        with held(rooms):
            waiting = [
                start(threads, rooms, poison if n in {1, 4} else touch, person)
                for n, person in enumerate(people)
            ]
        for n in (1, 4):
            with pytest.raises(IntegrityError):
                waiting[n].result(60)
        seqs = [waiting[n].result(60) for n in (0, 2, 3, 5)]
    assert seqs == list(range(before, before + 4))
    assert [one["t"] for one in rooms.entries()][before:] == ["label.shown"] * 4


def test_a_set_that_one_spoils_is_done_again_one_by_one(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    people = [rooms.person(f"P{n}") for n in range(5)]
    act, before = spoilt_by(people[2]), rooms.consent.ledger.head()[0]
    with ThreadPoolExecutor(5) as threads:
        with held(rooms):
            waiting = [start(threads, rooms, act, person) for person in people]
        with pytest.raises(IntegrityError):
            waiting[2].result(60)
        seqs = [waiting[n].result(60) for n in (0, 1, 3, 4)]
    assert seqs == list(range(before, before + 4))
    assert [one["t"] for one in rooms.entries()][before:] == ["label.shown"] * 4


def test_without_parts_of_their_own_the_poisoned_do_hurt_others(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Writing, "begin_part", lambda _writing: None)
    ada, bob = rooms.person("Ada"), rooms.person("Bob")
    with ThreadPoolExecutor(2) as threads:
        with held(rooms):
            failing = start(threads, rooms, poison, ada)
            start(threads, rooms, say, bob)
        assert isinstance(failing.exception(60), IntegrityError)
    assert [one["t"] for one in rooms.entries("pause", "label.shown")] == ["pause", "label.shown"]


def test_a_part_that_can_neither_be_kept_nor_taken_back_ends_its_whole_transaction(
    rooms: Rooms,
) -> None:
    """Found by failing every statement once: the entry stayed, and the head did not know it."""
    ada, engine = rooms.person("Ada", Purpose.LIKENESS), rooms.consent.ledger.engine

    def fail(_c: Connection, _cursor: Any, text: str, *_: Any) -> None:
        if text.startswith("RELEASE"):
            raise OperationalError(text, None, OSError("disk I/O error"))

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(Broken, match="not taken back"):
        rooms.consent.ledger.together(touch, ada)
    event.remove(engine, "before_cursor_execute", fail)
    assert len(rooms.entries()) == rooms.consent.ledger.head()[0]


def test_a_denial_is_an_answer_and_stays_in_the_log(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    question: Ask[Any] = Ask(
        step=Step.SELECT, subject=ada, purpose=Purpose.IMAGINE, object=rooms.object()
    )
    answer = rooms.consent.ledger.together(rooms.consent.gate.answer, question)
    assert isinstance(answer, Denial)
    assert answer.reason is Reason.NOT_GRANTED
    assert rooms.entries("decision")[-1]["seq"] == answer.seq


def test_an_act_about_a_stranger_fails_alone(rooms: Rooms) -> None:
    with pytest.raises(Misused) as unknown:
        rooms.consent.ledger.together(say, Subject(5))
    assert unknown.value.reason is Reason.UNKNOWN_SUBJECT


# --- transactions that fail


def test_a_commit_that_fails_is_told_to_everybody_in_it_and_leaves_nothing(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    people = [rooms.person(f"P{n}") for n in range(4)]
    before = rooms.consent.ledger.head()
    engine = rooms.consent.ledger.engine
    room_left = iter((True,))  # for the one that holds them up

    def full(_connection: Connection) -> None:
        if next(room_left, False):
            return
        raise OperationalError("COMMIT", None, Exception("no space left on device"))

    with ThreadPoolExecutor(4) as threads:
        with held(rooms):
            waiting = [start(threads, rooms, say, person) for person in people]
            event.listen(engine, "commit", full)
        failed = [one.exception(60) for one in waiting]
    assert all(isinstance(one, OperationalError) for one in failed), failed
    event.remove(engine, "commit", full)
    assert rooms.consent.ledger.head() == before
    assert rooms.consent.ledger.together(say, people[0]) == before[0]


def test_a_ledger_that_cannot_be_opened_is_told_to_everybody_who_waits(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    broken = Committer(out_of_order)
    with ThreadPoolExecutor(CLIENTS) as threads:
        asked = [threads.submit(broken, say, ada) for _ in range(CLIENTS)]
        assert all(isinstance(one.exception(60), Broken) for one in asked)


@contextmanager
def out_of_order() -> Iterator[Writing]:
    """Open nothing."""
    yield from ()
    raise Broken(Reason.UNAVAILABLE, "the database is gone")


def test_a_leader_who_is_interrupted_leaves_nobody_waiting(rooms: Rooms) -> None:
    people = [rooms.person(f"P{n}") for n in range(3)]

    def interrupted(_writing: Writing, _people: Sequence[Subject]) -> Sequence[Seq]:
        raise KeyboardInterrupt

    with ThreadPoolExecutor(3) as threads:
        with held(rooms):
            leader = start(threads, rooms, interrupted, people[0])
            others = [start(threads, rooms, say, person) for person in people[1:]]
        assert isinstance(leader.exception(60), KeyboardInterrupt)
        assert all(isinstance(one.exception(60), Broken) for one in others)
    assert rooms.consent.ledger.together(say, people[0]) == len(rooms.entries()) - 1


def test_who_is_interrupted_while_waiting_is_not_waited_for(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [rooms.person(f"P{n}") for n in range(3)]
    honest = threading.Event.wait

    def wait(woken: threading.Event, timeout: float | None = None) -> bool:
        if threading.current_thread().name == "impatient":
            raise KeyboardInterrupt
        return honest(woken, timeout)

    monkeypatch.setattr(threading.Event, "wait", wait)
    gone: list[BaseException] = []

    def impatient() -> None:
        try:
            rooms.consent.ledger.together(say, people[1])
        except KeyboardInterrupt as error:
            gone.append(error)

    with ThreadPoolExecutor(2) as threads:
        with held(rooms):
            first = start(threads, rooms, say, people[0])
            thread = threading.Thread(target=impatient, name="impatient")
            thread.start()
            thread.join(60)
            last = start(threads, rooms, say, people[2])
        assert last.result(60) == first.result(60) + 1
    assert len(gone) == 1


def interrupt_the_next_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = threading.Event.wait

    def once(_woken: threading.Event, _timeout: float | None = None) -> bool:
        monkeypatch.setattr(threading.Event, "wait", honest)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Event, "wait", once)


def test_who_is_interrupted_when_called_to_lead_calls_the_next(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer = Committer(rooms.consent.ledger.write)
    first, second = (_Act(say, rooms.person(name)) for name in ("Ada", "Bob"))
    committer._waiting.extend([first, second])
    committer._call_next()
    interrupt_the_next_wait(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        committer._follow(first)
    assert list(committer._waiting) == [second]
    assert second.woken.is_set()


def test_who_is_interrupted_once_it_is_over_calls_nobody(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer = Committer(rooms.consent.ledger.write)
    over, waits = (_Act(say, rooms.person(name)) for name in ("Ada", "Bob"))
    committer._waiting.append(waits)
    over.end(None)
    interrupt_the_next_wait(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        committer._follow(over)
    assert list(committer._waiting) == [waits]
    assert not waits.woken.is_set()


# --- how many, how long


def test_a_transaction_holds_so_many_acts_and_no_more(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.person("Ada")
    groups: list[int] = []
    committer = rooms.consent.ledger._committer
    honest = committer._take

    def take() -> Any:
        groups.append(len(taken := honest()))
        return taken

    monkeypatch.setattr(committer, "_take", take)
    with ThreadPoolExecutor(MOST + 6) as threads:
        with held(rooms):
            waiting = [start(threads, rooms, say, ada) for _ in range(MOST + 6)]
        seqs = [one.result(60) for one in waiting]
    assert groups == [MOST, 6]
    assert seqs == list(range(seqs[0], seqs[0] + MOST + 6))


def test_who_is_alone_waits_for_nobody(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    patient = Committer(rooms.consent.ledger.write, window=60)
    began = time.monotonic()
    for _ in range(3):
        patient(say, ada)
    assert time.monotonic() - began < 30


# --- kill -9


@pytest.fixture
def answered_and_logged(open_rooms: Opener, children: Children, tmp_path: Path) -> Counted:
    return partial(_counted, open_rooms, children, tmp_path)


def _counted(
    open_rooms: Opener, children: Children, home: Path, url: str, point: str
) -> tuple[int, int]:
    """Kill a process in full work; count its answers, and the pairs that its log holds."""
    rooms = open_rooms(url)
    people = [rooms.person(f"P{n}") for n in range(8)]
    rooms.close()
    done = children.run("tests.consent.acting", url, str(home), point)
    assert done.returncode == -signal.SIGKILL, done.stderr
    after = open_rooms(url)
    seqs = [int(line) for line in done.stdout.split()]
    logged = [one["seq"] for one in after.entries("pause")][1:]  # the first came before the point
    assert [one["seq"] + 1 for one in after.entries("pause")] == [
        one["seq"] for one in after.entries("resume")
    ], "half an act"
    for person in people:
        mine = [one for one in after.entries() if one.get("tag") == after.tag(person)]
        before = [None, *(one["seq"] for one in mine)]
        assert [one.get("prev") for one in mine] == before[: len(mine)]  # none, if killed so early
    assert len(seqs) == len(set(seqs)) > 0
    return len(set(seqs) - set(logged)), len(set(logged) - set(seqs))


@pytest.mark.parametrize("point", ["before the commit", "between two acts"])
def test_killed_before_the_commit_every_entry_was_answered_and_every_answer_is_there(
    answered_and_logged: Counted, database_url: str, point: str
) -> None:
    assert answered_and_logged(database_url, point) == (0, 0)


def test_killed_after_the_commit_whole_acts_stand_that_nobody_was_told_of(
    answered_and_logged: Counted, sqlite_url: str
) -> None:
    lost, untold = answered_and_logged(sqlite_url, "after the commit")
    assert lost == 0
    assert 1 <= untold <= 8


def test_answering_before_the_commit_does_lose_what_was_answered(
    answered_and_logged: Counted, sqlite_url: str
) -> None:
    lost, _ = answered_and_logged(sqlite_url, "answering too early")
    assert lost > 0
