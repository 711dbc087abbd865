# SPDX-License-Identifier: Apache-2.0
"""What drawing ahead costs for each portrait that somebody looks at: `onlyou bench pregeneration`.

Three parts, all of simulated people (benchmarks/readers):
1. ten people under the whole engine with real pixels: everybody who is due, half the seconds, and
   half the seconds where nobody let us count; seconds are those of the recipe's own passes
2. a crowd, counts only: how many of what is drawn is looked at, by likelihood and by turns alone
3. whether a chance means what it says: told against what came of it, by fifths
The floor of a share viewed is the share where everybody is drawn for, of the same run and people.
"""

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.conditions import Result, report
from benchmarks.readers import Readers, readers
from consent.clocks import VirtualClock
from consent.words import DAY, HOUR, Actor, Micros, Purpose, Subject, public_id
from engine import budget, cycle, settings, wiring
from engine.api import portraits
from engine.budget import Turn
from engine.cast import Member, cast
from engine.costs import Book, Cost
from engine.rooms import Rooms
from feed import likelihood
from feed.items import Imagined
from feed.likelihood import Look
from generation.selfies import Attested

FIRST: Final = Micros(20_458 * DAY)
_PACKAGES: Final = ("onlyou", "numpy", "opencv-python-headless", "sqlalchemy")
_STANDS: Final = 3
_A_WEEK: Final = 3
_SEED: Final = 7


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Compare plans with and without a budget; the recipe is `ONLYOU_RECIPE`'s or photobooth."""
    people, days = (4, 5) if smoke else (10, 21)
    crowd = users or (300 if smoke else 3_000)
    results = [*_drawn(people, days), *_counted(crowd, 21 if smoke else 60), *_told(crowd)]
    return report("pregeneration", smoke=smoke, packages=_PACKAGES, results=results)


# --- 1: real pixels


def _drawn(people: int, days: int) -> Iterator[Result]:
    some = readers(people, days, seed=_SEED)
    nobody = replace(some, counted=np.zeros(people, bool))
    free, _ = _installation(some, days, seconds=0)
    half = math.ceil(1.1 * (free.per_rendered or 0.0) * max(1, round(free.rendered / days / 2)))
    yield from _told_of(f"{people} people, {days} days, no budget", free, None)
    for who, what in ((some, "by likelihood"), (nobody, "nobody counted")):
        one, later = _installation(who, days, seconds=half)
        name = f"{people} people, {days} days, {half} s a plan, {what}"
        yield from _told_of(name, one, free)
        yield _result(f"{name}: turns left for later", later, "", one.rendered)


def _told_of(name: str, one: Cost, free: Cost | None) -> Iterator[Result]:
    floor = None if free is None else free.viewed / free.rendered
    least = None if free is None else free.per_viewed
    yield _result(f"{name}: drawn", one.rendered, "portraits", one.rendered)
    yield _result(f"{name}: looked at", one.viewed, "portraits", one.rendered)
    yield _result(f"{name}: share", one.viewed / one.rendered, "", one.rendered, floor)
    yield _result(f"{name}: a drawn one", one.per_rendered, f"s {one.device}", one.rendered)
    yield _result(f"{name}: a viewed one", one.per_viewed, f"s {one.device}", one.viewed, least)
    yield _result(f"{name}: wasted", one.wasted, f"s {one.device}", one.unseen)


def _installation(some: Readers, days: int, *, seconds: int) -> tuple[Cost, int]:
    """Run a home of the whole engine for some days; return its account and who was left."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings.read(Path(folder) / "home", gpu_seconds=seconds, simulated_clock=True)
        rooms = wiring.install(chosen, clock := VirtualClock(FIRST))
        members = cast(len(some.hours))
        ids = [_arrive(rooms, m, bool(c)) for m, c in zip(members, some.counted, strict=True)]
        later = sum(_day(rooms, clock, some, ids, day) for day in range(days))
        clock.turn_to(Micros(FIRST + (days + _STANDS) * DAY))
        (one,) = Book().costs(rooms)
        rooms.consent.ledger.engine.dispose()
    return one, later


def _arrive(rooms: Rooms, member: Member, counted: bool) -> Subject:
    consent, person = rooms.consent, rooms.consent.accounts.add(member.name).subject
    consent.attestations.attest(person, age_band="adult", actor=Actor.OPERATOR)
    also = (Purpose.TELEMETRY,) if counted else ()
    for purpose in (Purpose.LIKENESS, Purpose.FEED_INSERT, *also):
        served = consent.notices.serve(person, purpose)
        consent.grants.grant(person, purpose, served.served_id, method="cli")
    rooms.studio.enrol(person, member.selfies(), Attested(myself=True, adult=True))
    consent.grants.answer_preview(person, accepted=True)
    return person


def _day(
    rooms: Rooms, clock: VirtualClock, some: Readers, ids: Sequence[Subject], day: int
) -> int:
    morning = FIRST + day * DAY
    clock.turn_to(Micros(morning + 6 * HOUR))
    outcome = cycle.run(rooms, clock.now())
    for who in np.argsort(some.hours, kind="stable").tolist():
        if some.opens[who, day]:
            clock.turn_to(Micros(morning + int(some.hours[who]) * HOUR + who * 60_000_000))
            _look(rooms, ids[who])
    return outcome.get("later", 0)


def _look(rooms: Rooms, person: Subject) -> None:
    for item in rooms.feed.pages.of(person).items:
        if isinstance(item, Imagined):
            portraits.look(rooms, person, public_id(item.object))


# --- 2: a crowd, counts only


@dataclass(slots=True)
class _Person:
    """One of the crowd: what stood in their feed, and since when they wait."""

    looks: list[Look]
    since: int = 0

    def due(self, now: Micros) -> bool:
        """Say whether caps and an unseen one allow another."""
        week = [one for one in self.looks if one.placed_at > now - 7 * DAY]
        waits = self.looks and self.looks[-1].expires_at > now and not self._seen(now)
        return len(week) < _A_WEEK and not waits

    def known(self, now: Micros) -> list[Look]:
        """Tell the last month as it is known now."""
        return [
            one if one.seen_at is not None and one.seen_at <= now else replace(one, seen_at=None)
            for one in self.looks
            if one.placed_at > now - 30 * DAY
        ]

    def _seen(self, now: Micros) -> bool:
        seen_at = self.looks[-1].seen_at
        return seen_at is not None and seen_at <= now


def _counted(people: int, days: int) -> Iterator[Result]:
    some = readers(people, days + _STANDS, seed=_SEED)
    drawn, viewed = _crowd(some, days, None, by_likelihood=False)
    every = viewed / drawn
    yield _result(f"{people} people, {days} days, no budget: share looked at", every, "", drawn)
    for part in (2, 4):
        count = drawn // days // part
        for by_likelihood, what in ((False, "by turns alone"), (True, "by likelihood")):
            shown, seen = _crowd(some, days, count, by_likelihood=by_likelihood)
            name = f"{people} people, {days} days, 1/{part} of it, {what}: share looked at"
            yield _result(name, seen / shown, "", shown, every)


def _crowd(some: Readers, days: int, count: int | None, *, by_likelihood: bool) -> tuple[int, int]:
    """Play a crowd's days; return how many were drawn, and looked at in time."""
    people = [_Person(looks=[]) for _ in some.hours]
    for day in range(days):
        now = Micros(FIRST + day * DAY + 6 * HOUR)
        due = [who for who, one in enumerate(people) if one.due(now)]
        turns = _turns(some, people, due, now, by_likelihood=by_likelihood)
        places = len(due) if count is None else count
        for place in budget.split(turns, places, seed=_SEED, slot=day).served:
            who = due[place]
            people[who].looks.append(_placed(some, who, day, now))
            people[who].since = now
    every = [look for one in people for look in one.looks]
    return len(every), sum(look.in_time for look in every)


def _turns(
    some: Readers,
    people: Sequence[_Person],
    due: Sequence[int],
    now: Micros,
    *,
    by_likelihood: bool,
) -> list[Turn]:
    crowd, tallies = likelihood.UNKNOWN, {}
    if by_likelihood:
        known = {who: people[who].known(now) for who in np.flatnonzero(some.counted).tolist()}
        crowd = likelihood.prior(list(known.values()), now)
        tallies = {who: likelihood.tally(mine, now) for who, mine in known.items()}
    return [
        Turn(
            draw_key=(who + 1) * 0x9E3779B97F4A7C15 % (1 << 64),
            chance=likelihood.chance(tallies.get(who), crowd),
            seconds=1.0,
            since=Micros(people[who].since),
        )
        for who in due
    ]


def _placed(some: Readers, who: int, day: int, now: Micros) -> Look:
    expires_at = Micros(now + _STANDS * DAY)
    later = (day + n for n in range(_STANDS + 1) if day + n < some.opens.shape[1])
    times = (
        FIRST + one * DAY + int(some.hours[who]) * HOUR for one in later if some.opens[who, one]
    )
    seen_at = next((Micros(at) for at in times if now < at < expires_at), None)
    return Look(placed_at=now, expires_at=expires_at, seen_at=seen_at)


# --- 3: whether a chance means what it says


def _told(people: int) -> Iterator[Result]:
    """Foretell every portrait of a crowd's last two weeks from what is known before it."""
    days = 45
    some = readers(people, days + _STANDS, seed=_SEED + 1)
    crowd = [_Person(looks=[]) for _ in some.hours]
    told: list[tuple[float, bool]] = []
    for day in range(0, days, _STANDS):
        now = Micros(FIRST + day * DAY + 6 * HOUR)
        known = [one.known(now) for one in crowd]
        prior = likelihood.prior(known, now)
        for who, one in enumerate(crowd):
            one.looks.append(look := _placed(some, who, day, now))
            if day > days - 15:
                chance = likelihood.chance(likelihood.tally(known[who], now), prior)
                told.append((chance, look.in_time))
    yield from _reliability(np.array(told))


def _reliability(told: np.ndarray[Any, np.dtype[np.float64]]) -> Iterator[Result]:
    chances, came = told[:, 0], told[:, 1]
    for low in np.arange(0.0, 1.0, 0.2):
        mine = (chances >= low) & (chances < low + 0.2 + (low > 0.7))
        if mine.any():
            name = f"told {low:.1f} to {low + 0.2:.1f}: looked at (floor: told)"
            floor = float(chances[mine].mean())
            yield _result(name, float(came[mine].mean()), "", int(mine.sum()), floor)
    plain = float(((came.mean() - came) ** 2).mean())
    brier = float(((chances - came) ** 2).mean())
    yield _result("Brier score (floor: the mean for everybody)", brier, "", len(came), plain)


def _result(
    what: str, value: float | None, unit: str, n: int, floor: float | None = None
) -> Result:
    told = 0.0 if value is None else value
    return {
        "what": what,
        "value": round(told, 3),
        "unit": unit,
        "floor": None if floor is None else round(floor, 3),
        "ratio": None if not floor else round(told / floor, 2),
        "n": n,
        "spread": None,
    }
