# SPDX-License-Identifier: Apache-2.0
"""The made home with its rows on PostgreSQL, opened as a server opens it: as nobody's."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from consent import carrying, database
from consent.clocks import VirtualClock
from consent.scopes import NOBODY
from engine import wiring
from engine.settings import Settings
from engine.web import site
from tests import portals
from tests.engine.homes import NOON, Home
from tests.postgres import Cluster


def carry(template: Path, cluster: Cluster) -> str:
    """Carry the made home's rows into a new database; return its URL, to be copied."""
    old = database.connect(f"sqlite:///{template / 'onlyou.sqlite3'}")
    new = database.connect(cluster.owner(url := cluster.fresh()))
    carrying.carry(old, new)
    old.dispose()
    new.dispose()
    return url


def open_copy(template: Path, folder: Path, url: str, **changed: Any) -> Home:
    """Open the engine over a copy of the made home whose rows lie at a URL, at noon."""
    shutil.copytree(template, folder)
    chosen = replace(Settings(home=folder, dev_tokens=True, database_url=url), **changed)
    clock = VirtualClock(NOON)
    rooms = wiring.build(chosen, database.connect(url, NOBODY), clock)
    client = portals.shared(
        TestClient(site(rooms, chosen), raise_server_exceptions=False, follow_redirects=False)
    )
    return Home(rooms=rooms, clock=clock, client=client)
