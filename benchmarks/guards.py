# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL's own guards cost: row security, and people's tables in parts.

The floor of each figure is the same work on the same server as a superuser, whom policies do not
bind, on whole tables. Processor time of both sides, since it is what a guard costs; the rates
come with it. A plan is `benchmarks.cycle`'s; a page is one person's feed, asked for as a request
asks: about that person alone.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from benchmarks.conditions import Result, report
from benchmarks.cycle import BATCH, PACKAGES, house, planned
from benchmarks.meters import Meter, metered
from consent import scopes
from engine.rooms import Rooms
from tests import postgres
from tests.postgres import APPLICATION, Cluster

PARTS: Final = (1, 2, 8, 16)
PAGES: Final = 1_000


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Plan for `users` people and show them their pages; the smallest size: on SQLite, for ten."""
    count = users or (10 if smoke else 1_000)
    results = list(_smoke(count) if smoke else _measured(count))
    return report("guards", smoke=smoke, packages=PACKAGES, results=results)


def _smoke(count: int) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder, house(Path(folder) / "home", count) as rooms:
        made, meter = planned(rooms)
        yield from _told("sqlite", made, meter, pages(rooms, count), None)


def _measured(count: int) -> Iterator[Result]:
    with postgres.running(durable=True) as cluster:
        floor = _lived(cluster, count, parts=1, bound=False)
        yield from _told("a superuser, whole tables", *floor, None)
        for parts in PARTS:
            found = _lived(cluster, count, parts=parts, bound=True)
            what = "row security" + (f", {parts} parts" if parts > 1 else ", whole tables")
            yield from _told(what, *found, (floor[1].each(floor[0]), floor[2]))


def _lived(cluster: Cluster, count: int, *, parts: int, bound: bool) -> tuple[int, Meter, Meter]:
    """Run a plan and show pages, as the application or as a superuser; drop it all again."""
    owner = cluster.empty()
    app = make_url(owner).set(username=APPLICATION).render_as_string(hide_password=False)
    url, keeper = (app, owner) if bound else (owner, "")
    told = {"database_url": url, "database_owner": keeper, "database_parts": str(parts)}
    with (
        tempfile.TemporaryDirectory() as folder,
        house(Path(folder) / "home", count, batch=BATCH, **told) as rooms,
    ):
        made, plan = planned(rooms)
        shown = pages(rooms, PAGES)
    cluster.drop(owner)
    return made, plan, shown


def pages(rooms: Rooms, count: int) -> Meter:
    """Show so many pages, one person's after the other's; return what one took."""
    people = [one.subject for one in rooms.consent.accounts.list()]
    show = partial(rooms.feed.pages.of, cursor=None, limit=20)
    with metered(rooms.consent.ledger.engine) as meter:
        for number in range(count):
            person = people[number % len(people)]
            with scopes.within(scopes.of(person)):
                show(person)
    return meter.each(count)


def _told(
    what: str, made: int, plan: Meter, page: Meter, floor: tuple[Meter, Meter] | None
) -> Iterator[Result]:
    each = plan.each(made)
    bare_plan, bare_page = floor or (Meter(), Meter())
    for name, one, bare in (("a portrait", each, bare_plan), ("a page", page, bare_page)):
        yield _row(f"{what}: {name}, ours", one.own, bare.own, made)
        yield _row(f"{what}: {name}, the server's", one.server, bare.server, made)
        yield _row(f"{what}: {name}, by the clock", one.seconds, bare.seconds, made)


def _row(what: str, value: float, floor: float, count: int) -> Result:
    return {
        "what": what,
        "value": round(value * 1_000, 3),
        "unit": "ms",
        "floor": round(floor * 1_000, 3) if floor else None,
        "ratio": round(value / floor, 3) if floor else None,
        "n": count,
        "spread": None,
    }
