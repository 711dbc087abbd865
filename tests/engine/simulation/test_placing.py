# SPDX-License-Identifier: Apache-2.0
"""The simulator's slot rules are held against the feed's own on random pages."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from consent import policies
from consent.policy import SlotRules
from consent.words import HOUR, Micros
from engine.simulation import placing
from engine.simulation.placing import FAR, NO_PLACE, Before, Waiting
from feed.slots import Neighbour, Organic, Past, Ready, Shown, blend

NOW = Micros(50 * 24 * HOUR)
USUAL = policies.load("strict-opt-in").slots
IDEAS = 5
MOST = 3


def some_rules(rng: np.random.Generator) -> SlotRules:
    generous = 3 * int(rng.random() < 0.4)
    return replace(
        USUAL,
        first=int(rng.integers(1, 7)),
        gap=int(rng.integers(0, 5)),
        per_page=generous + int(rng.integers(0, 4)),
        per_day=generous + int(rng.integers(0, 4)),
        per_week=generous + int(rng.integers(0, 6)),
        per_session=generous + int(rng.integers(0, 4)),
        cooldown_hours=int(rng.choice([0, 0, 8, 30])),
        least_organic=int(rng.integers(0, 8)),
        scenario_days=int(rng.choice([0, 1, 7, 30])),
        newcomer_per_week=generous + int(rng.integers(0, 3)),
        allow_sensitive_neighbour=bool(rng.random() < 0.2),
    )


def some_reading(rng: np.random.Generator) -> dict[str, Any]:
    ready = [Ready(id=n + 1, scenario=str(rng.integers(IDEAS))) for n in range(rng.integers(0, 4))]
    shown = [
        Shown(id=100 + n, scenario=str(rng.integers(IDEAS)), at=ago(rng))
        for n in range(rng.integers(0, 5))
    ]
    shown += [
        Shown(id=r.id, scenario=r.scenario, at=ago(rng)) for r in ready if rng.random() < 0.3
    ]
    kinds = [*Neighbour, *[Neighbour.ORDINARY] * 20]
    pages = [
        [Organic(id=n, neighbour=kinds[int(rng.integers(len(kinds)))]) for n in range(length)]
        for length in rng.integers(0, 13, 2).tolist()
    ]
    past = Past(
        shown=tuple(shown),
        quiet_until=Micros(NOW + 1 if rng.random() < 0.1 else NOW),
        newcomer=bool(rng.random() < 0.3),
    )
    return {"rules": some_rules(rng), "ready": ready, "past": past, "pages": pages}


def ago(rng: np.random.Generator) -> Micros:
    hours = int(rng.choice([0, 1, 7, 8, 23, 24, 29, 30, 167, 168, 700, 720]))
    return Micros(NOW - hours * HOUR)


def by_blend(reading: dict[str, Any]) -> list[list[int]]:
    """Place page after page as the feed does; the place of each insert, NO_PLACE for none."""
    past, ready, found = reading["past"], list(reading["ready"]), []
    for page in reading["pages"]:
        made = blend(page, ready, reading["rules"], past, NOW)
        places = [NO_PLACE] * MOST
        for insert in made.placed:
            before = made.items[: made.items.index(insert)]
            places[insert.id - 1] = sum(isinstance(one, Organic) for one in before)
        found.append(places)
        past = onward(past, made.items, len(page))
        ready = [one for one in ready if one not in made.placed]
    return found


def onward(past: Past, items: tuple[Organic | Ready, ...], posts: int) -> Past:
    since = past.posts_since
    for item in items:
        since = 0 if isinstance(item, Ready) else None if since is None else since + 1
    placed = [item for item in items if isinstance(item, Ready)]
    known = {shown.id for shown in past.shown}
    new = tuple(Shown(id=r.id, scenario=r.scenario, at=NOW) for r in placed if r.id not in known)
    return replace(
        past,
        shown=past.shown + new,
        posts_before=past.posts_before + posts,
        posts_since=since,
        inserts_before=past.inserts_before + len(placed),
    )


def at_once(readings: list[dict[str, Any]]) -> list[np.ndarray]:
    """Place the pages of all readings at once, as the simulator does."""
    names = [f.name for f in fields(SlotRules) if f.name != "most_sensitive"]
    rules = {n: np.array([int(getattr(r["rules"], n)) for r in readings]) for n in names}
    past, done = as_arrays(readings), []
    standing = np.ones((len(readings), MOST), bool)
    for number in range(2):
        pages = [r["pages"][number] for r in readings]
        width = max(map(len, pages))
        plain = [[o.neighbour is Neighbour.ORDINARY for o in p] for p in pages]
        ordinary = np.array([p + [False] * (width - len(p)) for p in plain])
        length = np.array([len(p) for p in pages])
        waiting = waits(readings, standing)
        places = placing.place(ordinary, length, waiting, rules, past)
        standing &= places == NO_PLACE
        remember(readings, places)
        done.append(places)
    return done


def remember(readings: list[dict[str, Any]], places: np.ndarray) -> None:
    for reading, mine in zip(readings, places, strict=True):
        known = {s.id for s in reading["past"].shown}
        new = tuple(
            Shown(id=r.id, scenario=r.scenario, at=NOW)
            for r in reading["ready"]
            if mine[r.id - 1] != NO_PLACE and r.id not in known
        )
        reading["past"] = replace(reading["past"], shown=reading["past"].shown + new)


def as_arrays(readings: list[dict[str, Any]]) -> Before:
    pasts = [r["past"] for r in readings]
    ages = [[(NOW - s.at) / HOUR for s in p.shown] for p in pasts]
    cool = [r["rules"].cooldown_hours for r in readings]
    return Before(
        day=np.array([sum(a < 24 for a in own) for own in ages]),
        week=np.array([sum(a < 168 for a in own) for own in ages]),
        recent=np.array([any(a < c for a in own) for own, c in zip(ages, cool, strict=True)]),
        quiet=np.array([p.quiet_until > NOW for p in pasts]),
        newcomer=np.array([p.newcomer for p in pasts]),
        posts_before=np.zeros(len(pasts), np.int64),
        posts_since=np.full(len(pasts), FAR),
        inserts_before=np.zeros(len(pasts), np.int64),
    )


def waits(readings: list[dict[str, Any]], standing: np.ndarray) -> Waiting:
    scenario = np.full(standing.shape, -1)
    known, lately = np.zeros((2, *standing.shape), bool)
    for row, reading in enumerate(readings):
        shown, days = reading["past"].shown, reading["rules"].scenario_days
        had = {s.scenario for s in shown if NOW - s.at < days * 24 * HOUR}
        for one in reading["ready"]:
            at = row, one.id - 1
            scenario[at] = int(one.scenario) if standing[at] else -1
            known[at] = any(s.id == one.id for s in shown)
            lately[at] = one.scenario in had
    return Waiting(scenario=scenario, known=known, lately=lately)


@pytest.mark.parametrize(
    "pages", [2_000, pytest.param(20_000, marks=pytest.mark.slow)], ids="{} pages".format
)
def test_random_pages_are_placed_as_the_feed_places_them(pages: int) -> None:
    rng = np.random.default_rng(pages)
    readings = [some_reading(rng) for _ in range(pages // 2)]
    expected = [by_blend(dict(reading)) for reading in readings]
    first, second = at_once(readings)
    placed = 0
    for row, wanted in enumerate(expected):
        assert [first[row].tolist(), second[row].tolist()] == wanted, readings[row]
        placed += sum(place != NO_PLACE for page in wanted for place in page)
    assert placed > pages // 12


def test_what_is_not_ordinary_has_no_insert_beside_it() -> None:
    rules = {f.name: np.zeros(1, np.int64) for f in fields(SlotRules)}
    rules |= {name: np.full(1, 9) for name in ("per_page", "per_session", "per_day", "per_week")}
    one = Waiting(
        scenario=np.zeros((1, 1), np.int64),
        known=np.zeros((1, 1), bool),
        lately=np.zeros((1, 1), bool),
    )
    past = as_arrays([{"past": Past(), "rules": USUAL}])
    ordinary = np.array([[True, False, True, True, True]])
    assert placing.place(ordinary, np.array([5]), one, rules, past) == [[3]]


def test_the_past_of_some_is_taken_out_and_put_back() -> None:
    readings = [{"past": Past(newcomer=bool(n % 2)), "rules": USUAL} for n in range(4)]
    past, some = as_arrays(readings), np.array([1, 2])
    now = placing.part(past, some)
    assert now.newcomer.tolist() == [True, False]
    now.day += 3
    placing.put_back(past, some, now)
    assert past.day.tolist() == [0, 3, 3, 0]
