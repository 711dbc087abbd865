# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest

from benchmarks import scaling


def test_the_page_says_what_follows_from_the_result_files() -> None:
    text = scaling.PAGE.read_text("utf-8")
    assert scaling.page(text, scaling.figures()) == text, "run: make performance"


def test_what_was_not_measured_is_said_to_be_so(tmp_path: Path) -> None:
    assert scaling.figures(tmp_path) == {}
    said = scaling.tables({})
    rows = [line for line in said.splitlines() if "`.json`" in line or ".json`" in line]
    assert len(rows) == len(scaling.INPUTS)
    assert all("not measured" in row for row in rows)


def test_a_row_that_a_file_lacks_or_has_twice_is_no_figure(tmp_path: Path) -> None:
    row = {"what": "out: both gates", "value": 100}
    for rows, found in (([row], {"gates": 100.0}), ([], {}), ([row, row], {})):
        (tmp_path / "portrait.json").write_text(json.dumps({"results": rows}), "utf-8")
        assert scaling.figures(tmp_path) == found


def test_a_page_that_lost_its_marks_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="marks"):
        scaling.page("no marks", {})


def test_ten_times_the_people_need_ten_times_the_cards_and_logs() -> None:
    lines = scaling.tables({"withdrawn": 25.0}).splitlines()
    (logs,) = (line for line in lines if line.startswith("| logs, by withdrawals"))
    assert logs == "| logs, by withdrawals of that storm | 7 | 70 | 695 |"
