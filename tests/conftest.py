# SPDX-License-Identifier: Apache-2.0
"""What tests of every room share: a database of each kind, and the whole system on one of them."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, event

from consent import faults
from tests import buckets as stores
from tests import compiling, portals, postgres  # noqa: F401 - compiling shares what it compiles
from tests import rooms as homes
from tests.buckets import Bucket
from tests.children import Children
from tests.postgres import Cluster
from tests.rooms import Rooms

settings.register_profile(
    "onlyou",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("onlyou")

SQLITE = "sqlite"
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
BUCKET = pytest.param("bucket", marks=pytest.mark.xdist_group("bucket"))
"""On one process, so that only one starts the server."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-pg", action="store_true", help="leave out what needs PostgreSQL")
    parser.addoption("--races", type=int, default=300, help="attempts in each race")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--no-pg` names, and what has a target of its own unless `-m` asks for it.

    Deselect, never skip, so that a run that tests less says how much less.
    """
    unwanted = ["postgres"] if config.getoption("--no-pg") else []
    unwanted += [] if config.getoption("-m") else ["slow", "merge", "whole", "browser", "sweep"]
    left_out = [item for item in items if any(map(item.get_closest_marker, unwanted))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if config.getoption("loadgroup", False):
        _name_groups(items)


def pytest_collection_finish() -> None:
    """Let the collector pass over what lives to the end: modules, items, torch."""
    gc.collect()
    gc.freeze()


def _name_groups(items: list[pytest.Item]) -> None:
    """Write a test's group behind its id, where pytest-xdist 3.8 looks for it.

    It does so itself, but into an attribute that pytest 9.2 no longer reads.
    """
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and not item.nodeid.endswith(named := f"@{group.args[0]}"):
            item._id = NodeId.parse(f"{item.nodeid}{named}")


@event.listens_for(Engine, "begin")
def _wait_for_no_disk(connection: Connection) -> None:
    """Nothing in a test must survive a power cut; waiting for the disk would take most of it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session", autouse=True)
def _sync_nothing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _pass_no_point_without_a_name() -> Iterator[None]:
    def named(point: str) -> None:
        assert point in faults.POINTS

    with faults.injecting(named):
        yield


@pytest.fixture(scope="session", autouse=True)
def _end_the_loop() -> Iterator[None]:
    yield
    portals.close()


@pytest.fixture(scope="session")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    """Start the process that forks others, when first needed."""
    made = Children(tmp_path_factory.mktemp("said"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Start one server a test process, when first needed."""
    with postgres.running() as found:
        yield found


@pytest.fixture(scope="session")
def buckets() -> Iterator[stores.Server]:
    """Start one S3-compatible server a test process, when first needed."""
    with stores.running() as found:
        yield found


@pytest.fixture
def bucket(buckets: stores.Server) -> Bucket:
    """Give an empty bucket."""
    return buckets.bucket()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite file with the schema of all rooms, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    homes.empty(folder)
    return folder / "onlyou.db"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give an empty SQLite database."""
    path = tmp_path / "onlyou.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(cluster: Cluster) -> Iterator[str]:
    """Give an empty PostgreSQL database, to the application: it owns nothing of it."""
    url = cluster.fresh()
    yield url
    cluster.drop(url)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database; a test that asks for it runs on both kinds."""
    kind = "sqlite" if request.param == SQLITE else "postgres"
    url: str = request.getfixturevalue(f"{kind}_url")
    return url


@pytest.fixture
def owner_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """Name the same empty database as whoever owns its tables, to change what it is made of."""
    if database_url.startswith("sqlite"):
        return database_url
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.owner(database_url)


Opener = Callable[..., Rooms]


@pytest.fixture
def open_rooms(tmp_path: Path) -> Iterator[Opener]:
    """Open the system on a database, as often as a test likes; all is closed afterwards."""
    opened: list[Rooms] = []

    def opener(url: str, **settings: object) -> Rooms:
        opened.append(Rooms.open(url, tmp_path, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for rooms in opened:
        rooms.close()


@pytest.fixture
def rooms(open_rooms: Opener, sqlite_url: str) -> Rooms:
    """Open the whole system on SQLite, under the default policy, at noon of a fixed day."""
    return open_rooms(sqlite_url)


@pytest.fixture
def rooms_on_both(open_rooms: Opener, database_url: str) -> Rooms:
    """Open the whole system once on SQLite and once on PostgreSQL."""
    return open_rooms(database_url)
