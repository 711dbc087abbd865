# SPDX-License-Identifier: Apache-2.0
import tempfile
from pathlib import Path

import pytest

from consent import policies
from consent.errors import Broken
from consent.replay import loading
from engine.audit import live
from engine.audit.live import Live
from tests.engine.homes import Home


def test_what_is_seen_live_is_what_a_bundle_says(home: Home, tmp_path: Path) -> None:
    looking = Live(home.rooms.consent)
    seen = looking.look()
    live.bundle.export(home.rooms.consent, tmp_path / "bundle")
    taken = loading.load(tmp_path / "bundle")
    assert taken.report == seen.loaded.report
    target = policies.load("lensa-2022")
    assert taken.recorded is not None
    assert looking.replay(target, "pointwise") == live.run.replay(taken.recorded, target)


def test_nothing_of_it_stays_on_disk(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    Live(home.rooms.consent).look()
    assert [path for path in tmp_path.iterdir() if path.name.startswith("onlyou-audit")] == []


def test_a_log_beyond_the_limit_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LIMIT", 1)
    with pytest.raises(Broken, match="from a bundle"):
        Live(home.rooms.consent).look()
