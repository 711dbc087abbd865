# SPDX-License-Identifier: Apache-2.0
"""Policies, notices and recipes are what their hash says."""

import hashlib
from pathlib import Path

import pytest

from consent import verify
from consent.verify.work import Work
from tests.consent.findings import found_in
from tests.consent.forge import Forge


@pytest.mark.parametrize(
    ("folder", "code"), [("policies", "policy-mismatch"), ("notices", "notice-mismatch")]
)
def test_a_published_text_that_was_changed_or_lost_is_found(
    copied: Path, folder: str, code: str
) -> None:
    path = min((copied / folder).iterdir())
    path.write_text(path.read_text() + "\n")
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == (code, f"{folder}/{path.name}")
    path.unlink()
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == ("bundle-unreadable", f"{folder}/{path.name}")


def test_a_published_policy_that_is_no_policy_is_found(forge: Forge) -> None:
    words = b"id = 'anything goes'\n"
    sha256 = hashlib.sha256(words).hexdigest()
    (forge.bundle / f"policies/{sha256}.toml").write_bytes(words)
    for entry in forge.log:
        if "policy" in entry:
            entry["policy"] = sha256
    bundle = forge.close()
    assert ("policy-mismatch", 0) in found_in(bundle)
    found = verify.verify(bundle)["findings"]
    said = [one["file"] for one in found if one["detail"] == "the file is no policy"]
    assert said == [f"policies/{sha256}.toml"]


@pytest.mark.parametrize("kept", [True, False])
def test_the_card_of_a_recipe_that_was_tried_lies_among_the_files(
    forge: Forge, kept: bool
) -> None:
    card = b'schema = "onlyou-card/1"\n'
    sha256 = hashlib.sha256(card).hexdigest()
    if kept:
        folder = forge.bundle / "recipes"
        folder.mkdir(exist_ok=True)
        (folder / f"{sha256}.toml").write_bytes(card)
    said = {"v": 1, "t": "selftest", "at": forge.log[-1]["at"], "kind": "single"}
    seq = forge.add(len(forge.log), said | {"verdict": "pass", "recipe": sha256})
    missing = [] if kept else [("bundle-unreadable", seq)]
    assert found_in(forge.close()) == missing


def test_a_question_with_a_word_that_is_none_asks_nothing(work: Work) -> None:
    asked = work.library.cell(b"p", b"select", b"story")
    assert asked is not None
    assert asked is work.library.cell(b"p", b"select", b"story")
    assert work.library.cell_of({"policy": "p", "step": "select", "purpose": "story"}) is asked
    assert work.library.cell(b"p", b"sell", b"story") is None
    assert work.library.cell(b"p", b"select", b"fun") is None


def test_policies_that_nobody_published_do_not_fill_the_memory(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.verify.library._MOST_CELLS", 3)
    for number in range(10):
        assert work.library.cell(b"%d" % number, b"select", b"story") is not None
        assert len(work.library._cells) <= 3


def test_every_entry_that_names_a_lost_card_is_named(work: Work) -> None:
    for seq in (3, 7):
        work.library.recipe(seq, "0a" * 32, work.findings)
    assert [(one["code"], one["seq"]) for one in work.findings.found] == [
        ("bundle-unreadable", 3),
        ("bundle-unreadable", 7),
    ]


def test_a_card_that_is_what_its_hash_says_is_no_finding(work: Work, tmp_path: Path) -> None:
    card = b'schema = "onlyou-card/1"\n'
    sha256 = hashlib.sha256(card).hexdigest()
    (tmp_path / "recipes").mkdir()
    (tmp_path / f"recipes/{sha256}.toml").write_bytes(card)
    for seq in (3, 7):
        work.library.recipe(seq, sha256, work.findings)
    assert work.findings.found == []
