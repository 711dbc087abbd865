# SPDX-License-Identifier: Apache-2.0
"""What the tests of bundles share: one honest year, exported once, copied for every fraud."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consent import bundle
from tests.consent.forge import Forge
from tests.consent.history import History, live
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


@pytest.fixture
def copied(year: Year, tmp_path: Path) -> Path:
    """Give a bundle of one's own to spoil."""
    return shutil.copytree(year.bundle, tmp_path / "bundle")


@pytest.fixture
def forge(year: Year, copied: Path) -> Forge:
    """Open a dishonest operator's workshop on a copy of the bundle."""
    return Forge(copied, year.rooms.consent.ledger.signer)
