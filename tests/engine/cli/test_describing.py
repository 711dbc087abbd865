# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from engine.api.description import text
from engine.web import site
from tests.engine.cli.conftest import Onlyou
from tests.engine.homes import Home


def test_the_command_writes_what_any_installation_says(
    onlyou: Onlyou, home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "openapi.json"
    onlyou("openapi", str(file))
    assert file.read_text("utf-8") == text(site(home.rooms, home.rooms.settings))
