# SPDX-License-Identifier: Apache-2.0
"""An exported log is changed anywhere, or shown in two versions: whoever looks finds it.

What is not found is said: the words in a manifest that name its own layout, and openings that are
withheld, which erasing does and the verifier counts.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from consent import bundle, notes, verify
from consent.words import Purpose
from tests.consent.forge import read_log
from tests.engine import homes
from tests.engine.homes import Home

CLASSES: Mapping[str, str] = {
    "entries": "tile/entries/*/*",
    "tiles of hashes": "tile/0/*/*",
    "the checkpoint": "checkpoint",
    "the log's keys": "keys/log.vkey",
    "the witnesses": "keys/witnesses.json",
    "the manifest": "manifest.json",
    "a notice": "notices/*",
    "a policy": "policies/*",
    "a recipe's card": "recipes/*",
    "an opening": "openings/*",
    "statistics": "aggregates/*",
}
FREE = b'"made_at"'


@pytest.fixture
def exported(home: Home, tmp_path: Path) -> Path:
    """Export the small home's log, with everything that may be opened."""
    bundle.export(home.rooms.consent, tmp_path / "bundle", openings=True)
    return tmp_path / "bundle"


def found(folder: Path) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = verify.verify(folder)["findings"]
    return findings


def meant(raw: bytes, at: int) -> bool:
    """Say whether a place of a file means anything: not when a bundle says that it was made."""
    made = raw.find(FREE)
    return made < 0 or not made <= at < raw.index(b"\n", made)


def flips(raw: bytes, count: int) -> Iterator[bytes]:
    """Change one bit at the first, the middle and the last place, and at others by chance."""
    chance = np.random.default_rng(len(raw))
    places = [0, len(raw) // 2, len(raw) - 2, *chance.integers(len(raw) - 1, size=count).tolist()]
    for at in places:
        if meant(raw, at):
            changed = bytearray(raw)
            changed[at] ^= 1 << int(chance.integers(8))
            yield bytes(changed)


def unnoticed(folder: Path, pattern: str, count: int) -> list[tuple[str, str]]:
    """Spoil the first file of a class in every way; return what nobody noticed."""
    path = min(folder.glob(pattern))
    raw, missed = path.read_bytes(), []
    ways = {f"bit {n}": changed for n, changed in enumerate(flips(raw, count))}
    ways |= {"cut short": raw[:-2], "empty": b"", "longer": raw + b"\0"}
    for how, changed in ways.items():
        path.write_bytes(changed)
        if not found(folder):
            missed.append((path.name, how))
    path.unlink()
    if not found(folder) and not pattern.startswith("openings"):
        missed.append((path.name, "gone"))
    path.write_bytes(raw)
    return missed


@pytest.mark.parametrize("what", CLASSES)
def test_a_change_anywhere_is_found(exported: Path, what: str) -> None:
    assert found(exported) == []
    assert unnoticed(exported, CLASSES[what], 2) == []


def test_every_file_of_a_bundle_is_of_a_class_that_is_tried(exported: Path) -> None:
    tried = {path for pattern in CLASSES.values() for path in exported.glob(pattern)}
    assert {path for path in exported.rglob("*") if path.is_file()} == tried


def test_the_first_bad_entry_is_named(exported: Path) -> None:
    log = read_log(exported)
    path = next(exported.glob("tile/entries/*/*"))
    whole = path.read_bytes()
    for seq in (0, 1, len(log) // 2, len(log) - 1):
        middle = whole.index(log[seq]) + len(log[seq]) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :])
        named = [one["seq"] for one in found(exported) if one["seq"] is not None]
        assert min(named) == seq
    path.write_bytes(whole)


@pytest.mark.slow
@pytest.mark.parametrize("what", CLASSES)
def test_a_change_anywhere_in_ten_thousand_entries_is_found(
    home: Home, tmp_path: Path, what: str
) -> None:
    anna = home.person("Anna")
    while home.rooms.consent.ledger.head()[0] < 10_000:
        home.rooms.consent.notices.serve(anna, Purpose.STORY)
    bundle.export(home.rooms.consent, tmp_path / "bundle", openings=True)
    pattern = CLASSES[what].replace("/*/*", "/**/*")
    assert unnoticed(tmp_path / "bundle", pattern, 20) == []


# --- two versions


@pytest.fixture
def forked(made_home: Path, tmp_path: Path) -> Iterator[tuple[Home, Home]]:
    """Let an operator keep two logs under one key, which go apart at the same entry."""
    pair = tuple(homes.open_copy(made_home, tmp_path / name) for name in ("one", "other"))
    for home, purpose in zip(pair, (Purpose.STORY, Purpose.SHARE), strict=True):
        home.rooms.consent.notices.serve(home.person("Anna"), purpose)
    yield pair[0], pair[1]
    for home in pair:
        home.close()


def checkpoint(home: Home) -> str:
    """Ask for the newest checkpoint, as any client does."""
    return str(home.client.get("/v1/ledger/checkpoint").text)


def test_two_who_compare_what_they_were_shown_have_the_proof(forked: tuple[Home, Home]) -> None:
    """Same name, same size, same key, and two roots: signed by whoever says there is one log."""
    shown = [checkpoint(home) for home in forked]
    heads = [notes.parse_checkpoint(one.partition("\n\n")[0] + "\n") for one in shown]
    assert heads[0].origin == heads[1].origin
    assert heads[0].size == heads[1].size
    assert heads[0].root != heads[1].root
    assert forked[0].rooms.consent.ledger.verifiers == forked[1].rooms.consent.ledger.verifiers


def test_one_who_is_told_anothers_checkpoint_finds_the_fork_in_the_log(
    forked: tuple[Home, Home], tmp_path: Path
) -> None:
    one, other = forked
    kept = tmp_path / "kept"
    kept.write_text(checkpoint(one), "utf-8")
    other.rooms.consent.notices.serve(other.person("Ben"), Purpose.STORY)
    bundle.export(other.rooms.consent, tmp_path / "bundle", openings=False)
    assert found(tmp_path / "bundle") == []
    report = verify.verify(tmp_path / "bundle", against=kept)
    assert [each["code"] for each in report["findings"]] == ["inconsistent-checkpoint"]


def test_an_honest_log_is_no_fork_to_whoever_asks_later(home: Home, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(checkpoint(home), "utf-8")
    home.rooms.consent.notices.serve(home.person("Ben"), Purpose.STORY)
    bundle.export(home.rooms.consent, tmp_path / "bundle", openings=False)
    assert verify.verify(tmp_path / "bundle", against=kept)["findings"] == []


def test_what_is_withheld_is_counted(exported: Path) -> None:
    assert verify.verify(exported)["checked"]["not_recomputable"] == 0
    shutil.rmtree(exported / "openings")
    report = verify.verify(exported)
    assert report["findings"] == []
    assert report["checked"]["not_recomputable"] == report["checked"]["decisions"] > 0
