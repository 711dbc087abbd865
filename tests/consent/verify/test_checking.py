# SPDX-License-Identifier: Apache-2.0
"""The whole: logs that grow, logs that were written anew, findings without end."""

import shutil
from pathlib import Path

import pytest

from consent import verify
from consent.verify import checking
from consent.verify.observer import Observer
from consent.verify.parts import Part, Task
from tests.consent.conftest import Year
from tests.consent.findings import STRANGER, found_in
from tests.consent.forge import Forge


def test_a_history_written_anew_with_care_is_found_by_whoever_kept_a_checkpoint(
    year: Year, forge: Forge, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copy(year.bundle / "checkpoint", kept)
    seq = forge.find("decision", verdict="deny", reasons=["withdrawn"])
    (forge.bundle / f"openings/{seq}.json").unlink()
    forge.drop(seq)
    bundle = forge.close()
    assert found_in(bundle) == []
    report = verify.verify(bundle, against=kept)
    assert [f["code"] for f in report["findings"]] == ["inconsistent-checkpoint"]


@pytest.mark.parametrize(("asked", "taken"), [(None, 1), (0, 1), (3, 3)])
def test_as_many_processes_read_as_are_asked_for(
    year: Year, monkeypatch: pytest.MonkeyPatch, asked: int | None, taken: int
) -> None:
    read_all, seen = checking.read_all, list[int]()

    def noted(task: Task, jobs: int, observer: Observer | None) -> Part:
        seen.append(jobs)
        return read_all(task, 1, observer)

    monkeypatch.setattr(checking, "read_all", noted)
    assert verify.verify(year.bundle, jobs=asked)["findings"] == []
    assert seen == [taken]


def test_a_log_that_has_only_grown_agrees_with_every_checkpoint_kept(
    year: Year, tmp_path: Path
) -> None:
    ledger = year.rooms.consent.ledger
    for size in (1, 2, 63, 64, ledger.head()[0]):
        (tmp_path / "kept").write_text(ledger.checkpoint(size), encoding="utf-8")
        report = verify.verify(year.bundle, against=tmp_path / "kept")
        assert report["findings"] == []
        assert report["checked"]["signatures"] > len(ledger.verifiers)


def test_a_history_of_the_same_size_that_was_changed_differs_from_a_checkpoint_kept(
    year: Year, forge: Forge, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(year.rooms.consent.ledger.checkpoint(70), encoding="utf-8")
    forge.edit(forge.find("label.shown"), note="edited")
    (found,) = verify.verify(forge.close(), against=kept)["findings"]
    assert (found["code"], found["seq"]) == ("inconsistent-checkpoint", 69)


def test_a_kept_checkpoint_that_somebody_else_signed_is_a_finding(
    year: Year, tmp_path: Path
) -> None:
    text = (year.bundle / "checkpoint").read_text("utf-8").partition("\n\n")[0]
    (tmp_path / "kept").write_text(STRANGER.note(f"{text}\n"), encoding="utf-8")
    report = verify.verify(year.bundle, against=tmp_path / "kept")
    assert [f["code"] for f in report["findings"]] == ["signature-missing"]


def test_a_kept_checkpoint_that_is_none_is_a_finding(year: Year, tmp_path: Path) -> None:
    report = verify.verify(year.bundle, against=tmp_path / "missing")
    assert [f["code"] for f in report["findings"]] == ["bundle-unreadable"]


LIMITS = (
    *("decisions._PERMITS", "library._MOST_CELLS", "openings._MOST_KNOWN"),
    *("past._MOST_TILES", "standing._SERVINGS", "uses._PEOPLE", "verdicts._MOST_KNOWN_VERDICTS"),
)
"""How much the verifier remembers, part by part."""


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("history", ["year", "nights"])
def test_however_little_is_remembered_the_same_is_said(
    request: pytest.FixtureRequest, history: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle: Path = request.getfixturevalue(history).bundle
    told = verify.verify(bundle, jobs=1)
    monkeypatch.setattr(f"consent.verify.{limit}", 0 if "TILES" not in limit else 1)
    assert verify.verify(bundle, jobs=1) == told
