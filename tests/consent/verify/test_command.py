# SPDX-License-Identifier: Apache-2.0
"""The command line and the report in words."""

from pathlib import Path

import pytest

from consent import verify
from tests.consent.conftest import Year


def test_only_a_directory_that_is_not_there_exits_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(tmp_path / "nowhere")]) == 2
    assert "there is no" in capsys.readouterr().err
    assert verify.main([str(tmp_path)]) == 1
    (tmp_path / "file").write_text("no bundle")
    assert verify.main([str(tmp_path / "file")]) == 1


def test_the_command_line_runs_the_same_check(
    year: Year, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(year.bundle), "--against", str(year.bundle / "checkpoint")]) == 0
    lines = 2 * len(year.rooms.consent.ledger.verifiers)
    assert f"{lines} signatures checked" in capsys.readouterr().out
