# SPDX-License-Identifier: Apache-2.0
"""Signed notes against the published examples of C2SP signed-note and Go's sumdb/note."""

import base64
import hashlib
from pathlib import Path

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


def test_a_bad_line_of_a_key_that_counts_spoils_the_note() -> None:
    """As C2SP signed-note says; of the log's two keys, both lines must then be good."""
    note = SIGNER.note(BEHIND.text())
    safe = notes.QuantumSafeSigner(BEHIND.origin, b"q" * 32)
    elsewhere = notes.Checkpoint(BEHIND.origin, 7, b"r" * 32).text()
    bad, good = (f"{note}{safe.line(text)}\n" for text in (elsewhere, BEHIND.text()))
    assert notes.open_note(good, SIGNER.verifier, safe.verifier) == BEHIND.text()
    assert notes.open_note(bad, SIGNER.verifier, safe.verifier) is None
    assert notes.open_note(bad, SIGNER.verifier) == BEHIND.text()


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


# --- cosignatures, types 4 and 6

GOLDEN = Path(__file__).parent / "golden"
MLDSA_KEY = (GOLDEN / "mldsa-log.vkey").read_text("utf-8").strip()
MLDSA_NOTE = (GOLDEN / "mldsa-log.checkpoint").read_text("utf-8")
"""The ML-DSA-44 log that filippo.io/torchwood v0.10.0 tests its witness with (litewitness)."""

BEHIND = notes.Checkpoint(
    "example.com/behind-the-sofa",
    20852163,
    base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
)
"""The worked example of tlog-cosignature, cosigned at 1679315147."""


def test_the_checkpoint_of_another_implementations_quantum_safe_log_verifies() -> None:
    text = notes.open_note(MLDSA_NOTE, MLDSA_KEY)
    assert text is not None
    assert notes.parse_checkpoint(text).size == 1
    assert notes.cosigned_at(text, MLDSA_NOTE.splitlines()[-1], MLDSA_KEY) == 0


def test_a_quantum_safe_key_is_named_as_the_other_implementation_names_it() -> None:
    key = notes.read_key(MLDSA_KEY)
    assert (key.kind, len(key.public)) == (notes.QUANTUM_SAFE, 1312)
    assert notes.verifier_key(key.name, key.public, notes.QUANTUM_SAFE) == MLDSA_KEY


def test_what_ml_dsa_signs_is_the_struct_of_the_specification() -> None:
    expected = bytes.fromhex(
        "737562747265652f76310a00"
        "167769746e6573732e6578616d706c652e636f6d2f7731"
        "00000000641850cb"
        "1b6578616d706c652e636f6d2f626568696e642d7468652d736f6661"
        "0000000000000000"
        "00000000013e2dc3"
        "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    )
    assert notes._tree_head("witness.example.com/w1", BEHIND.text(), 1679315147) == expected


def test_what_a_witness_signs_is_the_text_of_the_specification() -> None:
    assert notes._cosigned(BEHIND.text(), 1679315147).decode() == (
        "cosignature/v1\n"
        "time 1679315147\n"
        "example.com/behind-the-sofa\n"
        "20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


COSIGNER = notes.Cosigner("witness.test/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))


def test_a_cosignature_tells_its_time_and_is_bound_to_it() -> None:
    line = COSIGNER.line(BEHIND.text(), 1679315147)
    assert notes.cosigned_at(BEHIND.text(), line, COSIGNER.verifier) == 1679315147
    dash, name, blob = line.split(" ")
    raw = bytearray(base64.b64decode(blob))
    raw[11] ^= 1
    later = f"{dash} {name} {base64.b64encode(bytes(raw)).decode()}"
    assert notes.cosigned_at(BEHIND.text(), later, COSIGNER.verifier) is None


def test_a_cosignature_is_no_signature_of_the_log_and_the_other_way_round() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    plain = notes.Signer("witness.test/w1", key)
    line = COSIGNER.line(BEHIND.text(), 7)
    assert not notes.verify_line(BEHIND.text(), line, plain.verifier)
    assert not notes.verify_line(BEHIND.text(), plain.line(BEHIND.text()), COSIGNER.verifier)


@pytest.mark.parametrize(
    "other",
    [
        notes.Checkpoint("example.com/in-front", BEHIND.size, BEHIND.root),
        notes.Checkpoint(BEHIND.origin, BEHIND.size + 1, BEHIND.root),
        notes.Checkpoint(BEHIND.origin, BEHIND.size, b"r" * 32),
    ],
)
def test_a_line_is_of_one_tree_of_one_log(other: notes.Checkpoint) -> None:
    safe = notes.QuantumSafeSigner(BEHIND.origin, b"q" * 32)
    for line, key in (
        (COSIGNER.line(BEHIND.text(), 7), COSIGNER.verifier),
        (safe.line(BEHIND.text()), safe.verifier),
    ):
        assert notes.verify_line(BEHIND.text(), line, key)
        assert not notes.verify_line(other.text(), line, key)


def test_a_time_beyond_what_the_specification_admits_is_no_cosignature() -> None:
    line = COSIGNER.line(BEHIND.text(), 1 << 63)
    assert notes.cosigned_at(BEHIND.text(), line, COSIGNER.verifier) is None


def test_a_line_under_a_quantum_safe_name_binds_the_name() -> None:
    one = notes.QuantumSafeSigner(BEHIND.origin, b"q" * 32)
    two = notes.QuantumSafeSigner("witness.test/q", b"q" * 32)
    blob = base64.b64decode(one.line(BEHIND.text()).split(" ")[2])[4:]
    renamed = notes._line("witness.test/q", notes.read_key(two.verifier).named, blob)
    assert not notes.verify_line(BEHIND.text(), renamed, two.verifier)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a+b",
        "name+00000000+AQ==",
        "na me+c74f20a3+AQ==",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "zzzzzzzz"),
        PETER.replace("Peter", "Petra"),
    ],
)
def test_what_is_no_verifier_key_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        notes.read_key(line)
    assert not notes.verify_line(TEXT, SIGNED.splitlines()[-1], line)


def test_a_line_of_a_type_that_is_not_known_here_does_not_count() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    public = key.public_key().public_bytes_raw()
    verifier = notes.verifier_key("onlyou.test/log", public, b"\xfa")
    line = notes._line("onlyou.test/log", notes.read_key(verifier).named, key.sign(b"hello\n"))
    assert not notes.verify_line("hello\n", line, verifier)


@pytest.mark.parametrize("size", ["+5", "05", " 5", "5_0", "-1", "\N{ARABIC-INDIC DIGIT FIVE}"])
def test_a_size_is_written_in_one_way_only(size: str) -> None:
    root = base64.b64encode(b"r" * 32).decode()
    with pytest.raises(
        ValueError, match="no checkpoint: expected an origin, a size and a root of 32 bytes"
    ):
        notes.parse_checkpoint(f"onlyou.test/log\n{size}\n{root}\n")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_root_is_of_32_bytes(length: int) -> None:
    root = base64.b64encode(bytes(length)).decode()
    with pytest.raises(
        ValueError, match="no checkpoint: expected an origin, a size and a root of 32 bytes"
    ):
        notes.parse_checkpoint(f"onlyou.test/log\n5\n{root}\n")
