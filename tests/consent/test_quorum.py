# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import notes, quorum
from consent.errors import Misused

ONE, TWO, THREE = (
    notes.Cosigner(f"witness.test/w{n}", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32))
    for n in (1, 2, 3)
)
SAFE = notes.QuantumSafeSigner("witness.test/q", b"q" * 32)
LOG = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
TEXT = notes.Checkpoint("onlyou.test/log", 7, b"r" * 32).text()


def entry(key: str, url: str = "http://127.0.0.1:1/") -> str:
    return f'[[witness]]\nkey = "{key}"\nurl = "{url}"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "witnesses.toml"
    path.write_text(text)
    return path


GOOD = f"threshold = 2\nseconds = 60\n{entry(ONE.verifier)}{entry(SAFE.verifier)}"


def test_a_policy_names_who_must_cosign_and_how_lately(tmp_path: Path) -> None:
    read = quorum.read(written(tmp_path, GOOD))
    assert (read.threshold, read.seconds) == (2, 60)
    assert [one.name for one in read.members] == ["witness.test/w1", "witness.test/q"]
    assert [one.url for one in read.members] == ["http://127.0.0.1:1"] * 2
    assert read.told() == {"threshold": 2, "keys": [ONE.verifier, SAFE.verifier]}


def test_without_a_policy_nobody_must(tmp_path: Path) -> None:
    assert quorum.NOBODY.told() == {"threshold": 0, "keys": []}
    assert quorum.read(written(tmp_path, "")) == quorum.NOBODY


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("threshold = 2", "threshold = 3"),
        GOOD.replace("threshold = 2", "threshold = -1"),
        GOOD.replace("threshold = 2", "threshold = true"),
        GOOD.replace("threshold = 2", 'threshold = "2"'),
        GOOD.replace("seconds = 60", "seconds = 0"),
        GOOD.replace("seconds = 60", "seconds = 1.5"),
        GOOD.replace("seconds = 60\n", ""),
        GOOD.replace("seconds", "minutes"),
        GOOD.replace("http://", "ftp://"),
        GOOD.replace("url =", "address ="),
        GOOD.replace(SAFE.verifier, ONE.verifier),
        GOOD.replace(SAFE.verifier, LOG.verifier),
        GOOD.replace(SAFE.verifier, "no key"),
        GOOD.replace(
            SAFE.verifier,
            notes.verifier_key(
                "witness.test/again", notes.read_key(ONE.verifier).public, notes.COSIGNED
            ),
        ),
        'witness = "w1"',
        "threshold = ",
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_with_the_reason(
    tmp_path: Path, text: str
) -> None:
    assert text != GOOD
    with pytest.raises(Misused, match=r"is no witness policy: ."):
        quorum.read(written(tmp_path, text))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("threshold = 2", "threshold = 3", "3 must cosign, 2 are named"),
        (
            "seconds = 60",
            "seconds = 0",
            r"seconds: after how long does a missing cosignature close the gate\?",
        ),
        ("seconds", "minutes", "no such key: minutes"),
        ("url =", "address =", "a witness has a key and a url, not address, key"),
        ("seconds = 60", "seconds = 1.5", "threshold and seconds are whole numbers"),
        ("http://", "ftp://", "'ftp://[^']+' is no address of a witness"),
        (SAFE.verifier, LOG.verifier, r"the key of \S+ is not one that cosigns"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, before: str, after: str, words: str) -> None:
    with pytest.raises(Misused, match=f"is no witness policy: {words}$"):
        quorum.read(written(tmp_path, GOOD.replace(before, after)))


def test_a_key_that_was_left_out_is_named_as_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="no verifier key: ''"):
        quorum.read(written(tmp_path, GOOD.replace(ONE.verifier, "")))


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="is no witness policy"):
        quorum.read(tmp_path / "none.toml")


def test_a_line_counts_only_under_its_own_witness(tmp_path: Path) -> None:
    read = quorum.read(written(tmp_path, GOOD))
    lines = {"witness.test/w1": ONE.line(TEXT, 7), "witness.test/q": SAFE.line(TEXT)}
    assert read.good(TEXT, lines) == lines
    swapped = dict(zip(lines, reversed(lines.values()), strict=True))
    assert read.good(TEXT, swapped) == {}
    strange = {"witness.test/w2": TWO.line(TEXT, 7), "witness.test/w1": THREE.line(TEXT, 7)}
    assert read.good(TEXT, strange) == {}
    assert read.good(TEXT.replace("7", "8"), lines) == {}
