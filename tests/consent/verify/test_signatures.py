# SPDX-License-Identifier: Apache-2.0
"""Signature lines: the log's own, its witnesses', and those of nobody."""

import base64
import hashlib
import json
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import notes, verify
from consent.verify import signatures
from tests.consent.conftest import Year
from tests.consent.findings import STRANGER, found_in
from tests.consent.forge import Forge
from tests.consent.frauds import Found


def test_a_forged_signature_is_found(copied: Path) -> None:
    path = copied / "checkpoint"
    *text, line = path.read_text().splitlines()
    dash, name, blob = line.split(" ")
    raw = bytearray(base64.b64decode(blob))
    raw[-1] ^= 1
    forged = " ".join((dash, name, base64.b64encode(raw).decode()))
    path.write_text("\n".join([*text, forged]) + "\n")
    assert found_in(copied) == [("signature-invalid", None)]


def test_a_checkpoint_signed_by_somebody_else_is_found(forge: Forge) -> None:
    assert found_in(forge.close(signer=STRANGER)) == [("signature-missing", None)]


def cosigned(bundle: Path, witness: notes.Signer, key: Ed25519PrivateKey, kind: bytes) -> str:
    """Add a witness's line in the manner of C2SP tlog-cosignature; return its verifier key."""
    path = bundle / "checkpoint"
    note = path.read_text()
    text = note.partition("\n\n")[0] + "\n"
    stamp = 1_780_000_000
    message = f"cosignature/v1\ntime {stamp}\n{text}".encode()
    public = key.public_key().public_bytes_raw()
    short = hashlib.sha256(witness.name.encode() + b"\n" + kind + public).digest()[:4]
    blob = short + stamp.to_bytes(8, "big") + key.sign(message)
    line = f"\N{EM DASH} {witness.name} {base64.b64encode(blob).decode()}\n"
    path.write_text(note + line)
    return f"{witness.name}+{short.hex()}+{base64.b64encode(kind + public).decode()}"


def test_as_many_witnesses_as_are_needed_must_have_cosigned(copied: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    witness = notes.Signer("witness.example/w1", key)
    own = verify.verify(copied)["checked"]["signatures"]
    line = cosigned(copied, witness, key, b"\x04")
    path = copied / "keys/witnesses.json"
    path.write_text(json.dumps({"threshold": 1, "keys": [line]}))
    report = verify.verify(copied)
    assert report["findings"] == []
    assert report["checked"]["signatures"] == own + 1
    path.write_text(json.dumps({"threshold": 2, "keys": [line, line]}))
    assert found_in(copied) == [("witness-threshold", None)]
    note = (copied / "checkpoint").read_text()
    dash, name, blob = note.splitlines()[-1].split(" ")
    signed = bytearray(base64.b64decode(blob))
    signed[-1] ^= 1
    worse = base64.b64encode(signed).decode()
    (copied / "checkpoint").write_text(note.replace(blob, worse))
    path.write_text(json.dumps({"threshold": 1, "keys": [line]}))
    assert (dash, name) == ("\N{EM DASH}", "witness.example/w1")
    assert found_in(copied) == [("witness-threshold", None)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n\n", "\n"),
        ("onlyou.test/log\n", "\n"),
        ("\nSIZE\n", "\n0SIZE\n"),
        ("\nSIZE\n", "\n-1\n"),
        ("=\n\n", "\n\n"),
        ("\nSIZE\n", "\nSIZE\nAAAA\n"),
    ],
)
def test_a_checkpoint_that_is_none_is_unreadable(copied: Path, old: str, new: str) -> None:
    path = copied / "checkpoint"
    text = path.read_text()
    size = text.splitlines()[1]
    old, new = old.replace("SIZE", size), new.replace("SIZE", size)
    assert old in text
    path.write_text(text.replace(old, new, 1))
    found = verify.verify(copied)["findings"]
    assert ("bundle-unreadable", "checkpoint") in {(f["code"], f.get("file")) for f in found}


def test_a_line_of_somebody_unknown_is_passed_over_one_that_is_none_is_not(copied: Path) -> None:
    path = copied / "checkpoint"
    note = path.read_text()
    path.write_text(f"{note}\N{EM DASH} somebody AAAAAAAA\n")
    assert found_in(copied) == []
    path.write_text(f"{note}\N{EM DASH} somebody AAAAAAA\n")  # in this form, and no base64
    assert found_in(copied) == []
    for line in ("hello", "\N{EM DASH} somebody ***", "- somebody AAAAAAAA"):
        path.write_text(f"{note}{line}\n")
        assert ("bundle-unreadable", None) in found_in(copied)


def test_where_cryptography_cannot_be_imported_nothing_is_claimed_about_signatures(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    report = verify.verify(year.bundle)
    assert report["ok"]
    assert report["signatures_unchecked"]
    assert report["checked"]["signatures"] == 0


def with_witnesses(bundle: Path, threshold: object, *keys: object) -> list[Found]:
    path = bundle / "keys/witnesses.json"
    path.write_text(json.dumps({"threshold": threshold, "keys": keys}))
    return found_in(bundle)


def witness(bundle: Path, name: str, key: bytes, kind: bytes = b"\x04") -> str:
    private = Ed25519PrivateKey.from_private_bytes(key * 32)
    return cosigned(bundle, notes.Signer(name, private), private, kind)


def test_one_witness_counts_once_whatever_keys_or_names_it_has(copied: Path) -> None:
    one = witness(copied, "witness.example/1", b"w")
    same_key = witness(copied, "witness.example/2", b"w")
    same_name = witness(copied, "witness.example/1", b"v")
    missing = [("witness-threshold", None)]
    assert with_witnesses(copied, 1, one, same_key) == []
    assert with_witnesses(copied, 2, one, one) == missing
    assert with_witnesses(copied, 2, one, same_key) == missing
    assert with_witnesses(copied, 2, one, same_name) == missing
    assert with_witnesses(copied, 2, same_key, same_name) == []


def test_a_witness_of_another_tree_does_not_count(copied: Path, forge: Forge) -> None:
    key = witness(copied, "witness.example/1", b"w")
    line = (copied / "checkpoint").read_text().splitlines()[-1]
    forge.edit(forge.find("label.shown"), note="edited")
    path = forge.close() / "checkpoint"
    path.write_text(f"{path.read_text()}{line}\n")
    assert with_witnesses(copied, 1, key) == [("witness-threshold", None)]


@pytest.mark.parametrize("threshold", [-1, True, None, "1", 1.5, [1]])
def test_a_threshold_that_is_none_fails_closed(copied: Path, threshold: object) -> None:
    assert with_witnesses(copied, threshold) == [("bundle-unreadable", None)]


@pytest.mark.parametrize("key", ["", "nonsense", 7, None, ["a"], "a+b+c", "w+00000000+BAAA"])
def test_a_line_that_is_no_witness_key_fails_closed(copied: Path, key: object) -> None:
    assert with_witnesses(copied, 0, key) == [("bundle-unreadable", None)]


def test_a_threshold_that_cannot_be_met_is_found_and_so_is_a_key_of_another_type(
    copied: Path,
) -> None:
    assert with_witnesses(copied, 1) == [("witness-threshold", None)]
    plain = witness(copied, "witness.example/1", b"w", b"\x01")
    assert with_witnesses(copied, 1, plain) == [("witness-threshold", None)]


def test_each_key_of_the_log_must_have_signed_the_checkpoint_of_the_bundle(copied: Path) -> None:
    path = copied / "checkpoint"
    lines = path.read_text().splitlines(keepends=True)
    signed = lines.index("\n") + 1
    for place in range(signed, len(lines)):
        rest = lines[signed:place] + lines[place + 1 :] or ["\N{EM DASH} somebody AAAAAAAA\n"]
        path.write_text("".join(lines[:signed] + rest))
        assert found_in(copied) == [("signature-missing", None)]


def test_a_second_line_that_does_not_verify_is_found_where_it_can_be_checked(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied / "checkpoint"
    *rest, last = path.read_text().splitlines()
    dash, name, blob = last.split(" ")
    raw = bytearray(base64.b64decode(blob))
    raw[-1] ^= 1
    path.write_text("\n".join([*rest, f"{dash} {name} {base64.b64encode(raw).decode()}", ""]))
    assert found_in(copied) == [("signature-invalid", None)]
    monkeypatch.setattr(signatures, "mldsa44", lambda: None)
    report = verify.verify(copied)
    assert report["signatures_unchecked"]
    assert report["findings"] == []


def test_base64_has_one_spelling() -> None:
    assert signatures.exact_base64("AA==") == b"\0"
    for other in ("AB==", "AA=", "AA", "A A==", "AA==\n"):
        with pytest.raises(ValueError):  # noqa: PT011 - whichever it is
            signatures.exact_base64(other)


def test_a_cosigner_whose_name_is_too_long_signs_nothing() -> None:
    head = signatures.Head("", "onlyou.test/log", 1, bytes(32), ())
    for length, signs in ((255, True), (256, False)):
        key = signatures.VerifierKey("w" * length, b"", signatures._QUANTUM_SAFE, b"")
        assert (signatures._signed_by_witness(key, 1, head) is not None) is signs
