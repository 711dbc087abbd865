# SPDX-License-Identifier: Apache-2.0
"""The command line as a user types it, in this process."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from engine import cli
from tests.engine.town import Town


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Onlyou = Callable[..., Said]
COMMANDS = cache(typer.main.get_command)
"""Typer reads two hundred signatures anew for every command that is typed."""


@pytest.fixture
def onlyou(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Onlyou:
    """Type a command; `home` is put where `--home` belongs."""

    def typed(*words: str, home: Path | None = None) -> Said:
        at_home = ("--home", str(home)) if home else ()
        monkeypatch.setattr(sys, "argv", ["onlyou", *words, *at_home])
        monkeypatch.setattr(typer.main, "get_command", COMMANDS)
        capsys.readouterr()
        try:
            cli.main()
            status = 0
        except SystemExit as left:
            status = int(left.code or 0)
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return typed


@pytest.fixture
def town_home(small_town: Town) -> Path:
    """Give the folder of a town that nobody else has open."""
    small_town.rooms.consent.ledger.engine.dispose()
    return small_town.rooms.settings.home
