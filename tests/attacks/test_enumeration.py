# SPDX-License-Identifier: Apache-2.0
"""Nobody learns which ids there are: not by an answer, nor by its time, nor by a clash of keys.

Times are compared as dudect does: both kinds in turns, the slowest of all left out, Welch's t. The
quick form compares the processor's time, which other programs on the machine do not stretch.
Source: Reparaz, Balasch and Verbauwhede 2017, whose limit is 4.5.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, select

from consent.tables import metadata
from consent.words import parse_id, public_id
from tests.engine.api import test_leaks as leaks
from tests.engine.api import test_matrix as classes
from tests.engine.homes import Home

LIMIT = 4.5
KEPT = 0.8  # of the times; the slowest are the machine's, not the answer's
LEAK = 0.003  # seconds; 5,000 calls see a tenth of it
Watch = Callable[[], float]
READ = (
    "/v1/portraits/{id}/image",
    "/v1/portraits/{id}",
    "/v1/portraits/{id}/why",
    "/v1/shares/{id}/image",
    "/v1/jobs/{id}",
)


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Compare two means: how many standard errors they lie apart."""
    a, b = np.asarray(one), np.asarray(other)
    spread = a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)
    return float((a.mean() - b.mean()) / math.sqrt(spread))


def apart(times: Sequence[tuple[bool, float]]) -> float:
    """Compare what took the ids that exist with what took those that do not."""
    most = float(np.quantile([spent for _, spent in times], KEPT))
    theirs, nobodys = (
        [t for kind, t in times if kind is of and t <= most] for of in (True, False)
    )
    return welch(theirs, nobodys)


def timed(
    home: Home, path: str, theirs: str, count: int, watch: Watch = time.process_time
) -> Iterator[tuple[bool, float]]:
    """Ask for somebody else's and for nobody's, in an order that nobody can foresee."""
    headers, chance = home.as_("Ben"), np.random.default_rng(7)
    for kind in chance.permutation([True, False] * count).tolist():
        named = theirs if kind else public_id(int(chance.integers(1 << 50)))
        began = watch()
        answer = home.client.get(path.replace("{id}", named), headers=headers)
        spent = watch() - began
        assert answer.status_code == 404
        yield kind, spent


def distance(home: Home, path: str, count: int, watch: Watch = time.process_time) -> float:
    theirs = classes.named(home, path)
    list(timed(home, path, theirs, 20))
    return abs(apart(list(timed(home, path, theirs, count, watch))))


def steadily(measure: Callable[[], float]) -> float:
    """Measure up to three times: what leaks does so each time, what the machine does does not."""
    return min((measure() for _ in range(3)), key=lambda found: found >= LIMIT)


@pytest.mark.parametrize("path", READ)
def test_the_database_is_asked_the_same(home: Home, path: str) -> None:
    """Hold statement to statement: no clock is as exact."""
    theirs, asked = classes.named(home, path), []
    headers = home.as_("Ben")

    def heard(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        asked[-1].append(statement)

    event.listen(home.rooms.consent.ledger.engine, "before_cursor_execute", heard)
    for named in (public_id(1), theirs, public_id(2)):
        asked.append([])
        assert home.client.get(path.replace("{id}", named), headers=headers).status_code == 404
    assert asked[1] == asked[2]
    assert asked[1]


def test_the_time_does_not_tell_whether_it_exists(open_home: Callable[..., Home]) -> None:
    home = open_home(rates="read=1000000/minute")
    assert steadily(lambda: distance(home, READ[0], 60)) < LIMIT


def test_the_same_measure_sees_what_takes_longer(
    open_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What proves the measure: a server that looks a little longer at what exists is noticed."""
    home = open_home(rates="read=1000000/minute")
    theirs, get = classes.named(home, READ[0]), home.client.get

    def slower(path: str, **given: Any) -> Any:
        until = time.process_time() + LEAK * (theirs in path)
        while time.process_time() < until:
            pass
        return get(path, **given)

    monkeypatch.setattr(home.client, "get", slower)
    assert abs(apart(list(timed(home, READ[0], theirs, 60)))) > LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("path", READ)
def test_five_thousand_times_of_each_do_not_tell_either(
    open_home: Callable[..., Home], path: str
) -> None:
    home = open_home(rates="read=1000000/minute")
    assert steadily(lambda: distance(home, path, 5_000, time.perf_counter)) < LIMIT


# --- ids


CHOSEN = 424_242_424_242


def holding(home: Home, number: int) -> set[str]:
    """List the tables in which a number stands anywhere."""
    with home.rooms.consent.ledger.read() as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if any(number in row for row in connection.execute(select(table)))
        }


def test_no_client_names_what_it_makes(home: Home) -> None:
    """An id of a client's own choosing is refused, or plays no part in what is made."""
    headers = home.as_("Anna")
    hers = {
        "portrait": str(home.insert("Anna")["portrait_id"]),
        "notice": str(home.serve("Anna", "story")["served_id"]),
    }
    chosen = public_id(CHOSEN)
    for (method, path), body in leaks.bodies(hers).items():
        if "erasure" in path:
            continue
        url = path.replace("{id}", hers["portrait"]).replace("{purpose}", "story")
        answer = home.client.request(method, url, headers=headers, json=body | {"id": chosen})
        assert answer.status_code < 500
        assert chosen not in answer.text
    assert holding(home, CHOSEN) == set()
    assert holding(home, home.person("Anna")) > {"account", "basis"}


def test_two_people_may_use_the_same_words_for_their_own(home: Home) -> None:
    """Ids that clients do choose, of events and requests, are theirs alone."""
    answers = []
    for name in ("Anna", "Ben"):
        item = home.feed(name)["items"][0]["id"]
        event = {"event_id": "e1", "item_id": item, "kind": "like"}
        body = {"req_id": "r1", "events": [event]}
        headers = home.as_(name) | {"Idempotency-Key": "k1"}
        answers.append(home.client.post("/v1/interactions", headers=headers, json=body))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["results"] == answers[1].json()["results"]


def test_ids_do_not_count_up(home: Home) -> None:
    """From one's own ids nobody can guess another's: they are random, not numbered."""
    jobs = [
        home.client.post("/v1/imagine", headers=home.as_("Anna"), json={}).json()["id"]
        for _ in range(3)
    ]
    numbers = sorted(parse_id(job) or 0 for job in jobs)
    gaps = [later - sooner for sooner, later in pairwise(numbers)]
    assert len(set(jobs)) == 3
    assert all(gap > 1 << 20 for gap in gaps)
