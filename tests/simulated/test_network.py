# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL and a bucket behind a network that fails: nothing lost, nothing done twice.

Each act ends well or is answered by an error; done again over a line that holds it succeeds.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import make_url, update
from sqlalchemy.exc import SQLAlchemyError

from consent import database, roles
from consent.errors import Broken, OnlyouError
from consent.tables import log_head
from consent.words import Purpose
from tests import proxy
from tests.buckets import Server
from tests.postgres import APPLICATION, Cluster
from tests.properties.test_crashes import whole
from tests.proxy import WELL, Behaviour, Proxy
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
ENDS = (0, 60, 300, 1_800, 5_400)
"""After so many bytes of answers the line is cut: in a handshake, a statement, a commit."""


@pytest.fixture
def line(postgres_url: str) -> Iterator[Proxy]:
    """Put a proxy before PostgreSQL's Unix socket."""
    url = make_url(postgres_url)
    folder, port = url.query.get("host", url.host), url.port or url.query.get("port") or 5432
    target = f"{folder}/.s.PGSQL.{port}" if str(folder).startswith("/") else (folder, int(port))
    with proxy.before(target) as found:  # type: ignore[arg-type]
        yield found


@pytest.fixture
def behind(line: Proxy, postgres_url: str, tmp_path: Path) -> Iterator[Rooms]:
    """Open the consent room over that line."""
    url = make_url(postgres_url)
    query = {name: said for name, said in url.query.items() if name not in {"host", "port"}}
    through = url.set(host="127.0.0.1", port=line.port, query=query | {"connect_timeout": "2"})
    rooms = Rooms.open(through.render_as_string(hide_password=False), tmp_path)
    yield rooms
    line.behave()
    rooms.close()


@pytest.mark.postgres
def test_a_line_that_is_cut_anywhere_loses_no_withdrawal_and_makes_none_up(
    behind: Rooms, line: Proxy
) -> None:
    person, cut = behind.inserted_person(), 0
    for end in ENDS:
        behind.grant(person, FEED)
        before = len(behind.entries("withdraw"))
        line.behave(Behaviour(answers=end))
        try:
            behind.consent.withdrawals.withdraw(person, FEED)
        except (SQLAlchemyError, OnlyouError):
            cut += 1
        line.behave()
        behind.consent.withdrawals.withdraw(person, FEED)
        assert FEED not in behind.consent.grants.show(person)
        assert len(behind.entries("withdraw")) == before + 1, "a no was lost, or said twice"
    assert cut > 2, "the line was hardly ever cut: this proves nothing"
    whole(behind)


@pytest.fixture
def impatient(postgres_url: str, cluster: Cluster) -> None:
    """Let the server wait for the application a second where it waits for ten."""
    name = str(make_url(postgres_url).database)
    owner = database.connect(cluster.owner(postgres_url))
    with pytest.MonkeyPatch.context() as patch, owner.begin() as connection:
        short = {"idle_in_transaction_session_timeout": "1s"}
        patch.setattr(roles, "LIMITS", {**roles.LIMITS, **short})
        for statement in roles.limits(APPLICATION, name):
            connection.exec_driver_sql(statement)
    owner.dispose()


@pytest.mark.postgres
@pytest.mark.usefixtures("impatient")
def test_who_vanishes_with_the_head_of_the_log_holds_nobody_up(
    behind: Rooms, line: Proxy, postgres_url: str
) -> None:
    person = behind.inserted_person()
    other = Rooms.open(postgres_url, behind.home)
    with behind.consent.ledger.engine.connect() as gone:
        gone.begin()
        gone.execute(update(log_head).values(now=log_head.c.now))
        line.behave(Behaviour(swallows=True))
        saying = Thread(target=other.consent.withdrawals.withdraw, args=(person, FEED))
        saying.start()
        saying.join(timeout=5)
        held = saying.is_alive()
        line.cut()
        saying.join()
        gone.invalidate()
    line.behave()
    assert not held, "a client that is not there any more holds everybody up"
    assert FEED not in behind.consent.grants.show(person)
    other.close()
    whole(behind)


@pytest.mark.postgres
def test_with_a_slow_line_everything_takes_longer_and_nothing_else(
    behind: Rooms, line: Proxy
) -> None:
    line.behave(Behaviour(delay=0.001, rate=5_000_000))
    person = behind.inserted_person()
    obj = behind.portrait(person, FEED)
    behind.insert(person, obj)
    assert behind.look(person, obj) == b"portrait"
    behind.consent.withdrawals.withdraw(person, FEED)
    line.behave()
    whole(behind)


@pytest.mark.postgres
def test_with_no_database_nothing_is_allowed_and_nothing_opens(behind: Rooms, line: Proxy) -> None:
    person = behind.inserted_person()
    obj = behind.portrait(person, FEED)
    behind.insert(person, obj)
    line.behave(Behaviour(refuses=True))
    line.cut()
    with pytest.raises(SQLAlchemyError):
        behind.look(person, obj)
    with pytest.raises(SQLAlchemyError):
        behind.requested(person, FEED)
    line.behave()
    assert behind.look(person, obj) == b"portrait"


@pytest.mark.xdist_group("bucket")
def test_a_bucket_behind_a_faulty_line_says_no_or_has_the_bytes(buckets: Server) -> None:
    host, port = buckets.endpoint.removeprefix("http://").split(":")
    with proxy.before((host, int(port))) as line:
        blobs = buckets.bucket(f"http://127.0.0.1:{line.port}").open()
        for number, end in enumerate((0, 30, 120)):
            name, content = f"ab/{number}", b"sealed" * 100
            line.behave(Behaviour(answers=end))
            try:
                blobs.put_new(name, content)
            except Broken:
                line.behave()
                blobs.put_new(name, content)
            line.behave()
            assert blobs.get(name) == content
        assert line.cuts > 0
        assert [one.name for one in blobs.list()] == ["ab/0", "ab/1", "ab/2"]


@pytest.mark.xdist_group("bucket")
def test_a_bucket_that_swallows_everything_is_given_up_in_time(buckets: Server) -> None:
    host, port = buckets.endpoint.removeprefix("http://").split(":")
    with proxy.before((host, int(port))) as line:
        blobs = buckets.bucket(f"http://127.0.0.1:{line.port}").open()
        blobs.put_new("ab/one", b"sealed")
        line.behave(Behaviour(swallows=True))
        began = time.monotonic()
        with pytest.raises(Broken):
            blobs.get("ab/one")
        assert time.monotonic() - began < 10
        line.behave(WELL)
        line.cut()
        assert blobs.get("ab/one") == b"sealed"
