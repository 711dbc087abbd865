# SPDX-License-Identifier: Apache-2.0
"""Blocks: records, verdicts, chains and permits, and every fraud by night."""

import pytest

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
