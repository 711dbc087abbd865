# SPDX-License-Identifier: Apache-2.0
"""Ray is never spoken to without a token that is ours alone."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from consent.errors import Broken
from engine.settings import Settings
from engine.workers import joining, tokens

CHANGED = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", "RAY_USAGE_STATS_ENABLED")


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in CHANGED:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    return Settings(home=tmp_path, workers="ray")


def test_a_token_is_made_once_and_only_its_owner_reads_it(chosen: Settings) -> None:
    tokens.show(chosen)
    path = tokens.place(chosen)
    first = path.read_text()
    assert len(first) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert (os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN_PATH"]) == ("token", str(path))
    tokens.show(chosen)
    assert path.read_text() == first


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_token_that_others_can_read_is_refused(chosen: Settings, mode: int) -> None:
    tokens.show(chosen)
    tokens.place(chosen).chmod(mode)
    with pytest.raises(Broken, match="0600"):
        tokens.show(chosen)


def test_a_token_too_short_to_be_one_is_refused(chosen: Settings) -> None:
    tokens.place(chosen).write_text("guess")
    tokens.place(chosen).chmod(0o600)
    with pytest.raises(Broken, match="32 characters"):
        tokens.show(chosen)


def test_to_join_a_ray_of_others_its_own_token_is_needed(chosen: Settings) -> None:
    joining = replace(chosen, ray_address="head.example:6379", ray_token="theirs")
    with pytest.raises(Broken, match="must lie in theirs"):
        tokens.show(joining)
    with pytest.raises(Broken, match="no Ray token"):
        tokens.check(joining)


def test_where_ray_was_loaded_without_authentication_nothing_starts(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", ModuleType("ray"))
    with pytest.raises(Broken, match="without RAY_AUTH_MODE=token"):
        joining.started(chosen)
    assert not tokens.place(chosen).exists()
