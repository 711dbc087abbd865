# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from consent import policies
from consent.replay.run import CAVEAT
from engine.audit import live
from tests.engine.homes import Home, named


def get(home: Home, path: str, **query: str) -> Any:
    return home.client.get(path, headers=home.as_(None, "audit:read"), params=query or None)


def test_the_log_is_verified_as_it_is_now(home: Home) -> None:
    told = get(home, "/v1/audit").json()
    assert told["verified"]["ok"]
    assert told["size"] == told["verified"]["size"] == home.rooms.consent.ledger.head()[0]
    assert told["checkpoint"].splitlines()[1] == str(told["size"])
    assert told["policies"] == list(policies.names())
    home.serve("Anna", "story")
    assert get(home, "/v1/audit").json()["size"] > told["size"]


def test_looking_twice_adds_nothing_to_the_log(home: Home) -> None:
    assert get(home, "/v1/audit").content == get(home, "/v1/audit").content


@pytest.mark.parametrize("mode", ["pointwise", "closed-loop"])
def test_a_replay_is_told_in_the_contracts_shape(home: Home, mode: str) -> None:
    told = get(home, "/v1/audit/replay", policy="lensa-2022", mode=mode).json()
    assert (told["mode"], told["policy"]["target"]) == (mode, "lensa-2022")
    assert told["policy"]["recorded"] == "strict-opt-in"
    assert sum(told["table"].values()) == told["recomputed"] > 0
    assert told["table"]["allow_deny"] == sum(one["count"] for one in told["flips"])
    assert told["caveat"] == CAVEAT


def test_the_recorded_policy_changes_nothing(home: Home) -> None:
    told = get(home, "/v1/audit/replay", policy="strict-opt-in").json()
    assert (told["flips"], told["bounds"]) == ([], {"low": 0, "high": 0})


@pytest.mark.parametrize(
    "query", [{"policy": "nobodys"}, {}, {"policy": "lensa-2022", "mode": "backwards"}]
)
def test_a_replay_of_nothing_is_a_problem(home: Home, query: dict[str, str]) -> None:
    answer = get(home, "/v1/audit/replay", **query)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/invalid")


def test_no_answer_names_anybody_or_holds_an_image(home: Home) -> None:
    portrait = home.insert("Anna")["portrait_id"]
    for path in ("/v1/audit", "/v1/audit/replay?policy=lensa-2022", "/v1/audit/report"):
        answer = get(home, path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert named(answer.text) == [], path
        for trace in (portrait, "data:image", "<img", "<script"):
            assert trace not in answer.text, (path, trace)


def test_a_log_that_is_too_long_is_audited_elsewhere(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LIMIT", 3)
    answer = get(home, "/v1/audit")
    assert answer.status_code == 503
    assert "onlyou audit export" in answer.json()["detail"]
