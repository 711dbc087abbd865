# SPDX-License-Identifier: Apache-2.0
import threading

from consent.words import HOUR, Micros, Subject
from engine.plans import PASSED, Plan, Plans, slot_of
from tests.rooms import NOON, Rooms


def test_a_slot_is_opened_once_and_recalled_when_it_is_closed(rooms_on_both: Rooms) -> None:
    plans = Plans(rooms_on_both.consent.ledger, "strict-opt-in")
    plan = plans.open(slot_of(NOON, 24))
    assert plans.open(plan.slot).outcome is None
    plans.close(plan, {"made": 3})
    assert plans.open(plan.slot).outcome == {"made": 3}


def test_a_plan_whose_slot_passes_is_closed_with_the_next_and_says_so(
    rooms_on_both: Rooms,
) -> None:
    ledger = rooms_on_both.consent.ledger
    plans, others = Plans(ledger, "strict-opt-in"), Plans(ledger, "another")
    broken, present, later = (plans.open(Micros(number * 24 * HOUR)) for number in (1, 2, 3))
    others.open(broken.slot)
    plans.close(present, {"made": 3}, present=present.slot)
    assert plans.open(broken.slot).outcome == PASSED
    assert others.open(broken.slot).outcome == PASSED, "whatever policy held then"
    assert plans.open(present.slot).outcome == {"made": 3}
    assert plans.open(later.slot).outcome is None, "its slot is to come"


def test_two_planners_at_once_open_the_same_plan(rooms_on_both: Rooms) -> None:
    plans = Plans(rooms_on_both.consent.ledger, "strict-opt-in")
    opened: list[Plan] = []
    threads = [
        threading.Thread(target=lambda: opened.append(plans.open(slot_of(NOON, 24))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    assert len({plan.run for plan in opened}) == 1


def test_one_plan_gives_one_person_one_request_id() -> None:
    plan = Plan(policy="strict-opt-in", slot=Micros(0), outcome=None)
    other = Plan(policy="strict-opt-in", slot=Micros(24 * HOUR), outcome=None)
    ids = [plan.request_id(Subject(1), b"k"), plan.request_id(Subject(1), b"k")]
    assert ids[0] == ids[1] > 0
    different = {
        ids[0],
        plan.request_id(Subject(2), b"k"),
        other.request_id(Subject(1), b"k"),
        plan.request_id(Subject(1), b"another key"),
    }
    assert len(different) == 4


def test_a_slot_begins_at_a_whole_multiple_of_its_hours() -> None:
    assert slot_of(Micros(25 * HOUR + 7), 24) == 24 * HOUR
    assert slot_of(Micros(24 * HOUR), 24) == 24 * HOUR
    assert slot_of(Micros(24 * HOUR - 1), 24) == 0
