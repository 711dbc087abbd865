# SPDX-License-Identifier: Apache-2.0
"""Play a story in a folder of its own, and hold its page to what was played."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import choosing, wiring
from tests.engine import town
from tests.engine.town import Quick
from tests.systems import pages

Play = Callable[[str], None]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Play with a recipe that is quick, where the ranking always finds an idea."""
    monkeypatch.setattr(wiring, "recipe", lambda _chosen: Quick())
    monkeypatch.setattr(choosing.ranking, "choose", town.always_something)

    def played(policy: str) -> None:
        stage, text = pages.play(policy, tmp_path)
        stage.rooms.consent.ledger.engine.dispose()
        assert pages.kept(policy).read_text("utf-8") == text, "python -m tests.systems.pages"

    return played
