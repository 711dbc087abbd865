# SPDX-License-Identifier: Apache-2.0
"""The whole HTTP engine over a copy of one made home."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine import homes
from tests.engine.homes import Home


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the small home once a test process."""
    folder = tmp_path_factory.mktemp("made") / "home"
    homes.make(folder)
    return folder


@pytest.fixture
def open_home(made_home: Path, tmp_path: Path) -> Iterator[Callable[..., Home]]:
    """Open copies of the home, with settings changed where a test says so."""
    opened: list[Home] = []

    def opener(**changed: object) -> Home:
        opened.append(homes.open_copy(made_home, tmp_path / f"home-{len(opened)}", **changed))
        return opened[-1]

    yield opener
    for home in opened:
        home.close()


@pytest.fixture
def home(open_home: Callable[..., Home]) -> Home:
    """Open one copy of the home with the development issuer on."""
    return open_home()
