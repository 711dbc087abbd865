# SPDX-License-Identifier: Apache-2.0
"""The whole HTTP engine over a copy of one made home."""

import fcntl
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest

from engine import choosing, wiring
from tests.engine import homes, town
from tests.engine.forking import Forks
from tests.engine.homes import Home
from tests.engine.town import Quick, Town


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the small home once a run, whichever test process needs it first."""
    return _once(tmp_path_factory, "made-home", homes.make)


def _once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """Make a folder once for all processes of a run; the others wait for it."""
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / name).exists():
            make(mine / f"{name}.new")
            (mine / f"{name}.new").rename(shared / name)
    return shared / name


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Import the engine once for all processes that a test needs of their own."""
    made = Forks(tmp_path_factory.mktemp("said"))
    yield made
    made.close()


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


@pytest.fixture(scope="session")
def town_templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make one town a policy, to be copied."""

    @cache
    def made(policy: str) -> Path:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wiring, "recipe", lambda _name: Quick())
            return _once(tmp_path_factory, f"town-{policy}", partial(town.make, policy=policy))

    return made


@pytest.fixture
def make_town(
    town_templates: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Town]]:
    """Open towns with the quick recipe, where the ranking always finds an idea for everybody."""
    monkeypatch.setattr(wiring, "recipe", lambda _name: Quick())
    monkeypatch.setattr(choosing.ranking, "choose", town.always_something)
    made: list[Town] = []

    def maker(policy: str = "strict-opt-in") -> Town:
        made.append(town.open_copy(town_templates(policy), tmp_path / f"town-{len(made)}"))
        return made[-1]

    yield maker
    for one in made:
        one.rooms.consent.ledger.engine.dispose()


@pytest.fixture
def small_town(make_town: Callable[..., Town]) -> Town:
    """Open one town under the default policy."""
    return make_town()
