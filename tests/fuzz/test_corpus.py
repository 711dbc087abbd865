# SPDX-License-Identifier: Apache-2.0
"""Every kept input is tried again, and a few thousand changed ones, without a fuzzer."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, corpus

CHANGES = 12
"""Changed forms of each kept input; a fuzzer tries millions (`make fuzz`)."""


def changed(content: bytes, seed: str) -> Iterator[bytes]:
    """Cut, double, flip and overwrite, each time in another place of the same choosing."""
    for number in range(CHANGES):
        drawn = hashlib.sha256(f"{seed} {number}".encode()).digest()
        place = int.from_bytes(drawn[:4], "big") % (len(content) + 1)
        match number % 4:
            case 0:
                yield content[:place]
            case 1:
                yield content[:place] + content[place // 2 :]
            case 2:
                yield content[:place] + bytes([drawn[4]]) + content[place + 1 :]
            case _:
                yield content[:place] + drawn[5:13] + content[place + 8 :]


@pytest.mark.parametrize("name", TARGETS)
def test_no_kept_input_breaks_a_reader(name: str) -> None:
    kept = corpus(name)
    assert kept
    target = TARGETS[name]
    target(b"")
    for path in kept:
        content = path.read_bytes()
        target(content)
        for other in changed(content, path.name):
            target(other)


def test_every_folder_of_the_corpus_has_its_reader_and_is_small() -> None:
    folder = Path(__file__).parent / "corpus"
    assert {path.name for path in folder.iterdir()} == set(TARGETS)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 300_000


def test_a_changed_input_is_another_input() -> None:
    whole = b"a record, of which something is changed"
    assert len(set(changed(whole, "seed")) - {whole}) > CHANGES * 2 // 3
