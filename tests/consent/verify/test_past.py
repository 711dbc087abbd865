# SPDX-License-Identifier: Apache-2.0
"""What is not remembered is looked up: entries by number, people by their chain."""

from pathlib import Path

import pytest

from consent.verify.canonical import Folder
from consent.verify.openings import named
from consent.verify.past import Past
from tests.consent.conftest import Year
from tests.consent.forge import Forge


def past(year: Year) -> Past:
    return Past(Folder(year.bundle), len(year.rooms.entries()))


def test_an_entry_is_found_by_its_number_and_none_beyond(nights: Year) -> None:
    log = nights.rooms.entries()
    for seq in (0, 7, len(log) - 1):
        assert past(nights).entry(seq) == {k: v for k, v in log[seq].items() if k != "seq"}
    assert past(nights).entry(len(log)) is None
    assert past(nights).entry(10**15) is None


def test_no_more_tiles_are_remembered_than_may_be(
    nights: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.verify.past._MOST_TILES", 2)
    ours = past(nights)
    first = ours.entry(0)
    assert [ours.entry(seq) for seq in (10**6, 10**9, 0)] == [None, None, first]
    assert list(ours._tiles) == [10**9 // 256, 0]


def test_a_chain_is_walked_through_blocks_to_its_beginning(nights: Year, night: Forge) -> None:
    tag = nights.rooms.tag(nights.history.ada)
    *before, last = night.places(tag)
    assert any(slot is not None for _, slot in before)
    entry = night.log[last[0]]
    walked = [seq for seq, _ in past(nights).chain(last[0], entry)]
    assert walked == [seq for seq, slot in reversed(before) if slot is None]


def test_a_chain_that_points_forward_or_at_somebody_else_ends(nights: Year) -> None:
    tag = nights.rooms.tag(nights.history.ada)
    ours = past(nights)
    assert list(ours.chain(5, {"tag": tag, "prev": 5})) == []
    assert list(ours.chain(5, {"tag": tag, "prev": 0})) == []
    assert list(ours.chain(5, {"tag": tag, "prev": [4, 7]})) == []


def test_a_chain_is_walked_so_far_and_no_farther(
    nights: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = nights.rooms.tag(nights.history.ada)
    mine = [one for one in nights.rooms.entries() if one.get("tag") == tag]
    grown = next(one for one in mine[5:] if isinstance(one.get("prev"), int))
    assert len(list(past(nights).chain(grown["seq"], grown))) > 3
    monkeypatch.setattr("consent.verify.past._MOST_STEPS", 3)
    assert len(list(past(nights).chain(grown["seq"], grown))) == 3


def test_a_record_without_one_before_it_is_where_a_chain_begins(tmp_path: Path) -> None:
    record = bytes(16) + bytes(40) + b"\xff" * 12 + bytes(2)
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks/5.bin").write_bytes(record)
    ours, tag = Past(Folder(tmp_path), 0), named(bytes(16)).decode()
    assert ours._before(5, 0, tag) is None
    assert list(ours.chain(9, {"tag": tag, "prev": [5, 0]})) == []
    before = record[:56] + (4).to_bytes(8, "big") + (2).to_bytes(4, "big") + bytes(2)
    (tmp_path / "blocks/5.bin").write_bytes(before)
    assert ours._before(5, 0, tag) == [4, 2]
