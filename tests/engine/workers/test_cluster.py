# SPDX-License-Identifier: Apache-2.0
"""Actors that Ray runs: killed ones lose and repeat nothing, and nobody's face is in Ray."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import sitters
from benchmarks.stub import Stub
from consent.errors import Broken
from consent.gate import Denial
from consent.words import Purpose, Reason, Seq, Step
from engine import cycle, leading, workers
from engine.rooms import Rooms
from engine.workers import cluster as of_ray
from engine.workers import joining
from engine.workers.cluster import Cluster
from engine.workers.hand import Answer, Told
from feed.tables import feed_insert
from generation.holders import unnamed
from generation.portraits import Elsewhere, HeldBack, Portrait, Refusal, Request
from generation.tables import lease
from tests.engine import stubbed
from tests.engine.workers.searching import CANARY, likeness, processes, searched
from tests.postgres import Cluster as Server

pytestmark = [pytest.mark.whole, pytest.mark.postgres, pytest.mark.xdist_group("ray")]
PEOPLE = 64


@pytest.fixture(scope="module")
def town(cluster: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Open a home on PostgreSQL with two actors, once; everybody's face is a canary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sitters, "_grey", likeness)
        patch.setattr(sitters, "name_of", lambda number: f"{CANARY} {number}")
        rooms, _ = stubbed.home(
            tmp_path_factory.mktemp("ray") / "home",
            PEOPLE,
            how=Stub(seconds=0.02, batch=4, size=1_000),
            database_url=cluster.empty(),
            workers="ray",
            ray_actors="2",
        )
        patch.setattr(of_ray, "OPENER", "benchmarks.stub:opened")
        patch.setenv("ONLYOU_HOME", "/nowhere")  # actors open the home that they are told
        joined = workers.of(rooms)
        assert isinstance(joined, Cluster)
        yield joined
    joined.hands.ray.shutdown()
    rooms.consent.ledger.engine.dispose()


def folder_of(town: Cluster) -> Path:
    session = town.hands.ray._private.worker._global_node.get_session_dir_path()
    return Path(session)


def count(rooms: Rooms, table: object) -> int:
    with rooms.consent.ledger.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_a_plan_is_made_by_actors_and_a_killed_one_loses_and_repeats_nothing(
    town: Cluster,
) -> None:
    rooms = town.rooms
    victim = process_of(town)
    killed = threading.Timer(0.5, os.kill, (victim, signal.SIGKILL))
    told: list[Sequence[Request]] = []

    def between(some: Sequence[Request]) -> None:
        told.append(some)
        if len(told) == 1:
            killed.start()

    outcome = cycle.run(rooms, rooms.consent.ledger.now(), between=between)
    killed.join()
    assert outcome["selected"] == PEOPLE
    assert outcome["made"] == PEOPLE - outcome["none"]
    assert outcome["inserted"] == outcome["made"]
    assert stubbed.assets(rooms) == count(rooms, feed_insert) == outcome["made"]
    assert count(rooms, lease) == 0
    assert len(told) > outcome["made"] // of_ray.BATCH + 1, "a batch was handed out again"
    steps = [one["step"] for one in rooms.consent.ledger.bodies() if one["t"] == "effect"]
    assert steps.count("store") == steps.count("insert") == outcome["made"]
    assert process_of(town) != victim, "another process has taken its place"


def process_of(town: Cluster) -> int:
    """Name the first actor's process, once it runs: one that was killed is started anew."""
    for _ in range(300):
        with suppress(*town.hands.lost):
            found: int = town.hands.ray.get(town.hands.actors[0].ready.remote())
            return found
        time.sleep(0.1)
    raise AssertionError("the actor does not come back")


def test_what_waits_is_taken_in_turns_by_all_actors(town: Cluster) -> None:
    rooms = town.rooms
    more = sitters.settle(rooms, 8, first=PEOPLE)
    requests = stubbed.ordered(rooms, more, words=f"me as {CANARY}")
    assert len(requests) == 8
    assert town.take_turn()["made"] == 8
    assert town.take_turn() == {}


def test_nobodys_face_name_or_words_are_in_what_ray_holds(town: Cluster) -> None:
    folder, needle = folder_of(town), CANARY.encode()
    pids = processes(folder.parent)
    assert len(pids) == 2
    assert searched(folder, pids, needle) == []
    control = CANARY[::-1].encode()
    kept = town.hands.ray.put(control * 20_000)
    assert any("memory" in where for where in searched(folder, pids, control))
    del kept


def test_an_actor_calls_nobody_but_the_home_and_ray(town: Cluster) -> None:
    def abroad(_: object) -> str:
        import socket  # noqa: PLC0415 - in the actor's process

        try:
            with socket.socket() as out:
                out.settimeout(0.1)
                out.connect(("192.0.2.1", 443))
        except OSError as fault:
            return type(fault).__name__
        return "connected"

    assert abroad(None) != "PermissionError"
    asked = [one.__ray_call__.remote(abroad) for one in town.hands.actors]
    assert town.hands.ray.get(asked) == ["PermissionError"] * 2


def test_an_actor_that_breaks_says_only_how(town: Cluster) -> None:
    with pytest.raises(Broken, match="a worker broke: TypeError"):
        of_ray._value(town.hands.ray.get(town.hands.actors[0].make.remote(None)))


def test_who_comes_to_a_ray_that_others_have_taken_is_told_at_once(town: Cluster) -> None:
    ray, chosen = town.hands.ray, town.rooms.settings
    left = int(ray.cluster_resources()["CPU"]) - len(town.hands.actors)
    crowd = ray.remote(Nobody).options(num_cpus=left).remote()
    assert ray.get(crowd.here.remote())
    before = time.monotonic()
    with pytest.raises(Broken, match="ONLYOU_RAY_ACTORS"):
        joining.hands(replace(chosen, ray_address="head:6379", ray_actors=0), of_ray.OPENER)
    assert time.monotonic() - before < joining.READY_SECONDS / 4
    ray.kill(crowd)


class Nobody:
    """Somebody else's actor."""

    def here(self) -> bool:
        return True


def test_a_planner_acts_by_the_lead_of_whoever_asks(town: Cluster) -> None:
    rooms = town.rooms
    plan = cycle.Plans(rooms.consent.ledger, "later").open(rooms.consent.ledger.now())
    size, _ = rooms.consent.ledger.head()
    over = leading.Term(name=leading.PLAN, holder="somebody", number=1)
    with leading._leading(over), pytest.raises(Broken, match="NotLeading"):
        town.order(plan)
    assert rooms.consent.ledger.head()[0] == size


def test_a_stopped_actor_keeps_nobody_waiting_for_ever_nor_the_lead(town: Cluster) -> None:
    rooms = town.rooms
    impatient = replace(town, hands=replace(town.hands, patience=2.0))
    requests = stubbed.ordered(rooms, sitters.settle(rooms, 4, first=2 * PEOPLE))
    first, second = town.hands.ray.get([one.ready.remote() for one in town.hands.actors])
    os.kill(first, signal.SIGSTOP)
    assert [type(one) for one in impatient.making(requests)] == [Portrait] * 4
    os.kill(second, signal.SIGSTOP)
    plan = cycle.Plans(rooms.consent.ledger, "stopped").open(rooms.consent.ledger.now())
    with pytest.raises(Broken, match="is silent"), leading.led(rooms.consent.ledger, unnamed()):
        impatient.order(plan)
    with leading.led(rooms.consent.ledger, unnamed()) as term:
        assert term.number > 1, "another leads"


# --- without Ray


REQUEST = Request(id=5, subject=6, purpose=Purpose.IMAGINE, wish=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "made"),
    [
        (Told(5, "portrait", "r"), Portrait(request=REQUEST, recipe="r")),
        (Told(5, "refusal", "nsfw"), Refusal(request=REQUEST, reason=Reason.NSFW)),
        (Told(5, "held", "nsfw"), HeldBack(request=REQUEST, reason=Reason.NSFW)),
        (Told(5, "elsewhere"), Elsewhere(request=REQUEST)),
        (
            Told(5, "denial", "paused", 9, "read"),
            Denial(
                seq=Seq(9),
                step=Step.READ,
                subject=REQUEST.subject,
                purpose=REQUEST.purpose,
                object=REQUEST.id,
                reason=Reason.PAUSED,
            ),
        ),
    ],
)
def test_an_outcome_is_read_as_it_was_told(told: Told, made: object) -> None:
    assert of_ray._made(REQUEST, told) == made


def test_an_answer_is_its_value_or_an_error() -> None:
    assert of_ray._value(Answer(value=3)) == 3
    with pytest.raises(Broken, match="a worker broke: NotLeading unavailable"):
        of_ray._value(Answer(broke="NotLeading", reason="unavailable"))
