# SPDX-License-Identifier: Apache-2.0
"""What the tests of bundles share: one honest year, exported once, copied for every fraud."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consent import bundle
from tests.conftest import Opener
from tests.consent.copies import Copying
from tests.consent.forge import Forge, Operator
from tests.consent.history import History, live, sleep
from tests.rooms import Rooms


@dataclass(frozen=True, slots=True)
class Year:
    """The rooms, who lived in them, and the bundle of it."""

    rooms: Rooms
    history: History
    bundle: Path


@pytest.fixture(scope="session")
def year(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """Live the honest year once and export it."""
    home = tmp_path_factory.mktemp("year")
    shutil.copy(sqlite_template, home / "onlyou.db")
    rooms = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    history = live(rooms)
    bundle.export(rooms.consent, home / "bundle")
    yield Year(rooms, history, home / "bundle")
    rooms.close()


@pytest.fixture(scope="session")
def nights(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """Live the honest year once more, and two nights with blocks of decisions after it."""
    home = tmp_path_factory.mktemp("nights")
    shutil.copy(sqlite_template, home / "onlyou.db")
    rooms = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    history = live(rooms)
    sleep(rooms, history)
    bundle.export(rooms.consent, home / "bundle")
    yield Year(rooms, history, home / "bundle")
    rooms.close()


@pytest.fixture
def night(nights: Year, tmp_path: Path) -> Forge:
    """Open the workshop on a copy of the bundle with blocks."""
    copy = shutil.copytree(nights.bundle, tmp_path / "nights")
    return Forge(copy, Operator(nights.rooms.consent.ledger))


@pytest.fixture
def copied(year: Year, tmp_path: Path) -> Path:
    """Give a bundle of one's own to spoil."""
    return shutil.copytree(year.bundle, tmp_path / "bundle")


@pytest.fixture
def forge(year: Year, copied: Path) -> Forge:
    """Open a dishonest operator's workshop on a copy of the bundle."""
    return Forge(copied, Operator(year.rooms.consent.ledger))


@pytest.fixture
def living(open_rooms: Opener, sqlite_template: Path, tmp_path: Path) -> Rooms:
    """Open a system of which copies and backups are made."""
    shutil.copy(sqlite_template, tmp_path / "live.db")
    return open_rooms(f"sqlite:///{tmp_path / 'live.db'}")


@pytest.fixture
def copying(living: Rooms, tmp_path: Path, sqlite_url: str, open_rooms: Opener) -> Copying:
    """Give a living system and an empty database for a copy of it."""
    url = sqlite_url
    return Copying(live=living, url=url, owner=url, folder=tmp_path, opener=open_rooms)


@pytest.fixture
def copying_on_both(
    living: Rooms, tmp_path: Path, database_url: str, owner_url: str, open_rooms: Opener
) -> Copying:
    """Give the same with an empty database of each kind."""
    url = database_url
    return Copying(live=living, url=url, owner=owner_url, folder=tmp_path, opener=open_rooms)
