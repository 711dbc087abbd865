# SPDX-License-Identifier: Apache-2.0
import pytest

from benchmarks import weeks


def test_a_week_of_a_few_people_holds_what_must_hold() -> None:
    found = {one["what"]: one["value"] for one in weeks.lived(3, 1)}
    assert found["3 people for 1 weeks: weeks held"] == 1
    assert found["3 people for 1 weeks: inserts"] > 0


def test_whoever_withdrew_and_has_rows_left_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(town: weeks.Town, person: weeks.Subject, day: int | None) -> None:
        town.away[person] = day

    monkeypatch.setattr(weeks, "_leave", forget)
    monkeypatch.setattr(weeks, "LEAVES", 1.0)
    with pytest.raises(RuntimeError, match="who withdrew still have rows"):
        list(weeks.lived(2, 1))
