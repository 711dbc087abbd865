# SPDX-License-Identifier: Apache-2.0
"""What the machine did, as Prometheus reads it: in whole tens for anybody, exact for its operator.

Rules:
1. no label, name or number here belongs to a person: labels are closed words and our own names
2. for anybody, counts are told in whole tens and times as they stood at the last ten: a single
   look, drawing, denial or withdrawal does not show, and a small installation shows nothing.
   What is less than ten is not told as 0 either: that a reason is there at all would tell of one
3. how long somebody has waited is told to anybody only where ten wait; how long ago the log was
   written to, to nobody else: plans keep to the clock, and theirs is told instead
4. the exact figures are the operator's (`onlyou metrics`, `onlyou cost`), who has the rows anyway
5. whether the gate is open is told to anybody: where it cannot know, nobody is permitted anything,
   and no denial is logged that could be counted
The four names that are older than the rule about `_total` keep their names, without a type.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    UntypedMetricFamily,
)
from prometheus_client.registry import Collector
from typing_extensions import override

from consent.errors import Broken
from consent.meters import TENS, Meter
from consent.scopes import EVERYBODY, within
from consent.words import SECOND, Micros
from engine import migrations
from engine.costs import Book, Cost
from engine.plans import Plans
from engine.rooms import Rooms
from engine.tallies import Denials
from generation.backlog import Backlog, backlog, refused

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of the text format. Source: Prometheus exposition format 0.0.4."""
_KINDS: Final = ("rendered", "stored", "inserted", "viewed", "unseen")
_BY_CARD: Final = ("recipe", "card")
_CARD: Final = 12
Count = Callable[[int], int]
"""How a count is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What is read on from scrape to scrape."""

    book: Book = field(default_factory=Book)
    denials: Denials = field(default_factory=Denials)


@within(EVERYBODY)  # sums, told in tens
def exposition(rooms: Rooms, accounts: Accounts, *, exact: bool = False) -> bytes:
    """Write every metric in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Told(rooms, accounts, exact=exact))
    return generate_latest(registry)


@cache
def _schema() -> str:
    """Name the schema that this code needs, read once a process."""
    return migrations.head()


def tens(count: int) -> int:
    """Tell a count in whole tens."""
    return count - count % TENS


def waited(found: Backlog, now: Micros, *, exact: bool) -> float:
    """Say for how many seconds the oldest request has waited; nothing where few wait."""
    if found.oldest is None or not (exact or found.waiting >= TENS):
        return 0
    return max(now - found.oldest, 0) / SECOND


def is_open(rooms: Rooms) -> bool:
    """Say whether the gate can know what it must: who cosigned of late, and that all is there."""
    consent = rooms.consent
    try:
        now = consent.ledger.now()
        with consent.ledger.read() as connection:
            consent.witnessing.guard(connection, now)
        consent.ledger.whole()
    except (Broken, OSError):  # a key store that does not answer is not known, either
        return False
    return True


class _Told(Collector):
    """Everything there is to tell, once."""

    def __init__(self, rooms: Rooms, accounts: Accounts, *, exact: bool) -> None:
        self._rooms = rooms
        self._accounts = accounts
        self._exact = exact
        self._count: Count = (lambda count: count) if exact else tens

    def describe(self) -> Iterable[Metric]:
        """Promise nothing beforehand: the registry is new each time."""
        return ()

    @override
    def collect(self) -> Iterator[Metric]:
        """Tell of the log, the gate, the queue, the time things took, and the portraits."""
        yield from self._log()
        yield from self._gate()
        yield from self._queue()
        meters = self._rooms.consent.ledger.meters
        yield self._histogram(
            "onlyou_withdrawal_seconds", "From asking to the receipt", meters.withdrawals
        )
        yield self._histogram("onlyou_commit_acts", "Acts in one group commit", meters.groups)
        yield from _portraits(self._accounts.book.costs(self._rooms), self._count)

    def _log(self) -> Iterator[Metric]:
        rooms, ledger = self._rooms, self._rooms.consent.ledger
        size, at = ledger.head()
        known = InfoMetricFamily("onlyou", "What is installed")
        known.add_metric((), {"schema": _schema(), "policy": rooms.consent.policy.id})
        yield known
        yield _old("onlyou_ledger_entries", "Entries of the ledger", self._count(size))
        now = ledger.time(at)
        if self._exact:
            age = (now - at) / SECOND
            yield GaugeMetricFamily("onlyou_ledger_head_age_seconds", "Since the last entry", age)
        closed = Plans(ledger, rooms.consent.policy.id).last_closed()
        if closed is not None:
            age = (now - closed) / SECOND
            yield GaugeMetricFamily("onlyou_plan_age_seconds", "Since a plan was done", age)
        yield _old(
            "onlyou_plan_seconds",
            "Seconds a plan may draw ahead; 0 is no limit",
            rooms.settings.gpu_seconds,
        )

    def _gate(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "onlyou_gate_open", "Whether anything can be permitted at all", is_open(self._rooms)
        )
        told = CounterMetricFamily(
            "onlyou_denials", "What the gate denied since it is counted", labels=("step", "reason")
        )
        denied = self._accounts.denials.read(self._rooms.consent.ledger)
        for (step, reason), count in sorted(denied.items()):
            if shown := self._count(count):
                told.add_metric((step, reason), shown)
        yield told
        with self._rooms.consent.ledger.read() as connection:
            counted = refused(connection)
        gauge = GaugeMetricFamily(
            "onlyou_refusals", "Requests that stand refused or held back", labels=("reason",)
        )
        for reason, count in sorted(counted.items()):
            if shown := self._count(count):
                gauge.add_metric((reason,), shown)
        yield gauge

    def _queue(self) -> Iterator[Metric]:
        now = self._rooms.consent.ledger.now()
        with self._rooms.consent.ledger.read() as connection:
            found = backlog(connection, now)
        age = waited(found, now, exact=self._exact)
        for name, text, figure in (
            ("onlyou_queue_requests", "Requests that wait", self._count(found.waiting)),
            ("onlyou_queue_age_seconds", "How long the oldest of them has waited", age),
            ("onlyou_leases_held", "Requests in the hands of a worker", self._count(found.held)),
            ("onlyou_leases_over", "Leases that were let pass", self._count(found.dropped)),
        ):
            yield GaugeMetricFamily(name, text, figure)

    def _histogram(self, name: str, text: str, meter: Meter) -> Metric:
        reading = meter.read(exact=self._exact)
        told = HistogramMetricFamily(name, text)
        below, buckets = 0, []
        for bound, count in zip((*map(str, reading.bounds), "+Inf"), reading.within, strict=True):
            below += count
            buckets.append((bound, float(below)))
        told.add_metric((), buckets, reading.total)
        return told


def _portraits(costs: tuple[Cost, ...], count: Count) -> Iterator[Metric]:
    became = UntypedMetricFamily(
        "onlyou_portraits", "Portraits by what became of them", labels=(*_BY_CARD, "became")
    )
    spent = UntypedMetricFamily(
        "onlyou_render_seconds", "Seconds that passes took", labels=_BY_CARD
    )
    each = GaugeMetricFamily(
        "onlyou_seconds_per_portrait",
        "Seconds for each portrait drawn, and for each looked at",
        labels=(*_BY_CARD, "each"),
    )
    for one in costs:
        if not count(one.rendered):
            continue
        card = (one.recipe, one.sha256[:_CARD])
        for kind in _KINDS:
            became.add_metric((*card, kind), count(getattr(one, kind)))
        if one.seconds is not None:
            spent.add_metric(card, count(int(one.seconds)))
        for kind, figure in _each(one, count).items():
            each.add_metric((*card, kind), figure)
    yield from (became, spent, each)


def _each(one: Cost, count: Count) -> Mapping[str, float]:
    """Share the seconds out over what was drawn and what was looked at, both as they are told."""
    if one.seconds is None:
        return {}
    told = {kind: count(getattr(one, kind)) for kind in ("rendered", "viewed")}
    seconds = count(int(one.seconds))
    return {kind: round(seconds / over, 3) for kind, over in told.items() if over}


def _old(name: str, text: str, figure: float) -> Metric:
    return UntypedMetricFamily(name, text, figure)
