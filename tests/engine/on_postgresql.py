# SPDX-License-Identifier: Apache-2.0
"""Every home of the API's and the pages' tests on PostgreSQL, as the application: `make scoped`.

A plugin (`-p tests.engine.on_postgresql`), for the whole of them takes half an hour on a busy
machine. It shows that no route needs a row that its request may not see.
"""

import shutil
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from consent import database
from consent.clocks import VirtualClock
from engine import settings, wiring
from engine.settings import Settings
from engine.web import site
from tests import portals, postgres
from tests.engine import carried, homes
from tests.engine.homes import NOON, Home
from tests.postgres import Cluster

_open = ExitStack()


@cache
def _cluster() -> Cluster:
    return _open.enter_context(postgres.running())


@cache
def _rows(template: Path) -> str:
    return carried.carry(template, _cluster())


def open_copy(template: Path, folder: Path, **changed: Any) -> Home:
    """Open a copy of the made home; what a test does itself is everybody's, a request is not."""
    shutil.copytree(template, folder)
    url = _cluster().twin(_rows(template))
    chosen = replace(Settings(home=folder, dev_tokens=True, database_url=url), **changed)
    settings.write(chosen)
    clock = VirtualClock(NOON)
    rooms = wiring.build(chosen, database.connect(url), clock)
    client = portals.shared(
        TestClient(site(rooms, chosen), raise_server_exceptions=False, follow_redirects=False)
    )
    return Home(rooms=rooms, clock=clock, client=client)


def pytest_configure() -> None:
    """Open every home here from now on."""
    homes.open_copy = open_copy


def pytest_unconfigure() -> None:
    """Let the server go."""
    _open.close()
