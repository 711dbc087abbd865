# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
import uvicorn
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from consent.errors import Broken, Closed
from consent.tables import basis
from consent.words import DAY, SECOND, Purpose, Reason, public_id
from engine.api.rates import Rate
from engine.cells import rounds
from engine.cells.front import Front, _Heard, _Writes
from engine.rooms import Rooms
from engine.settings import Settings
from engine.web import site
from tests.engine.cells import spread
from tests.engine.cells.spread import NAMES, Town

pytestmark = pytest.mark.xdist_group("cells")
"""One process makes the installation that all of these copy."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = spread.copied(tmp_path)
    yield made
    made.close()


def developing(rooms: Rooms, settings: Settings) -> Any:
    return site(rooms, replace(settings, dev_tokens=True))


@pytest.fixture
def client(town: Town) -> Iterator[TestClient]:
    with TestClient(Front(town.cells, developing)) as opened:
        yield opened


def as_(client: TestClient, name: str) -> dict[str, str]:
    asked = client.post("/v1/token", json={"subject": name})
    return {"Authorization": f"Bearer {asked.json()['access_token']}"}


def draw(town: Town) -> None:
    """Let a plan give everybody a portrait."""
    town.clock.advance(4 * DAY / SECOND)
    assert rounds.run(town.cells, lambda rooms: rooms.consent.ledger.now())["inserted"] > 0


def test_everybody_is_answered_by_the_shard_that_holds_them_and_by_no_other(
    client: TestClient, town: Town
) -> None:
    assert len({town.cells.shard_of(name) for name in NAMES}) > 1
    draw(town)
    for name in NAMES:
        account = town.cells.find(name)
        for given in (name, account.id):
            token = as_(client, given)
            listed = client.get("/v1/portraits", headers=token).json()["items"]
            image = client.get(f"/v1/portraits/{listed[0]['id']}/image", headers=token)
            assert (image.status_code, len(image.content)) == (200, 1_000)

    ada = as_(client, "Ada")
    other = next(n for n in NAMES if town.cells.shard_of(n) != town.cells.shard_of("Ada"))
    theirs = client.get("/v1/portraits", headers=as_(client, other)).json()["items"][0]["id"]
    found = client.get(f"/v1/portraits/{theirs}/image", headers=ada)
    assert found.status_code == 404
    head, _, signature = ada["Authorization"].split(".")
    _, claims, _ = as_(client, other)["Authorization"].split(".")
    forged = {"Authorization": f"{head}.{claims}.{signature}"}
    assert client.get("/v1/portraits", headers=forged).status_code == 401
    for rubbish in ("Bearer a.b.c", "Bearer x", "Bearer .e30.", "Bearer a.W10.c"):
        found = client.get("/v1/portraits", headers={"Authorization": rubbish})
        assert found.status_code == 401


def test_who_asks_for_nobody_says_which_shard_is_meant(client: TestClient, town: Town) -> None:
    def origin(**headers: str) -> str:
        told = client.get("/v1/ledger/checkpoint", headers=headers).text
        return told.partition("\n")[0]

    named = [origin(**{"Onlyou-Shard": str(n)}) for n in range(spread.SHARDS)]
    assert named == [town.cells.layout.origin(n) for n in range(spread.SHARDS)]
    assert origin() == origin(**{"Onlyou-Shard": "99"}) == origin(**{"Onlyou-Shard": "x"})
    assert origin() == origin(**{"Onlyou-Shard": "9" * 5_000})


def test_a_form_names_somebody_too(client: TestClient, town: Town) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    for sent in ({"data": {"subject": "Ada"}}, {"json": {"subject": "Ada"}}):
        entered = client.post("/enter", headers=own, follow_redirects=False, **sent)
        assert entered.status_code == 303
    lost = client.post("/v1/token", json={"subject": "Nobody"})
    assert lost.status_code == 422
    assert client.post("/v1/token", content=b"\xff", headers=own).status_code == 422
    joined = client.post("/welcome/join", data={"name": "Gus"}, headers=own)
    assert joined.status_code < 400
    assert town.cells.find("Gus").name == "Gus"
    assert public_id(town.cells.find("Gus").subject) == town.cells.find("Gus").id


class Moving:
    """An app under which the shard moves away, once, between the question and the answer."""

    def __init__(self, town: Town, moved: list[int], rooms: Rooms, settings: Settings) -> None:
        self._app, self._town, self._moved = developing(rooms, settings), town, moved
        self.state = self._app.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/v1/consents/likeness" and not self._moved:
            number = self._town.cells.shard_of("Ada")
            self._moved.append(number)
            self._town.moves.move(number, spread.other(self._town.place(number)))
        await self._app(scope, receive, send)


def test_a_withdrawal_that_meets_a_move_is_done_where_the_shard_is_now(town: Town) -> None:
    moved: list[int] = []
    with TestClient(Front(town.cells, partial(Moving, town, moved))) as client:
        ada = as_(client, "Ada")
        answered = client.delete("/v1/consents/likeness", headers=ada)
    assert answered.status_code in {200, 204}
    assert moved == [town.cells.shard_of("Ada")]
    person = town.cells.find("Ada").subject
    assert town.rooms(person).count(basis, person) == 0
    ended = {one["purpose"] for one in town.rooms(person).entries("withdraw")}
    assert ended == {Purpose.LIKENESS, Purpose.FEED_INSERT}


class Twice:
    """An app with a route of two transactions; the shard moves away before one of them, once."""

    def __init__(self, town: Town, before: list[int], rooms: Rooms, settings: Settings) -> None:
        self._app, self._town, self._before = developing(rooms, settings), town, before
        self._ledger, self.state = rooms.consent.ledger, self._app.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith("/v1/two"):
            await self._app(scope, receive, send)
            return
        try:
            await run_in_threadpool(self._act)
        except (Closed, OperationalError):  # the log is closed, or has been cleared
            await Response(status_code=503)(scope, receive, send)
        else:
            await Response(status_code=204)(scope, receive, send)

    def _act(self) -> None:
        for number in (1, 2):
            if self._before == [number]:
                self._before.clear()
                self._town.moves.move(0, spread.other(self._town.place(0)))
            with self._ledger.write() as writing:
                writing.append("aggregate", n=number)


@pytest.mark.parametrize("rate", list(Rate))
def test_reading_and_saying_no_may_be_said_twice_whatever_was_written(rate: Rate) -> None:
    writes = _Writes(rate)
    assert writes.may_be_said_again
    writes(None)  # type: ignore[arg-type]  # it only listens
    assert writes.may_be_said_again == (rate in {Rate.READ, Rate.LEAVE})


def test_nothing_is_done_twice_by_the_door(town: Town) -> None:
    before: list[int] = []

    def told(path: str, moves_before: int) -> tuple[int, list[int]]:
        size = len(town.cells.rooms(0).consent.ledger.bodies())
        before.append(moves_before)
        status = client.post(path).status_code
        new = town.cells.rooms(0).consent.ledger.bodies()[size:]
        return status, [one["n"] for one in new]

    with TestClient(Front(town.cells, partial(Twice, town, before))) as client:
        assert told("/v1/two", 1) == (204, [1, 2]), "refused as a whole, and done where it is now"
        assert told("/v1/two", 2) == (503, [1]), "half of it was done: whoever asked is told"


def test_naming_another_shard_gives_nobody_a_new_start(town: Town) -> None:
    front = replace(town.cells.layout.front, rates="read=3/minute")
    town.cells.layout = replace(town.cells.layout, front=front)
    with TestClient(Front(town.cells, developing)) as client:
        asked = [
            client.get("/v1/ledger/checkpoint", headers={"Onlyou-Shard": str(number)}).status_code
            for number in range(spread.SHARDS)
        ]
    assert asked == [200, 200, 200, 429]


def test_a_shard_that_does_not_arrive_in_time_is_unavailable_and_says_when_to_ask_again(
    town: Town,
) -> None:
    with TestClient(Front(town.cells, developing)) as client:
        ada = as_(client, "Ada")
        town.cells.patience = 0
        number = town.cells.shard_of("Ada")
        target = spread.other(town.place(number))
        spread.cut_at("move.closed", partial(town.moves.move, number, target))
        late = client.get("/v1/portraits", headers=ada)
        assert (late.status_code, late.headers["Retry-After"]) == (503, "1")
        town.moves.move(number, target)
        assert client.get("/v1/portraits", headers=ada).status_code == 200


def test_a_shard_that_moves_or_is_away_is_unavailable_and_the_others_are_answered(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def asked(number: int) -> tuple[int, str | None]:
        told = client.get("/v1/ledger/checkpoint", headers={"Onlyou-Shard": str(number)})
        return told.status_code, told.headers.get("Retry-After")

    spread.cut_at("move.closed", partial(town.moves.move, 1, spread.other(town.place(1))))
    town.cells.patience = 0
    with monkeypatch.context() as patch:
        spread.away(patch, town, 0)
        with TestClient(Front(town.cells, developing)) as client:
            assert caplog.text.count("a shard is moving or away") == 2, (
                "the door opens all the same"
            )
            assert [asked(number) for number in (0, 1)] == [(503, "1")] * 2
            assert [asked(number) for number in (2, 3)] == [(200, None)] * 2
            patch.undo()
            assert asked(0) == (200, None)


def test_a_door_does_not_open_over_a_shard_that_is_set_up_wrongly(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    spread.away(monkeypatch, town, 3, Broken(Reason.SCHEMA_VERSION, "another version"))
    front = Front(town.cells)
    with pytest.raises(Broken, match="another version"), TestClient(front):
        pass
    assert not front._apps, "what was opened before it goes on drawing"
    server = uvicorn.Server(uvicorn.Config(front, port=0, log_config=None))
    server.should_exit = True  # as soon as it has started, if it does
    with pytest.raises(SystemExit):
        server.run()


def test_where_nobody_can_say_whether_a_shard_has_moved_its_answer_is_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise spread.AWAY

    monkeypatch.setattr(town.cells, "has_left", lost)
    with TestClient(Front(town.cells, partial(Twice, town, [1]))) as client:
        assert client.post("/v1/two").status_code == 503


def test_who_signs_in_while_their_shard_moves_holds_no_thread_that_others_need(
    town: Town,
) -> None:
    number = town.cells.shard_of("Ada")
    name = next(n for n in NAMES if town.cells.shard_of(n) != number)
    with TestClient(Front(town.cells, developing)) as client, ThreadPoolExecutor(1) as waiting:
        other = as_(client, name)
        target = spread.other(town.place(number))
        spread.cut_at("move.closed", partial(town.moves.move, number, target))
        town.cells.patience = 0
        late = client.post("/v1/token", json={"subject": "Ada"})
        assert (late.status_code, late.headers["Retry-After"]) == (503, "1")
        town.cells.patience = 20
        assert client.portal is not None
        client.portal.call(_one_thread)
        later = waiting.submit(client.post, "/v1/token", json={"subject": "Ada"})
        for _ in range(2):
            assert client.get("/v1/portraits", headers=other).status_code == 200
        assert not later.done()
        town.moves.move(number, target)
        assert later.result(30).status_code == 200


def test_who_waits_for_a_shard_holds_no_thread_that_others_need(town: Town) -> None:
    number = town.cells.shard_of("Ada")
    name = next(n for n in NAMES if town.cells.shard_of(n) != number)
    with TestClient(Front(town.cells, developing)) as client, ThreadPoolExecutor(1) as waiting:
        ada, other = as_(client, "Ada"), as_(client, name)
        town.cells.patience = 20
        target = spread.other(town.place(number))
        spread.cut_at("move.closed", partial(town.moves.move, number, target))
        assert client.portal is not None
        client.portal.call(_one_thread)
        late = waiting.submit(client.get, "/v1/portraits", headers=ada)
        assert client.get("/v1/portraits", headers=other).status_code == 200
        assert client.get("/v1/portraits", headers=other).status_code == 200
        assert not late.done()
        town.moves.move(number, target)
        assert late.result(30).status_code == 200


async def _one_thread() -> None:
    anyio.to_thread.current_default_thread_limiter().total_tokens = 1


def test_of_a_body_without_an_end_no_more_is_kept_than_may_be() -> None:
    anyio.run(_hear_without_end)


async def _hear_without_end() -> None:
    heard = 0

    async def receive() -> Message:
        nonlocal heard
        heard += 1
        return {"type": "http.request", "body": bytes(1 << 18), "more_body": True}

    endless = _Heard(receive)
    assert await endless.body() == b""
    assert heard == 5
    again = endless.again()
    sizes = [len((await again())["body"]) for _ in range(7)]
    assert (sizes, heard) == ([1 << 18] * 7, 7), "the app hears all of it, and judges its length"
