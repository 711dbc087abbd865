# SPDX-License-Identifier: Apache-2.0
"""Findings are kept in order, and only so many."""

from consent import verify
from consent.verify.findings import MOST_FINDINGS
from tests.consent.forge import Forge


def test_findings_without_end_are_counted_not_kept(forge: Forge) -> None:
    for entry in forge.log:
        entry["v"] = 2
    forge.log *= 10
    report = verify.verify(forge.close())
    assert len(report["findings"]) == MOST_FINDINGS
    assert report["findings_omitted"] > 0
    assert "more findings" in verify.text(report)
