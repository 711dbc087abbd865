# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent.errors import Misused
from consent.replay.loading import load
from tests.consent.conftest import Year
from tests.consent.forge import Forge


def test_a_verified_bundle_becomes_columns(year: Year) -> None:
    loaded = load(year.bundle)
    recorded = loaded.recorded
    assert loaded.report["ok"]
    assert recorded is not None
    assert len(recorded) == loaded.report["checked"]["decisions"]
    assert recorded.told.root == loaded.report["root"]
    assert recorded.told.served == len(year.rooms.entries("notice.served"))
    assert recorded.told.erased == 0
    assert recorded.known.all()
    assert set(recorded.policies) <= set(recorded.texts)


def test_what_does_not_verify_is_not_replayed(forge: Forge) -> None:
    forge.drop(forge.find("decision", 3))
    loaded = load(forge.close())
    assert loaded.recorded is None
    assert loaded.report["findings"]


def test_a_spoilt_bundle_is_no_traceback(copied: Path) -> None:
    for path in sorted(copied.rglob("*")):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-3])
    assert load(copied).recorded is None


def test_without_openings_nothing_is_known(copied: Path) -> None:
    for opening in (copied / "openings").iterdir():
        opening.unlink()
    recorded = load(copied).recorded
    assert recorded is not None
    assert not recorded.known.any()


def test_no_bundle_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="there is no bundle"):
        load(tmp_path / "nowhere")
