# SPDX-License-Identifier: Apache-2.0
"""The command line and the report in words."""

import runpy
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


HELP = """\
positional arguments:
  DIR

options:
  -h, --help      show this help message and exit
  --json          print the report as JSON
  --against NOTE  a checkpoint you kept
  --jobs N        processes; else one a processor
"""


def test_whoever_asks_is_told_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit):
        verify.main(["--help"])
    said = capsys.readouterr().out
    assert "[--json] [--against NOTE] [--jobs N] DIR\n" in said
    assert said.endswith(f"\n\nVerify an Onlyou bundle offline.\n\n{HELP}")


def test_a_number_of_processes_is_a_number(year: Year, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(year.bundle), "--jobs", "1", "--json"]) == 0
    with pytest.raises(SystemExit):
        verify.main([str(year.bundle), "--jobs", "many"])
    assert "argument --jobs: invalid int value: 'many'" in capsys.readouterr().err


def test_the_command_line_runs_the_same_check(
    year: Year, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(year.bundle), "--against", str(year.bundle / "checkpoint")]) == 0
    lines = 2 * len(year.rooms.consent.ledger.verifiers)
    assert f"{lines} signatures checked" in capsys.readouterr().out


def test_a_report_in_words_says_what_was_not_checked_and_what_it_leaves_out(year: Year) -> None:
    report = verify.verify(year.bundle)
    assert "unchecked" not in verify.text(report)
    worse = report | {"signatures_unchecked": True, "findings_omitted": 7, "ok": False}
    *_, more, last = verify.text(worse).splitlines()
    assert (more, last) == ("and 7 more findings", "NOT in order")
    assert "signatures unchecked (install or renew" in verify.text(worse)


def test_the_package_runs_as_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["verify", str(tmp_path / "nowhere")])
    runpy.run_module("consent.verify.__main__", run_name="imported")  # it does nothing then
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("consent.verify", run_name="__main__")
    assert ended.value.code == 2
    assert "there is no" in capsys.readouterr().err
