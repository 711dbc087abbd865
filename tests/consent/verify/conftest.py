# SPDX-License-Identifier: Apache-2.0
"""What the unit tests of the verifier's parts share: an empty log to work on."""

from pathlib import Path

import pytest

from consent.verify.canonical import Folder
from consent.verify.findings import Findings
from consent.verify.library import Library
from consent.verify.openings import Bits, Opened
from consent.verify.past import Past
from consent.verify.people import Chains
from consent.verify.uses import Uses
from consent.verify.work import Share, Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """Set up an empty log."""
    folder, findings = Folder(tmp_path), Findings()
    return Work(
        folder=folder,
        opened=Opened(folder, Bits()),
        past=Past(folder, 0),
        share=Share(),
        leaves=lambda *_: None,
        findings=findings,
        common=findings,
        library=Library(folder, findings),
        chains=Chains(findings),
        uses=Uses(findings),
        observer=None,
    )
