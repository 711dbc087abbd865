# SPDX-License-Identifier: Apache-2.0
"""One person asks without end: they are told to wait, and the others hardly notice."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from consent.words import Purpose
from tests.engine.homes import Home

FORM = {"attest_self": "true", "attest_adult": "true"}


def upload(home: Home, headers: dict[str, str]) -> int:
    file = ("file", ("x.jpg", b"no photograph", "image/jpeg"))
    return home.client.post("/v1/selfies", headers=headers, files=[file], data=FORM).status_code


def test_who_floods_is_told_to_wait_and_nobody_else_is(open_home: Callable[..., Home]) -> None:
    home = open_home(rates="upload=10/minute")
    anna, ben = home.as_("Anna"), home.as_("Ben")
    answers = Counter(upload(home, anna) for _ in range(30))
    assert answers[429] == 20
    assert set(answers) == {422, 429}
    assert upload(home, ben) == 422
    assert home.client.get("/v1/feed", headers=ben).status_code == 200


def test_in_a_flood_of_ones_own_a_no_is_still_heard(open_home: Callable[..., Home]) -> None:
    home = open_home(rates="upload=5/minute")
    anna = home.as_("Anna")
    while upload(home, anna) != 429:
        pass
    assert home.client.delete("/v1/consents/feed_insert", headers=anna).status_code == 200


def test_a_flood_of_wishes_ends_at_the_policys_number(open_home: Callable[..., Home]) -> None:
    """Without any rate the policy's own cap holds: it counts what was ordered, not requests."""
    home = open_home(rates="write=1000000/minute")
    anna = home.as_("Anna")
    answers = Counter(
        home.client.post("/v1/imagine", headers=anna, json={}).status_code for _ in range(25)
    )
    assert answers[202] <= home.rooms.consent.policy.caps[Purpose.IMAGINE].per_day
    assert answers[202] >= 1


@pytest.mark.slow
def test_ten_thousand_uploads_of_one_person_leave_the_others_times_within_two(home: Home) -> None:
    quiet = nineteenth(home, 200)
    stop, sent = threading.Event(), Counter[int]()
    anna = home.as_("Anna")

    def flood() -> None:
        while not stop.is_set() and sent.total() < 10_000:
            sent[upload(home, anna)] += 1

    threads = [threading.Thread(target=flood) for _ in range(1)]
    for one in threads:
        one.start()
    while sent.total() < 300:  # the rate's allowance is used up
        time.sleep(0.05)
    flooded = nineteenth(home, 200)
    stop.set()
    for one in threads:
        one.join()
    assert sent[429] > sent[422]
    assert flooded < 2 * quiet, f"p95 {quiet:.4f} s, in the flood {flooded:.4f} s"


def nineteenth(home: Home, count: int) -> float:
    """Measure how long nineteen of twenty of Ben's pages take at most. Units: seconds."""
    ben, spent = home.as_("Ben"), []
    for _ in range(count):
        began = time.perf_counter()
        assert home.client.get("/v1/portraits", headers=ben).status_code == 200
        spent.append(time.perf_counter() - began)
    return statistics.quantiles(spent, n=20)[-1]
