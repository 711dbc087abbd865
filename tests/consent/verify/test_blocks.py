# SPDX-License-Identifier: Apache-2.0
"""Blocks: records, verdicts, chains and permits, and every fraud by night."""

from pathlib import Path
from typing import Any

import pytest

from consent import policies
from consent.verify.blocks import Blocks, Meant, Slot, _disclosed
from consent.verify.library import Cell
from consent.verify.openings import named
from consent.verify.policy import read_policy
from consent.verify.work import Work
from consent.words import Purpose
from tests.consent.findings import found_in, said_in, said_of
from tests.consent.forge import Forge
from tests.consent.night_frauds import NIGHT_FRAUDS


@pytest.mark.parametrize("name", NIGHT_FRAUDS)
def test_a_fraud_by_night_is_found_with_its_code_and_entry(night: Forge, name: str) -> None:
    expected = NIGHT_FRAUDS[name](night)
    bundle = night.close()
    found = found_in(bundle)
    assert expected
    assert set(expected) <= set(found), found
    assert said_in(bundle) == said_of(name)
    assert not any(code in {"root-mismatch", "signature-invalid"} for code, _ in found)


def test_a_changed_or_lost_block_is_found(forge: Forge) -> None:
    seq = forge.find("block")
    path = forge.bundle / f"blocks/{seq}.bin"
    path.write_bytes(bytes(32))
    assert found_in(forge.bundle) == [("block-mismatch", seq)]
    path.unlink()
    assert found_in(forge.bundle) == [("block-mismatch", seq)]


def test_no_more_slots_go_on_than_the_cap_allows(work: Work) -> None:
    """Decided in two blocks before either was spent; only what is spent counts."""
    policy = policies.load("strict-opt-in")
    cell = Cell("p", read_policy(policy.text.encode()), "select", "feed_insert")
    per_day = policy.caps[Purpose.FEED_INSERT].per_day
    blocks = Blocks(work)
    blocks._meant = {seq: Meant(seq, 1, NOON, NOON + 9, cell) for seq in range(per_day + 1)}
    for seq in range(per_day):
        blocks.goes_on(100 + seq, seq, b"tag", NOON + seq, b"thing %d" % seq)
    blocks.goes_on(200, per_day, b"another", NOON + 5, b"thing 0")
    assert work.findings.found == []
    blocks.goes_on(300, per_day, b"tag", NOON + 5, b"one more")
    assert [(f["code"], f["seq"]) for f in work.findings.found] == [("verdict-mismatch", 300)]


NOON = 1_780_000_000_000_000


def test_a_slot_is_of_whom_its_record_names_and_of_nobody_when_the_record_is_gone(
    work: Work, tmp_path: Path
) -> None:
    blocks, ada = Blocks(work), b"a" * 16
    blocks._meant = {5: Meant(5, 1, NOON, NOON + 9, Cell("p", None, "select", "feed_insert"))}
    assert blocks.slot(5, 0, named(ada)) is None
    (tmp_path / "blocks").mkdir()
    record = b"".join((ada, bytes(32), (3).to_bytes(8, "big"), b"\xff" * 12, b"\x01\x00"))
    (tmp_path / "blocks/5.bin").write_bytes(record)
    assert blocks.slot(5, 0, named(ada)) == Slot("select", "feed_insert", 3, NOON + 9)
    assert blocks.slot(5, 0, named(b"b" * 16)) is None
    assert blocks.slot(5, 1, named(ada)) is blocks.slot(6, 0, named(ada)) is None


def test_what_no_cap_counts_goes_on_without_being_counted(work: Work) -> None:
    policy = policies.load("strict-opt-in")
    blocks = Blocks(work)
    told = {"select": "feed_insert", "generate": "feed_insert"}
    for seq, (step, purpose) in enumerate(told.items()):
        cell = Cell("p", read_policy(policy.text.encode()), step, purpose)
        blocks._meant[seq] = Meant(seq, 1, NOON, NOON + 9, cell)
        blocks.goes_on(100, seq, b"tag", NOON, b"thing")
    used = [work.uses.others((b"tag", *one), NOON, b"another")[0] for one in told.items()]
    assert used == [(1, 1), (0, 0)]


@pytest.mark.parametrize(
    "slots",
    [
        [[0, "s", 0], [0, "s", 0]],
        [[2, "s", 0]],
        [[-1, "s", 0]],
        [[0, "s", 2]],
        [[0, "s", -1]],
        [[0, "s", 1]],
        [["0", "s", 0]],
        [[0, "s"]],
        ["0s0"],
    ],
)
def test_slots_are_opened_once_each_and_by_facts_that_are_there(slots: list[Any]) -> None:
    facts = [b"{}", None]
    assert _disclosed(facts, [[0, "s", 0], [1, "t", 0]], 2) == {0: (b"s", b"{}"), 1: (b"t", b"{}")}
    assert _disclosed(facts, slots, 2) is None
