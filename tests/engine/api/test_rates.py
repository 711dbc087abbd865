# SPDX-License-Identifier: Apache-2.0
"""Whoever asks too fast is told so and by when there is more; saying no is never in the way."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from consent.clocks import VirtualClock
from consent.errors import Misused
from consent.words import Micros
from engine.api import rates as rates_module
from engine.api.rates import USUAL, Rate, Rates, network, rate_of, read
from engine.web import site
from tests.engine.api.test_matrix import walk
from tests.engine.homes import Home

TIGHT = "read=3/hour, write=2/hour, act=2/hour, upload=1/hour, token=50/hour, leave=50/hour"


def test_every_class_has_a_limit_and_a_setting_changes_one() -> None:
    assert set(read("")) == set(Rate) == set(USUAL)
    assert repr(read("read=600/minute")[Rate.READ]) == "600 per 1 minute"
    assert read("read=600/minute")[Rate.WRITE] == read("")[Rate.WRITE]


@pytest.mark.parametrize("told", ["reed=1/hour", "read", "read=", "read=often", "read=1/eon"])
def test_a_setting_that_is_none_is_refused_at_the_start(told: str) -> None:
    with pytest.raises(Misused):
        read(told)


@pytest.mark.parametrize(
    ("method", "path", "rate"),
    [
        ("GET", "/v1/feed", Rate.READ),
        ("GET", "/v1/export", Rate.TAKE),
        ("GET", "/v1/portraits/x/download", Rate.TAKE),
        ("GET", "/v1/jobs/x/download", Rate.TAKE),
        ("PUT", "/v1/consents/story", Rate.WRITE),
        ("DELETE", "/v1/consents/story", Rate.LEAVE),
        ("DELETE", "/v1/portraits/x", Rate.LEAVE),
        ("DELETE", "/v1/shares/x", Rate.LEAVE),
        ("POST", "/share/x/end", Rate.LEAVE),
        ("POST", "/studio/jobs/x/stop", Rate.LEAVE),
        ("POST", "/likeness/selfies/destroy", Rate.LEAVE),
        ("POST", "/v1/pause", Rate.LEAVE),
        ("POST", "/v1/erasure", Rate.LEAVE),
        ("POST", "/likeness/withdraw", Rate.LEAVE),
        ("POST", "/likeness/erase", Rate.LEAVE),
        ("POST", "/v1/interactions", Rate.ACT),
        ("POST", "/v1/telemetry", Rate.WRITE),
        ("POST", "/v1/selfies", Rate.UPLOAD),
        ("POST", "/v1/token", Rate.TOKEN),
    ],
)
def test_a_route_counts_in_its_class(method: str, path: str, rate: Rate) -> None:
    assert rate_of(method, path) is rate


def test_every_route_that_says_no_counts_apart(home: Home) -> None:
    words = ("withdraw", "pause", "resume", "eras")
    routes = set(walk(site(home.rooms, home.rooms.settings).routes))
    leaving = {one for one in routes if one[0] != "GET" and any(w in one[1] for w in words)}
    assert len(leaving) >= 3
    assert {rate_of(*one) for one in leaving} == {Rate.LEAVE}


def test_a_window_moves_and_tells_when_there_is_more() -> None:
    rates = Rates(read("read=2/hour"))
    assert [rates.count(Rate.READ, "a")[0] for _ in range(3)] == [True, True, False]
    _, standing = rates.count(Rate.READ, "a")
    assert standing.left == 0
    assert 3_590 < standing.after <= 3_600
    assert rates.count(Rate.READ, "b")[0]
    assert rates.count(Rate.WRITE, "a")[0]
    assert standing.headers() == {
        "RateLimit-Policy": '"read";q=2;w=3600',
        "RateLimit": f'"read";r=0;t={standing.after}',
    }


def test_what_comes_too_fast_is_a_problem_that_says_when(open_home: Callable[..., Home]) -> None:
    home = open_home(rates=TIGHT)
    anna, ben = home.as_("Anna"), home.as_("Ben")
    answers = [home.client.get("/v1/feed", headers=anna) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    left = [one.headers["ratelimit"].split(";")[1] for one in answers]
    assert left == ["r=2", "r=1", "r=0", "r=0"]
    told = answers[-1]
    assert told.json()["type"] == "https://onlyou.example/problems/rate-limited"
    assert 3_590 < int(told.headers["retry-after"]) <= 3_600
    assert told.headers["ratelimit-policy"] == '"read";q=3;w=3600'
    assert told.headers["cache-control"] == "private, no-store"
    again = {"Authorization": f"Bearer {home.token('Anna')}"}
    assert home.client.get("/v1/feed", headers=again).status_code == 429
    assert home.client.get("/v1/feed", headers=ben).status_code == 200


def test_saying_no_is_never_rate_limited_away(open_home: Callable[..., Home]) -> None:
    home = open_home(rates=TIGHT)
    headers = home.as_("Anna")
    for _ in range(3):
        home.client.get("/v1/feed", headers=headers)
        home.client.post("/v1/interactions", headers=headers, json={"req_id": "r", "events": []})
        last = home.client.put("/v1/consents/story", headers=headers, json={})
    assert last.status_code == 429
    for _ in range(10):
        assert home.client.delete("/v1/consents/feed_insert", headers=headers).is_success
    done = home.client.post("/v1/erasure", headers=headers, json={"confirm": "erase"})
    assert done.status_code == 200


def test_a_bad_token_counts_for_its_address_not_for_anybody(
    open_home: Callable[..., Home],
) -> None:
    home = open_home(rates=TIGHT)
    anna = home.as_("Anna")
    bad = {"Authorization": anna["Authorization"] + "x"}
    tries = [home.client.get("/v1/feed", headers=bad).status_code for _ in range(4)]
    assert tries == [401, 401, 401, 429]
    assert home.client.get("/v1/feed", headers=anna).status_code == 200
    elsewhere = TestClient(home.client.app, client=("192.0.2.7", 1))
    assert elsewhere.get("/v1/feed", headers=bad).status_code == 401


def test_files_that_are_everybodys_are_not_counted(open_home: Callable[..., Home]) -> None:
    home = open_home(rates=TIGHT)
    for _ in range(5):
        assert "ratelimit" not in home.client.get("/static/onlyou.css").headers
    assert home.client.get("/healthz").headers["ratelimit"].startswith('"read";r=2;')


def test_an_ipv6_network_is_one_address() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") != network("192.0.2.2")
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("testclient") == "testclient"


def test_a_window_moves_on_and_whoever_stays_away_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rates_module, "_SWEEP", 3)
    clock = VirtualClock(Micros(1_800_000_000_000_000))
    rates = Rates(read("read=2/minute"), clock)
    said = []
    for _ in range(4):
        allowed, standing = rates.count(Rate.READ, "Ada")
        said.append((allowed, standing.left, standing.after))
        clock.advance(20)
    assert said == [(True, 1, 60), (True, 0, 40), (False, 0, 20), (True, 0, 20)]
    clock.advance(60)
    for _ in range(3):
        rates.count(Rate.READ, "Bob")
    assert {who for _, who in rates._windows} == {"Bob"}
