# SPDX-License-Identifier: Apache-2.0
"""One plan from tick to feed: read me first.

(0) what ended while nobody looked is ended, an arm that does harm is stopped; what a crash left
    half-way is finished
(1) selection.due         who agreed, is due, is within caps               step: select
    pregeneration.within  of these whoever a plan's `gpu_seconds` hold, if they are limited
(2) choosing.order        an idea for each, or none; history only under `personalisation`
    planning.order does (1) and (2) for everybody, or for a part of them by hash
(3) studio.making         selfie, portrait, verdict, seal   read generate moderate store
(4) inserting.place       into that one person's feed                      step: insert
(5) lasts.log             everybody's last entry, under one root; then it is witnessed
Views and feedback happen in the API: (6) page.of, (7) feedback.record.

Every step asks the gate itself; whoever says no in between drops out, the others go on. A plan is
a row with a UNIQUE slot, and a request's id follows from plan and person: running a plan again
repeats nothing. One whose slot passes before it is closed is closed as passed with the next. One
process plans at a time (engine/leading.py); who draws is a matter of settings (engine/workers).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from consent import faults
from consent.words import DAY, Micros
from engine import experimenting, inserting, leading, onward, pregeneration, workers, working
from engine.plans import Plan, Plans, slot_of
from engine.rooms import Rooms
from feed import population
from generation.portraits import Request
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
    Of a slot that passed before its plan was done, `passed` alone.
    `between` is called whenever pictures are still noise. Errors: NotLeading while another process
    plans here, or as soon as one does: what was not committed by then is its to do.
    """
    plans = Plans(rooms.consent.ledger, rooms.consent.policy.id)
    slot = slot_of(moment, rooms.settings.plan_hours)
    done = plans.recall(slot)
    if done is not None:
        return done
    with leading.led(rooms.consent.ledger, rooms.studio.leases.holder):
        return _run(rooms, plans, slot, watch, between)


def _run(
    rooms: Rooms, plans: Plans, slot: Micros, watch: Watch, between: Between
) -> Mapping[str, int]:
    plan = plans.open(slot)
    if plan.outcome is not None:
        return plan.outcome
    faults.point("plan.opened")
    counts = finish(rooms, watch) + _plan(rooms, plan, watch, between)
    more = pregeneration.COUNTED if rooms.settings.gpu_seconds else ()
    outcome = {what: counts[what] for what in (*COUNTED, *more)}
    present = slot_of(rooms.consent.ledger.now(), rooms.settings.plan_hours)
    plans.close(plan, outcome, present=present)
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
    made = _waiting(rooms, watch)
    onward.go_on(rooms)
    return made + _place(rooms)


def _waiting(rooms: Rooms, watch: Watch) -> Counter[str]:
    """Make what waits, turn by turn, until nothing is left that nobody holds."""
    counts: Counter[str] = Counter()
    while done := workers.of(rooms).take_turn():
        counts += done
        watch("portraits", counts.total(), counts.total())
    return counts


def talk(rooms: Rooms) -> None:
    """Let the synthetic population write the posts of the last days; what stands there stays."""
    today = rooms.consent.ledger.now() // DAY
    days = range(today - _DAYS_OF_POSTS + 1, today + 1)
    written = [one for day in days for one in population.day(day, seed=rooms.settings.seed)]
    rooms.feed.posts.publish(written)


def _plan(rooms: Rooms, plan: Plan, watch: Watch, between: Between) -> Counter[str]:
    ordered = workers.of(rooms).order(plan)  # (1) (2)
    made = _make(rooms, ordered.requests, watch, between)  # (3)
    return Counter(ordered.counted) + made + _place(rooms)  # (4)


def _make(
    rooms: Rooms, requests: Sequence[Request], watch: Watch, between: Between = nobody
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for number, one in enumerate(workers.of(rooms).making(requests, between), start=1):
        counts[working.outcome(one)] += 1
        watch("portraits", number, len(requests))
    return counts


def _place(rooms: Rooms) -> Counter[str]:
    placed = inserting.place(rooms)
    faults.point("plan.placed")
    return placed
