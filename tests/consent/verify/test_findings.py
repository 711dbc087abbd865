# SPDX-License-Identifier: Apache-2.0
"""Findings are kept in order, and only so many."""

from consent import verify
from consent.verify.findings import MOST_FINDINGS, Findings
from tests.consent.forge import Forge


def test_findings_without_end_are_counted_not_kept(forge: Forge) -> None:
    for entry in forge.log:
        entry["v"] = 2
    forge.log *= 10
    report = verify.verify(forge.close())
    assert len(report["findings"]) == MOST_FINDINGS
    assert report["findings_omitted"] > 0
    assert "more findings" in verify.text(report)


def test_only_the_first_in_order_are_kept_in_memory() -> None:
    findings, many = Findings(), 2 * MOST_FINDINGS + 1
    for seq in reversed(range(many)):
        findings.add("chain-broken", "so it is", seq=seq)
    assert findings.total == many
    assert len(findings._noted) == MOST_FINDINGS
    assert [found["seq"] for found in findings.found] == list(range(MOST_FINDINGS))
