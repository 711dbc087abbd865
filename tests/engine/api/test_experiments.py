# SPDX-License-Identifier: Apache-2.0
from engine.experiments.records import FILE
from tests.engine.experiments import runs
from tests.engine.homes import Home, named

LIST, ONE = "/v1/experiments", "/v1/experiments/gap"


def staff(home: Home) -> dict[str, str]:
    return home.as_(None, "experiment:read")


def test_runs_are_listed_with_what_was_found(home: Home) -> None:
    assert home.client.get(LIST, headers=staff(home)).json() == {"items": []}
    runs.kept(home.rooms.settings.home)
    (one,) = home.client.get(LIST, headers=staff(home)).json()["items"]
    assert (one["id"], one["state"], one["day"]) == ("gap", "done", runs.DAYS)
    assert "stopped for harm" in one["verdict"]


def test_one_run_is_told_in_full_and_names_nobody(home: Home) -> None:
    runs.kept(home.rooms.settings.home)
    answer = home.client.get(ONE, headers=staff(home))
    assert answer.status_code == 200
    assert {"arms", "srm", "metrics", "guardrails", "censored"} <= answer.json().keys()
    assert named(answer.text) == []
    assert answer.headers["cache-control"] == "private, no-store"


def test_only_who_may_read_experiments_reads_them(home: Home) -> None:
    runs.kept(home.rooms.settings.home)
    for path in (LIST, ONE, f"{ONE}/report"):
        assert home.client.get(path).status_code == 401
        assert home.client.get(path, headers=home.as_("Anna")).status_code == 403
        assert home.client.get(path, headers=home.as_(None, "audit:read")).status_code == 403
        assert home.client.get(path, headers=staff(home)).status_code == 200


def test_what_is_not_there_is_not_found(home: Home) -> None:
    runs.kept(home.rooms.settings.home)
    for name in ("none", "..%2fgap", "%2e%2e", "x" * 64):
        assert home.client.get(f"{LIST}/{name}", headers=staff(home)).status_code == 404


def test_a_spoilt_record_is_unavailable_and_hides_no_other(home: Home) -> None:
    runs.kept(home.rooms.settings.home)
    folder = runs.kept(home.rooms.settings.home, "spoilt")
    (folder / FILE).write_text("{}")
    answer = home.client.get(f"{LIST}/spoilt", headers=staff(home))
    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
    items = home.client.get(LIST, headers=staff(home)).json()["items"]
    assert [(one["id"], "state" in one) for one in items] == [("gap", True), ("spoilt", False)]
