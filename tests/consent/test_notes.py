# SPDX-License-Identifier: Apache-2.0
"""Signed notes against the published examples of C2SP signed-note and Go's sumdb/note."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from consent import notes

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    f"{TEXT}\n"
    "\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example that golang.org/x/mod/sumdb/note documents and tests with."""

SIGNER = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"k" * 32))


def test_the_published_example_verifies() -> None:
    assert notes.open_note(SIGNED, PETER) == TEXT


def test_a_key_is_named_as_the_published_example_names_it() -> None:
    name, hexed, encoded = PETER.split("+", 2)
    public = base64.b64decode(encoded)[1:]
    assert notes.key_hash(name, public).hex() == hexed
    assert notes.verifier_key(name, public) == PETER


def independent(note: str, name: str, public: bytes) -> bool:
    """Check a note with nothing of ours but the bytes."""
    text, _, line = note.rpartition("\n\n")
    dash, signer, blob = line.strip().split(" ")
    raw = base64.b64decode(blob)
    named = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{text}\n".encode())
    return (dash, signer, raw[:4]) == ("\N{EM DASH}", name, named)


def test_what_we_sign_an_independent_reader_accepts() -> None:
    public = base64.b64decode(SIGNER.verifier.split("+", 2)[2])[1:]
    assert independent(SIGNER.note("hello\n"), "onlyou.test/log", public)


def test_a_note_opens_under_its_own_key_only() -> None:
    other = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    note = SIGNER.note("hello\n")
    assert notes.open_note(note, SIGNER.verifier) == "hello\n"
    assert notes.open_note(note, other.verifier) is None


def test_a_line_by_another_key_of_the_same_name_does_not_count() -> None:
    other = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    assert not notes.verify_line("hello\n", other.line("hello\n"), SIGNER.verifier)


@pytest.mark.parametrize("place", range(0, 130, 7))
def test_a_note_with_any_character_changed_does_not_open(place: int) -> None:
    note = SIGNER.note("size 1\n")
    place %= len(note) - 1
    changed = note[:place] + ("x" if note[place] != "x" else "y") + note[place + 1 :]
    assert notes.open_note(changed, SIGNER.verifier) is None


@pytest.mark.parametrize(
    "line", ["", "a b c", "\N{EM DASH} onlyou.test/log", "\N{EM DASH} onlyou.test/log !!!"]
)
def test_what_is_no_signature_line_is_no_signature(line: str) -> None:
    assert not notes.verify_line("hello\n", line, SIGNER.verifier)


def test_one_good_line_among_others_is_enough() -> None:
    other = notes.Signer("witness.test", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    note = SIGNER.note("hello\n") + other.line("hello\n") + "\n"
    assert notes.open_note(note, SIGNER.verifier) == "hello\n"
    assert notes.open_note(note, other.verifier) == "hello\n"


def test_a_text_with_a_blank_line_in_it_is_signed_whole() -> None:
    text = "one\n\ntwo\n"
    assert notes.open_note(SIGNER.note(text), SIGNER.verifier) == text


def test_a_checkpoint_says_three_lines_and_is_read_back() -> None:
    checkpoint = notes.Checkpoint("onlyou.test/log", 412, b"r" * 32)
    assert checkpoint.text().splitlines() == [
        "onlyou.test/log",
        "412",
        base64.b64encode(b"r" * 32).decode(),
    ]
    assert notes.parse_checkpoint(checkpoint.text()) == checkpoint


@pytest.mark.parametrize("text", ["", "origin\n", "origin\nmany\ncg==\n", "origin\n1\n!\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        notes.parse_checkpoint(text)
