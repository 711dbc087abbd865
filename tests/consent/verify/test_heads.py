# SPDX-License-Identifier: Apache-2.0
"""Checkpoint, manifest and witnesses' keys: read whole, or found."""

import json
from pathlib import Path

import pytest

from consent import merkle, verify
from tests.consent.findings import found_in
from tests.consent.forge import Forge, read_log, sign

FILES = ("checkpoint", "manifest.json", "keys/log.vkey", "keys/witnesses.json")


@pytest.mark.parametrize("name", FILES)
def test_a_bundle_that_lacks_a_part_is_unreadable_and_says_which(copied: Path, name: str) -> None:
    (copied / name).unlink()
    found = verify.verify(copied)["findings"]
    assert ("bundle-unreadable", name) in {(f["code"], f.get("file")) for f in found}


def test_a_witness_whose_key_is_none_is_named(copied: Path) -> None:
    path = copied / "keys/witnesses.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"keys": ["no key", 7]}))
    found = [f for f in verify.verify(copied)["findings"] if f.get("file") == FILES[3]]
    said = {f["detail"] for f in found if f["code"] == "bundle-unreadable"}
    assert {"'no key' is no verifier key", "'7' is no verifier key"} <= said


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("size", 7, "size-mismatch"),
        ("root", "00" * 32, "root-mismatch"),
        ("origin", "elsewhere", "inconsistent-checkpoint"),
        ("schema", "onlyou-bundle/2", "bundle-unreadable"),
        ("schema", None, "bundle-unreadable"),
    ],
)
def test_a_manifest_that_contradicts_the_checkpoint_is_found(
    copied: Path, field: str, value: object, code: str
) -> None:
    path = copied / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {field: value}))
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == (code, "manifest.json")


def test_a_checkpoint_over_another_root_is_found(forge: Forge) -> None:
    tree = merkle.Tree(map(merkle.leaf_hash, read_log(forge.bundle)[::-1]))
    sign(forge.bundle, forge.signer, tree)
    assert found_in(forge.bundle) == [("root-mismatch", None)]


@pytest.mark.parametrize("line", ["", "nonsense", "a+b+c", "a+00000000+AQ==", "a+b+\x00"])
def test_a_verifier_key_that_is_none_is_unreadable(copied: Path, line: str) -> None:
    (copied / "keys/log.vkey").write_text(line)
    found = verify.verify(copied)["findings"]
    assert ("bundle-unreadable", "keys/log.vkey") in {(f["code"], f.get("file")) for f in found}
