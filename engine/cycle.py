# SPDX-License-Identifier: Apache-2.0
"""One plan from tick to feed: read me first.

(0) what ended while nobody looked is ended, an arm that does harm is stopped; what a crash left
    half-way is finished
(1) selection.due         who agreed, is due, is within caps               step: select
    pregeneration.within  of these whoever a plan's `gpu_seconds` hold, if they are limited
(2) choosing.order        an idea for each, or none; history only under `personalisation`
(3) studio.make           selfie, portrait, verdict, seal   read generate moderate store
(4) inserts.place         into that one person's feed                      step: insert
(5) lasts.log             everybody's last entry, under one root; then it is witnessed
Views and feedback happen in the API: (6) page.of, (7) feedback.record.

Every step asks the gate itself; whoever says no in between drops out, the others go on. A plan is
a row with a UNIQUE slot, and a request's id follows from plan and person: running a plan again
repeats nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from consent import faults
from consent.gate import Ask, Denial, Insert, Permit
from consent.words import DAY, Micros, Purpose, Step
from engine import choosing, experimenting, onward, pregeneration, selection
from engine.plans import Plan, Plans, slot_of
from engine.rooms import Rooms
from feed import population
from generation import album
from generation.batching import Made
from generation.portraits import Elsewhere, Portrait, Refusal, Request
from generation.studio import Between, nobody

Watch = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

COUNTED: Final = ("selected", "denied", "none", "made", "refused", "dropped", "inserted")
_DAYS_OF_POSTS: Final = 3


def run(
    rooms: Rooms,
    moment: Micros,
    watch: Watch = lambda *_: None,
    between: Between = nobody,
) -> Mapping[str, int]:
    """Run the plan of a moment's slot to its end, or recall what came of it.

    Returns how many of each of `COUNTED`; `none` are those for whom no insert was chosen. Where
    there is a budget also how many are left for `later`, and how many have their turn by `lot`.
    `between` is called whenever pictures are still noise.
    """
    plans = Plans(rooms.consent.ledger, rooms.consent.policy.id)
    plan = plans.open(slot_of(moment, rooms.settings.plan_hours))
    if plan.outcome is not None:
        return plan.outcome
    faults.point("plan.opened")
    counts = finish(rooms, watch) + _plan(rooms, plan, watch, between)
    more = pregeneration.COUNTED if rooms.settings.gpu_seconds else ()
    outcome = {what: counts[what] for what in (*COUNTED, *more)}
    plans.close(plan, outcome)
    rooms.consent.lasts.log()
    rooms.consent.witnessing.gather()
    return outcome


def finish(rooms: Rooms, watch: Watch = lambda *_: None) -> Counter[str]:
    """End what is over, then make and place whatever was asked for and is not done yet."""
    rooms.consent.retention.sweep()
    rooms.feed.reports.sweep()
    rooms.consent.witnessing.renew()
    experimenting.look(rooms)
    talk(rooms)
    made = _make(rooms, rooms.studio.pending(), watch)
    onward.go_on(rooms)
    return made + _place(rooms)


def talk(rooms: Rooms) -> None:
    """Let the synthetic population write the posts of the last days; what stands there stays."""
    today = rooms.consent.ledger.now() // DAY
    days = range(today - _DAYS_OF_POSTS + 1, today + 1)
    written = [one for day in days for one in population.day(day, seed=rooms.settings.seed)]
    rooms.feed.posts.publish(written)


def _plan(rooms: Rooms, plan: Plan, watch: Watch, between: Between) -> Counter[str]:
    selected = selection.due(rooms, plan)  # (1)
    faults.point("plan.decided")
    turn = pregeneration.within(rooms, plan, selected.permits, before=selected.before)
    requests, nothing = choosing.order(rooms, turn.permits, turn.drawn)  # (2)
    faults.point("plan.ordered")
    counts = Counter(selected=len(selected.permits), denied=selected.denied, none=nothing)
    counts.update(turn.counted)
    return counts + _make(rooms, requests, watch, between) + _place(rooms)  # (3) (4)


def _make(
    rooms: Rooms, requests: Sequence[Request], watch: Watch, between: Between = nobody
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for number, one in enumerate(rooms.studio.making(requests, between), start=1):
        counts[_outcome(one)] += 1
        watch("portraits", number, len(requests))
    return counts


def _outcome(one: Made) -> str:
    match one:
        case Elsewhere():
            return "elsewhere"
        case Portrait():
            return "made"
        case Refusal():
            return "refused"
        case Denial():
            return "dropped"


def _place(rooms: Rooms) -> Counter[str]:
    """Place every stored portrait that was made for the feed and does not stand there yet."""
    waiting = rooms.feed.inserts.unplaced()
    asks: list[Ask[Insert]] = [
        Ask(
            step=Step.INSERT,
            subject=one.subject,
            purpose=Purpose.FEED_INSERT,
            object=one.object,
            request=one.object,
        )
        for one in waiting
    ]
    answers = rooms.consent.gate.ask_all(asks)
    allowed = [
        (answer, one.scenario)
        for answer, one in zip(answers, waiting, strict=True)
        if isinstance(answer, Permit)
    ]
    permits = [permit for permit, _ in allowed]
    with rooms.consent.ledger.read() as connection:
        known = album.marks(connection, [permit.object for permit in permits])
    done = rooms.feed.inserts.place(
        permits,
        [scenario for _, scenario in allowed],
        [known.get(permit.object) for permit in permits],
    )
    faults.point("plan.placed")
    inserted = sum(not isinstance(one, Denial) for one in done)
    return Counter(inserted=inserted, denied=len(answers) - len(allowed))
