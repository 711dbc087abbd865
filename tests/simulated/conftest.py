# SPDX-License-Identifier: Apache-2.0
"""One village a test process, to be copied; its ranking always finds an idea for everybody."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from engine import choosing
from tests.simulated import village
from tests.simulated.village import Village


@pytest.fixture(scope="session")
def ideas() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing.ranking, "choose", village.always_something)
        yield


@pytest.fixture(scope="session")
def made_village(ideas: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the village once a test process."""
    del ideas
    folder = tmp_path_factory.mktemp("village") / "home"
    village.make(folder)
    return folder


@pytest.fixture
def copies(made_village: Path, tmp_path: Path, ideas: None) -> Callable[[], Path]:
    """Give fresh copies of the village's home."""
    del ideas
    numbers = count()
    return lambda: village.copy(made_village, tmp_path / f"village-{next(numbers)}")


Reopen = Callable[[Path], Village]


@pytest.fixture
def reopen() -> Iterator[Reopen]:
    """Open homes; all are closed afterwards."""
    opened: list[Village] = []

    def opener(home: Path) -> Village:
        opened.append(village.open_at(home, village.morning()))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()
