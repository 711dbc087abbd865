# SPDX-License-Identifier: Apache-2.0
"""What portraits cost: seconds of rendering for each one drawn, and for each one looked at.

Two sources, neither of which a withdrawal takes away:
1. the ledger's effects: drawn under which card, stored, inserted, looked at, each by the name of
   its request, which is a commitment: nobody is known by it here
2. the rows of `render_pass`: what a pass over so many rows took, on what
Recipes whose passes nobody timed have counts and no seconds. A portrait was `unseen` when it stood
in a feed until it expired and nobody looked: its seconds were wasted.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, func, select

from consent import cards, recorded
from consent.ledger import Ledger
from consent.words import HOUR, Micros, Step
from engine.rooms import Rooms
from generation.tables import render_pass

USUAL_SECONDS: Final = 1.0
"""What a portrait takes as long as no pass of the recipe was timed: the photobooth's second."""
_RECENT: Final = 200
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Life:
    """What the ledger says became of one request."""

    recipe: str
    stored: bool = False
    inserted_at: int | None = None
    viewed: bool = False

    @property
    def over(self) -> bool:
        """Say whether nothing can happen any more that would be counted."""
        return self.stored and self.inserted_at is not None and self.viewed

    def after(self, step: str, at: int) -> "_Life":
        """Say what it is after one more step."""
        match step:
            case Step.STORE:
                return replace(self, stored=True)
            case Step.INSERT:
                return replace(self, inserted_at=at)
            case Step.VIEW:
                return replace(self, viewed=True)
            case _:
                return self


@dataclass(slots=True)
class _Lives:
    """All lives of one card, counted; of those that nobody looked at, when each was inserted."""

    counts: Counter[str] = field(default_factory=Counter)
    unseen: list[int] = field(default_factory=list)  #: in order

    def add(self, life: _Life) -> None:
        """Count one."""
        self.counts.update(_became(life))
        if life.inserted_at is not None and not life.viewed:
            insort(self.unseen, life.inserted_at)

    def remove(self, life: _Life) -> None:
        """Count one no more."""
        self.counts.subtract(_became(life))
        if life.inserted_at is not None and not life.viewed:
            del self.unseen[bisect_left(self.unseen, life.inserted_at)]

    def told(self, over: Micros) -> Mapping[str, int]:
        """Tell the counts; what was inserted up to `over` has expired by now."""
        return {**self.counts, "unseen": bisect_right(self.unseen, over)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One recipe's account. Units: seconds of the device; None where no pass was timed."""

    recipe: str
    sha256: str  #: of its card
    device: str | None
    rendered: int
    stored: int
    inserted: int
    viewed: int
    unseen: int  #: stood in a feed until it expired, and nobody looked
    seconds: float | None

    @property
    def per_rendered(self) -> float | None:
        """Say what one drawn portrait took, those that were refused included."""
        return _each(self.seconds, self.rendered)

    @property
    def per_viewed(self) -> float | None:
        """Say what was spent for each portrait that somebody looked at."""
        return _each(self.seconds, self.viewed)

    @property
    def wasted(self) -> float | None:
        """Say what went into portraits that expired unseen."""
        each = self.per_rendered
        return None if each is None else each * self.unseen

    def said(self) -> dict[str, object]:
        """Write it as JSON says it."""
        seconds = (self.seconds, self.per_rendered, self.per_viewed, self.wasted)
        names = ("seconds", "seconds_per_rendered", "seconds_per_viewed", "wasted_seconds")
        counted = ("recipe", "sha256", "device", "rendered", "stored", "inserted", "viewed")
        return {
            **{name: getattr(self, name) for name in counted},
            "unseen": self.unseen,
            "share_viewed": round(self.viewed / self.stored, 3) if self.stored else None,
            **{n: None if s is None else round(s, 3) for n, s in zip(names, seconds, strict=True)},
        }


@dataclass(slots=True)
class Book:
    """Everybody's portraits as the ledger tells them; reads on where it stopped.

    Counts are kept, and of single lives only those that may still change.
    """

    _next: int = 0
    _lives: dict[str, _Life] = field(default_factory=dict)
    _cards: dict[str, _Lives] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def costs(self, rooms: Rooms) -> tuple[Cost, ...]:
        """Account for every recipe that ever drew here, by id and card."""
        now, kept = rooms.consent.ledger.now(), rooms.consent.policy.portraits.insert_hours
        with self._lock:
            self._read_on(rooms.consent.ledger)
            counted = self._counted(Micros(now - kept * HOUR))
        with rooms.consent.ledger.read() as connection:
            spent = _spent(connection)
            names = cards.read(connection, {*counted, *spent})
        return tuple(
            sorted(
                (_cost(sha256, names, counted, spent) for sha256 in {*counted, *spent}),
                key=lambda one: (one.recipe, one.sha256),
            )
        )

    def _read_on(self, ledger: Ledger) -> None:
        with ledger.read() as connection:
            for seq, body in recorded.effects(connection, self._next):
                self._take(body)
                self._next = seq + 1

    def _take(self, effect: Mapping[str, Any]) -> None:
        """Take the life that it is about out of the counts, change it, and count it again."""
        request, step = effect.get("request"), effect["step"]
        life = self._lives.pop(request, None) if request is not None else None
        if life is not None:
            self._of(life).remove(life)
        if request is not None and step == Step.GENERATE:
            life = _Life(recipe=effect.get("recipe", ""))
        if request is None or life is None:
            return
        after = life.after(step, effect["at"])
        self._of(after).add(after)
        if not after.over:
            self._lives[request] = after

    def _of(self, life: _Life) -> _Lives:
        return self._cards.setdefault(life.recipe, _Lives())

    def _counted(self, over: Micros) -> Mapping[str, Mapping[str, int]]:
        told = {card: lives.told(over) for card, lives in self._cards.items()}
        return {card: counts for card, counts in told.items() if counts["rendered"]}


def seconds_each(rooms: Rooms) -> float:
    """Say what a portrait of the active recipe takes, by its last passes; a guess before any."""
    last = (
        select(render_pass.c.micros, render_pass.c.rows)
        .where(render_pass.c.recipe_sha256 == rooms.studio.card.sha256)
        .order_by(render_pass.c.at.desc(), render_pass.c.id)
        .limit(_RECENT)
    ).subquery()
    with rooms.consent.ledger.read() as connection:
        micros, rows = connection.execute(
            select(func.sum(last.c.micros), func.sum(last.c.rows))
        ).one()
    return USUAL_SECONDS if not rows or not micros else int(micros) / int(rows) / _MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spent:
    recipe: str
    device: str
    micros: int


def _spent(connection: Connection) -> Mapping[str, _Spent]:
    """Add passes up by card; the devices of one card are named together."""
    columns = (render_pass.c.recipe_sha256, render_pass.c.recipe, render_pass.c.device)
    rows = connection.execute(
        select(*columns, func.sum(render_pass.c.micros)).group_by(*columns).order_by(*columns)
    )
    found: dict[str, _Spent] = {}
    for sha256, recipe, device, micros in rows:
        known = found.get(sha256)
        devices = device if known is None else f"{known.device}, {device}"
        before = 0 if known is None else known.micros
        found[sha256] = _Spent(recipe=recipe, device=devices, micros=before + int(micros))
    return found


def _became(life: _Life) -> Iterator[str]:
    yield "rendered"
    if life.stored:
        yield "stored"
    if life.inserted_at is not None:
        yield "inserted"
    if life.viewed:
        yield "viewed"


def _cost(
    sha256: str,
    names: Mapping[str, Mapping[str, Any]],
    counted: Mapping[str, Mapping[str, int]],
    spent: Mapping[str, _Spent],
) -> Cost:
    own, took = counted.get(sha256, {}), spent.get(sha256)
    named = names.get(sha256, {}).get("recipe", {}).get("id")
    return Cost(
        recipe=took.recipe if took else str(named or sha256[:12]),
        sha256=sha256,
        device=took.device if took else None,
        rendered=own.get("rendered", 0),
        stored=own.get("stored", 0),
        inserted=own.get("inserted", 0),
        viewed=own.get("viewed", 0),
        unseen=own.get("unseen", 0),
        seconds=took.micros / _MILLION if took else None,
    )


def _each(seconds: float | None, count: int) -> float | None:
    return None if seconds is None or not count else seconds / count
