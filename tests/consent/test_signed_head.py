# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent.errors import Broken
from consent.notes import Checkpoint
from consent.signed_head import SignedHead


def head(size: int) -> Checkpoint:
    return Checkpoint("onlyou.test/log", size, bytes([size]) * 32)


def test_the_largest_head_is_remembered_by_whoever_opens_the_folder(tmp_path: Path) -> None:
    assert (SignedHead(tmp_path).size(), SignedHead(tmp_path).read()) == (0, None)
    for size in (3, 7, 5):
        SignedHead(tmp_path).advance(head(size), lambda _: True)
    assert (SignedHead(tmp_path).size(), SignedHead(tmp_path).read()) == (7, head(7))


def test_a_log_that_does_not_continue_what_was_signed_advances_nothing(tmp_path: Path) -> None:
    kept = SignedHead(tmp_path)
    kept.advance(head(3), lambda _: False)  # nothing was signed before it
    asked: list[Checkpoint] = []

    def never(signed: Checkpoint) -> bool:
        asked.append(signed)
        return False

    with pytest.raises(Broken, match="does not continue the 3 entries"):
        kept.advance(head(9), never)
    assert (asked, kept.size()) == ([head(3)], 3)


def test_a_spoilt_head_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "signed.head").write_text("no head", "utf-8")
    with pytest.raises(Broken, match="unreadable"):
        SignedHead(tmp_path).advance(head(1), lambda _: True)
    with pytest.raises(Broken, match="unreadable"):
        SignedHead(tmp_path).size()
