# SPDX-License-Identifier: Apache-2.0
"""Blocks: records, verdicts, chains and permits, and every fraud by night."""

import pytest

from consent import policies
from consent.verify.blocks import Blocks, Meant
from consent.verify.library import Cell
from consent.verify.policy import read_policy
from consent.verify.work import Work
from consent.words import Purpose
from tests.consent.findings import found_in
from tests.consent.forge import Forge
from tests.consent.night_frauds import NIGHT_FRAUDS


@pytest.mark.parametrize("name", NIGHT_FRAUDS)
def test_a_fraud_by_night_is_found_with_its_code_and_entry(night: Forge, name: str) -> None:
    expected = NIGHT_FRAUDS[name](night)
    found = found_in(night.close())
    assert expected
    assert set(expected) <= set(found), found
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
