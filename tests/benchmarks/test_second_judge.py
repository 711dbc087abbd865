# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from benchmarks import second_judge
from benchmarks.second_judge import SecondJudge


def test_where_nobody_put_a_second_model_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_judge, "find_spec", lambda _name: None)
    assert second_judge.found() is None


def test_other_bytes_are_not_asked(tmp_path: Path) -> None:
    for name in second_judge._FILES:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(ValueError, match="sha256"):
        SecondJudge(tmp_path)
