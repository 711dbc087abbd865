# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent import bundle, policies
from consent.errors import Misused
from consent.replay import run
from consent.replay.loading import load
from tests.consent import history
from tests.consent.conftest import Year
from tests.consent.forge import Forge
from tests.rooms import Rooms


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


def test_an_erased_person_counts_and_cannot_be_computed_again(
    rooms: Rooms, tmp_path: Path
) -> None:
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    for subject in (ada, bob):
        history.insert(rooms, subject)
    tag = rooms.tag(ada)
    rooms.consent.erasures.erase(ada)
    bundle.export(rooms.consent, tmp_path / "bundle")
    recorded = load(tmp_path / "bundle").recorded
    assert recorded is not None
    assert recorded.told.erased == 1
    unknown = {recorded.tags[one] for one in recorded.tag[~recorded.known]}
    assert unknown == {tag}
    found = run.replay(recorded, policies.load("meta-profile-2024"))
    assert found["not_recomputable"] == found["recomputed"] == found["decisions"] // 2
    assert found["people_affected"] == 1
    assert found["bounds_of"]["people_affected"] == {"low": 2, "high": 2}
    assert found["effects_gone"]["inserts"] == 1
    assert found["bounds_of"]["inserts"] == {"low": 2, "high": 2}
