# SPDX-License-Identifier: Apache-2.0
"""Requests on PostgreSQL as the application: each sees the rows of who asks, and no others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Depends, Request, Response
from sqlalchemy import select

from consent import scopes
from consent.scopes import NOBODY
from consent.tables import asset
from engine.api.answers import json
from engine.api.desk import desk_of, person
from engine.api.tokens import Scope
from feed.tables import friendship
from tests.engine import carried, homes
from tests.engine.api import test_shares
from tests.engine.homes import Home
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres
ANEW = {"cursor", "req_id", "context", "checkpoint", "proof"}
READ = (
    "/v1/feed",
    "/v1/portraits",
    "/v1/selfies",
    "/v1/consents",
    "/v1/shares",
    "/v1/friends",
    "/v1/preferences",
    "/v1/jobs",
    "/v1/ledger/me",
    "/v1/pause",
    "/v1/reports",
    "/",
    "/likeness",
    "/studio",
)


@pytest.fixture(scope="module")
def carried_home(
    made_home: Path, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """Open the made home with its rows on PostgreSQL, in a process that is nobody's."""
    url = carried.carry(made_home, cluster)
    folder = tmp_path_factory.mktemp("asked") / "home"
    opened = carried.open_copy(made_home, folder, url)
    yield opened
    opened.close()
    cluster.drop(url)


def _said(home: Home, name: str, path: str) -> tuple[int, Any]:
    answer = home.client.get(path, headers=home.as_(name))
    kind = answer.headers.get("content-type", "")
    return answer.status_code, answer.json() if kind.startswith("application/json") else None


def test_what_is_read_is_what_a_database_without_such_guards_says(
    carried_home: Home, made_home: Path, tmp_path: Path
) -> None:
    plain = homes.open_copy(made_home, tmp_path / "plain")
    for name in ("Anna", "Ben", "Dora"):
        for path in READ:
            here, there = _said(carried_home, name, path), _said(plain, name, path)
            assert _lasting(here) == _lasting(there), (name, path)
    plain.close()


def _lasting(said: Any) -> Any:
    """Leave out what is drawn anew for every answer."""
    if isinstance(said, dict):
        return {k: _lasting(v) for k, v in said.items() if k not in ANEW}
    return list(map(_lasting, said)) if isinstance(said, (list, tuple)) else said


def test_a_route_that_forgets_whose_rows_it_wants_finds_the_askers_alone(
    carried_home: Home,
) -> None:
    app: Any = carried_home.client.app

    def owners(request: Request) -> Response:
        with desk_of(request).rooms.consent.ledger.read() as connection:
            found = connection.execute(select(asset.c.subject).distinct()).scalars()
            return json({"owners": sorted(map(str, found))})

    asker = Depends(person(Scope.FEED_READ))
    app.add_api_route("/forgetful", owners, dependencies=[asker])
    app.add_api_route("/anybody", owners)
    for name in ("Anna", "Ben"):
        owner = str(carried_home.person(name))
        assert _said(carried_home, name, "/forgetful")[1] == {"owners": [owner]}
    assert _said(carried_home, "Anna", "/anybody")[1] == {"owners": []}
    with (
        scopes.within(scopes.EVERYBODY),
        carried_home.rooms.consent.ledger.read() as connection,
    ):
        assert len(set(connection.execute(select(asset.c.subject)).scalars())) == 2


def test_nothing_is_anybodys_outside_of_a_request(carried_home: Home) -> None:
    assert scopes.said() is None
    with carried_home.rooms.consent.ledger.read() as connection:
        assert connection.execute(select(asset)).first() is None


def test_a_request_leaves_nobody_behind_in_its_pool(carried_home: Home) -> None:
    for name in ("Anna", "Ben", "Anna", "Dora"):
        mine = {item["id"] for item in _said(carried_home, name, "/v1/portraits")[1]["items"]}
        with scopes.within(NOBODY), carried_home.rooms.consent.ledger.read() as connection:
            assert connection.execute(select(asset)).first() is None
        assert bool(mine) is (name != "Dora")


def test_friends_see_what_is_shared_and_a_withdrawal_ends_it(carried_home: Home) -> None:
    home = test_shares.opened(carried_home)
    made = test_shares.share(home)
    assert test_shares.seen_by(home, "Ben") == [made["share_id"]]
    assert home.client.get(made["url"], headers=home.as_("Ben")).status_code == 200
    assert home.client.get(made["url"], headers=home.as_("Cleo")).status_code == 404
    gone = home.client.delete("/v1/consents/likeness", headers=home.as_("Anna"))
    assert gone.status_code == 200
    assert home.client.get(made["url"], headers=home.as_("Ben")).status_code == 404


def test_being_forgotten_takes_everything_though_a_request_sees_only_its_own(
    carried_home: Home,
) -> None:
    home, ben = carried_home, carried_home.person("Ben")
    said = {"confirm": "erase"}
    done = home.client.post("/v1/erasure", headers=home.as_("Ben"), json=said)
    assert done.status_code == 200, done.json()
    with scopes.within(scopes.EVERYBODY), home.rooms.consent.ledger.read() as connection:
        for table in (asset, friendship):
            assert not connection.execute(select(table).where(table.c.subject == ben)).all()
        assert not connection.execute(select(friendship).where(friendship.c.friend == ben)).all()
