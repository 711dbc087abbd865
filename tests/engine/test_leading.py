# SPDX-License-Identifier: Apache-2.0
"""One leads at a time; whoever led before writes nothing, however long they slept (T19)."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, select, text

from consent.words import Micros
from engine import leading
from engine.leading import SECONDS, NotLeading, Term
from engine.tables import leader
from generation.holders import Holder, unnamed
from tests.engine import planners
from tests.postgres import Cluster
from tests.rooms import Rooms

ROOT = Path(__file__).parents[2]


def row(rooms: Rooms) -> tuple[str, int, int]:
    with rooms.consent.ledger.read() as connection:
        return tuple(
            connection.execute(select(leader.c.holder, leader.c.term, leader.c.until)).one()
        )  # type: ignore[return-value]


def writes(rooms: Rooms) -> None:
    with rooms.consent.ledger.write() as writing:
        writing.append("aggregate", n=1)


def test_who_leads_keeps_others_out_and_lets_go_at_the_end(rooms_on_both: Rooms) -> None:
    ledger, first, second = rooms_on_both.consent.ledger, unnamed(), unnamed()
    with leading.led(ledger, first) as term:
        assert (term.holder, term.number) == (first.name, 1)
        assert leading.present() == term
        with pytest.raises(NotLeading), leading.led(ledger, second):
            raise AssertionError
        writes(rooms_on_both)
    assert leading.present() is None
    with leading.led(ledger, second) as term:
        assert (term.holder, term.number) == (second.name, 2)
    with leading.led(ledger, second, name="something else") as other:
        assert other.number == 1


def test_a_leader_whose_term_is_over_commits_nothing(rooms_on_both: Rooms) -> None:
    ledger, first, second = rooms_on_both.consent.ledger, unnamed(), unnamed()
    size, _ = ledger.head()
    with leading.led(ledger, first):
        rooms_on_both.clock.advance(SECONDS + 1)
        writes(rooms_on_both)  # late, and nobody else leads: still ours
        elsewhere(lambda: taken_over(rooms_on_both, second))
        with pytest.raises(NotLeading):
            writes(rooms_on_both)
    assert ledger.head()[0] == size + 1
    assert row(rooms_on_both)[:2] == (second.name, 2), "who was deposed lets go of nothing"


def taken_over(rooms: Rooms, by: Holder) -> None:
    leading._taken(rooms.consent.ledger, by, leading.PLAN, SECONDS)


def elsewhere(act: Callable[[], None]) -> None:
    """Do something on another thread, where nobody stands behind this one's fences."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_a_lead_that_is_over_stays_over_for_another_process_that_acts_by_it(rooms: Rooms) -> None:
    old = Term(name=leading.PLAN, holder="a", number=1)
    taken_over(rooms, Holder(name="a"))
    with rooms.consent.ledger.read() as connection:
        leading.check(old, connection)
    rooms.clock.advance(SECONDS + 1)
    taken_over(rooms, Holder(name="a"))
    with rooms.consent.ledger.read() as connection, pytest.raises(NotLeading):
        leading.check(old, connection)


def test_the_lead_of_a_dead_process_is_taken_at_once(rooms: Rooms, tmp_path: Path) -> None:
    dead, mine = (Holder(name=name, folder=tmp_path / "holders") for name in ("dead", "mine"))
    dead.appear()
    taken_over(rooms, dead)
    with pytest.raises(NotLeading):
        taken_over(rooms, mine)
    dead.leave()
    taken_over(rooms, mine)
    assert row(rooms)[:2] == ("mine", 2)


def test_a_long_plan_renews_its_lead_though_one_beat_fails(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    beats: list[str] = []
    renewed = threading.Event()
    real = leading._renew

    def renew(*given: Any) -> None:
        beats.append(threading.current_thread().name)
        if len(beats) == 1:
            raise OSError("the database is away")
        rooms.clock.advance(1)
        real(*given)
        renewed.set()

    monkeypatch.setattr(leading, "_renew", renew)
    with leading.led(rooms.consent.ledger, unnamed(), seconds=0.06):
        before = row(rooms)[2]
        assert renewed.wait(timeout=10)
        assert row(rooms)[2] > before
    assert beats[:2] == ["leader", "leader"]
    assert "it is tried again" in caplog.text


# --- T19: a planner that is stopped and goes on


@dataclass(frozen=True)
class Planner:
    name: str
    process: subprocess.Popen[bytes]

    def says(self) -> str:
        """Read the slot that it plans; "done" also of one that said so before."""
        assert self.process.stdout
        if line := self.process.stdout.readline().decode().strip():
            return line
        assert self.process.wait() == 0, f"{self.name} broke off"
        return "done"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)  # which is nothing to one that has ended

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def planning(url: str, home: Path, slots: int, *more: str) -> Iterator[list[Planner]]:
    """Start two planners of the same slots."""
    with ExitStack() as stack:
        started = []
        for name in ("anna", "bert"):
            command = (sys.executable, "-m", "tests.engine.planners")
            given = (url, str(home), name, str(slots), *more)
            process = stack.enter_context(
                subprocess.Popen((*command, *given), cwd=ROOT, stdout=subprocess.PIPE)
            )
            stack.callback(process.kill)
            started.append(Planner(name, process))
        yield started


def watched(cluster: Cluster, url: str) -> str:
    """Let the database note who writes an entry or closes a plan, and who leads at that moment."""
    admin = cluster.admin.set(database=make_url(url).database)
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in WATCH:
            connection.execute(text(statement))
    engine.dispose()
    return admin.render_as_string(hide_password=False)


WATCH = (
    "CREATE TABLE seen (what text, writer text, led text)",
    "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
    "INSERT INTO seen SELECT TG_TABLE_NAME || CASE WHEN TG_TABLE_NAME = 'plan_run' "
    "THEN to_jsonb(NEW)->>'slot' ELSE '' END, current_setting('application_name'), "
    "(SELECT holder FROM leader WHERE name = 'plan'); RETURN NULL; END $$",
    "CREATE TRIGGER see AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION see()",
    "CREATE TRIGGER see AFTER UPDATE ON plan_run FOR EACH ROW EXECUTE FUNCTION see()",
)


def seen(admin: str) -> list[tuple[str, str, str]]:
    engine = create_engine(admin)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT what, writer, led FROM seen")).all()
    engine.dispose()
    return [tuple(one) for one in rows]  # type: ignore[misc]


def stopped_and_continued(planners_: list[Planner], times: int) -> None:
    """Stop whoever leads in the middle of a slot until the other leads, so many times."""
    leads, other = planners_
    for _ in range(times):
        said = leads.says()
        leads.stop()
        while said != "done" and (theirs := other.says()) != "done" and int(theirs) < int(said):
            pass
        leads.go_on()
        leads, other = other, leads
    for one in planners_:
        while one.says() != "done":
            pass


@pytest.mark.postgres
def test_a_planner_that_slept_through_its_lead_plans_nothing_twice(
    open_rooms: Callable[..., Rooms], postgres_url: str, cluster: Cluster
) -> None:
    rooms, slots = open_rooms(postgres_url), 100
    admin = watched(cluster, postgres_url)
    with planning(postgres_url, rooms.home, slots) as both:
        stopped_and_continued(both, 3)
    noted = seen(admin)
    assert [one for one in noted if one[1] != one[2]] == [], "written by who did not lead"
    closed = sorted(what for what, _, _ in noted if what.startswith("plan_run"))
    assert closed == sorted(f"plan_run{Micros(slot * planners.HOUR)}" for slot in range(slots))
    assert {writer for _, writer, _ in noted} == {"anna", "bert"}


@pytest.mark.postgres
def test_without_the_fence_the_sleeper_writes_into_anothers_term(
    open_rooms: Callable[..., Rooms], postgres_url: str, cluster: Cluster
) -> None:
    """The control: the same, with nobody looking at the term."""
    rooms = open_rooms(postgres_url)
    admin = watched(cluster, postgres_url)
    with planning(postgres_url, rooms.home, 40, "unfenced") as both:
        stopped_and_continued(both, 3)
    assert [one for one in seen(admin) if one[1] != one[2]]
