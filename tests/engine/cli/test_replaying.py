# SPDX-License-Identifier: Apache-2.0
import shutil
from pathlib import Path

import pytest

from consent import policies
from consent.bundle import export
from consent.replay.run import CAVEAT
from tests.engine import homes
from tests.engine.cli.conftest import Onlyou


@pytest.fixture(scope="session")
def exported(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the small home's ledger once."""
    folder = tmp_path_factory.mktemp("exported")
    home = homes.open_copy(made_home, folder / "home")
    export(home.rooms.consent, folder / "bundle")
    home.close()
    return folder / "bundle"


@pytest.fixture
def bundle(exported: Path, tmp_path: Path) -> Path:
    """Give a bundle of one's own to spoil."""
    return shutil.copytree(exported, tmp_path / "bundle")


def test_a_replay_says_what_would_differ(onlyou: Onlyou, bundle: Path) -> None:
    for mode in ("pointwise", "closed-loop"):
        words = ("audit", "replay", str(bundle), "--policy", "lensa-2022", "--mode", mode)
        told = onlyou(*words, "--json")
        assert (told.status, told.json["mode"]) == (0, mode)
        assert told.json["table"]["allow_deny"] > 0
        assert onlyou(*words, "--json").out == told.out
        said = onlyou(*words)
        assert (said.status, "allowed then, not now" in said.out) == (0, True)
        assert " ".join(said.out.split()).endswith(CAVEAT)


def test_the_recorded_policy_changes_nothing(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    assert onlyou("cycle", home=town_home).status == 0
    assert onlyou("audit", "export", str(bundle), home=town_home).status == 0
    told = onlyou("audit", "replay", str(bundle), "--policy", "strict-opt-in", "--json")
    assert list((bundle / "blocks").iterdir())
    assert told.json["not_recomputable"] == 0 < told.json["recomputed"]
    assert (told.json["flips"], told.json["people_affected"]) == ([], 0)


def test_a_policy_of_ones_own_can_be_replayed(
    onlyou: Onlyou, bundle: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(policies.load("strict-opt-in").text.replace('"insert"', '"share"'))
    told = onlyou("audit", "replay", str(bundle), "--policy", str(own), "--json").json
    assert {flip["step"] for flip in told["flips"]} == {"insert"}


def test_words_of_others_are_printed_and_not_obeyed(
    onlyou: Onlyou, bundle: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    text = policies.load("strict-opt-in").text
    own.write_text(text.replace('id = "strict-opt-in"', 'id = "[/x]<b>"'))
    said = onlyou("audit", "replay", str(bundle), "--policy", str(own))
    assert (said.status, "[/x]<b>" in said.out) == (0, True)
    out = tmp_path / "report.html"
    assert onlyou("audit", "report", str(bundle), "--out", str(out), "--policy", str(own))
    assert "[/x]&lt;b&gt;" in out.read_text("utf-8")


def test_a_policy_that_is_none_is_one_clear_sentence(
    onlyou: Onlyou, bundle: Path, tmp_path: Path
) -> None:
    spoilt = tmp_path / "spoilt.toml"
    spoilt.write_bytes(b"\xff\xfe id = 3")
    for named in ("nobodys", str(spoilt)):
        refused = onlyou("audit", "replay", str(bundle), "--policy", named)
        assert (refused.status, len(refused.err.splitlines())) == (2, 1)


def test_what_does_not_verify_is_neither_replayed_nor_reported(
    onlyou: Onlyou, bundle: Path, tmp_path: Path
) -> None:
    next((bundle / "notices").iterdir()).write_text("something else")
    policy = ("--policy", "lensa-2022")
    told = onlyou("audit", "replay", str(bundle), *policy, "--json")
    assert (told.status, told.json["reason"]) == (1, "notice-mismatch")
    assert told.json["findings"]
    assert "does not verify" in onlyou("audit", "replay", str(bundle), *policy).out
    out = tmp_path / "report.html"
    assert onlyou("audit", "report", str(bundle), "--out", str(out)).status == 1
    assert not out.exists()


def test_no_bundle_is_wrong_usage(onlyou: Onlyou, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert onlyou("audit", "replay", nowhere, "--policy", "lensa-2022").status == 2
    assert onlyou("audit", "report", nowhere).status == 2


def test_a_report_is_one_file_the_same_each_time(
    onlyou: Onlyou, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report.html"
    told = onlyou("audit", "report", str(bundle), "--out", str(out), "--json").json
    assert (told["file"], told["policies"]) == (str(out), len(policies.names()))
    first = out.read_bytes()
    monkeypatch.chdir(tmp_path)
    only = onlyou("audit", "report", "bundle", "--policy", "lensa-2022", "--policy", "lensa-2022")
    assert only.status == 0
    assert b"snapchat-2024" not in (tmp_path / "bundle-report.html").read_bytes()
    assert onlyou("audit", "report", str(bundle), "--out", str(out)).status == 0
    assert out.read_bytes() == first
