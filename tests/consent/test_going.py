# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from consent import effects
from consent.effects import Spent
from consent.errors import Misused
from consent.gate import Denial, Permit, Select
from consent.tables import permit as permits
from consent.tables import request
from consent.words import DAY, SECOND, Epoch, Micros, ObjectId, Purpose, Reason, Seq, Step, Subject
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
SELECT: Select = Step.SELECT


def allowed(rooms: Rooms, *people: Subject) -> tuple[Permit[Select], ...]:
    """Decide in a block, and name a new portrait for each person."""
    objects = {who: rooms.object() for who in people}
    return rooms.consent.gate.decide_all(SELECT, FEED, people).permits(objects)


def order(rooms: Rooms, *going: Permit[Any]) -> list[Spent | Denial]:
    """Let permits go on and spend them, in one transaction."""
    with rooms.consent.ledger.write() as writing:
        answers = rooms.consent.gate.go_on(writing, going)
        spent = effects.spend(writing, [a for a in answers if isinstance(a, Permit)], request)
        return [*spent, *(a for a in answers if isinstance(a, Denial))]


def test_who_goes_on_gets_a_permit_row_with_the_effect_that_spends_it(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    before = rooms.count(permits)
    mine, other = allowed(rooms, ada, bob)
    assert rooms.count(permits) == before
    (spent,) = order(rooms, mine)
    assert isinstance(spent, Spent)
    assert rooms.count(permits) == before + 1
    with rooms.consent.ledger.read() as connection:
        row = connection.execute(select(permits).where(permits.c.t == "block")).one()
    assert (row.seq, row.slot, row.subject, row.object) == (mine.seq, mine.slot, ada, mine.object)
    effect = rooms.consent.entry(spent.seq)
    assert effect["effect_of"] == [mine.seq, mine.slot]
    assert mine.slot != other.slot


FORGED = {
    "another slot": {"slot": 1},
    "no slot of this block": {"slot": 2},
    "a slot below the first": {"slot": -1},
    "another block": {"seq": Seq(3)},
    "another step": {"step": Step.INSERT},
    "another purpose": {"purpose": Purpose.IMAGINE},
    "another epoch": {"epoch": Epoch(1)},
    "a longer time": {"not_after": Micros(1 << 52)},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_slot_opens_nothing_but_what_its_record_says(
    rooms_on_both: Rooms, forged: dict[str, Any]
) -> None:
    rooms = rooms_on_both
    people = sorted(rooms.inserted_person(name) for name in ("Ada", "Bob"))
    mine, _ = allowed(rooms, *people)
    before = rooms.count(permits)
    with pytest.raises(Misused, match="does not allow this"):
        order(rooms, replace(mine, **forged))
    assert rooms.count(permits) == before
    assert rooms.count(request) == 0


def test_a_denied_slot_is_never_a_permit(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    (mine,) = allowed(rooms, ada)
    rooms.consent.withdrawals.withdraw(ada, FEED)
    (held,) = rooms.consent.gate.decide_all(SELECT, FEED, [ada]).blocks
    epoch = Epoch(rooms.grant(ada, FEED))
    for stolen in (mine.epoch, epoch):
        forged = replace(mine, seq=held.seq, slot=0, epoch=stolen)
        with pytest.raises(Misused, match="does not allow this"):
            order(rooms, forged)


def test_a_slot_that_was_denied_on_a_yes_that_holds_is_never_a_permit(
    rooms_on_both: Rooms,
) -> None:
    """Capped: its record names the very basis, and says no all the same."""
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    (mine,) = allowed(rooms, ada)
    assert isinstance(order(rooms, mine)[0], Spent)
    (held,) = rooms.consent.gate.decide_all(SELECT, FEED, [ada, bob]).blocks
    assert held.reasons() == {ada: Reason.CAP, bob: None}
    slot = held.people.tolist().index(ada)
    assert held.epochs[slot] == mine.epoch
    forged = replace(mine, seq=held.seq, slot=slot, object=rooms.object())
    with pytest.raises(Misused, match="does not allow this"):
        order(rooms, forged)


def test_a_slot_is_nobody_elses(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    mine, _ = allowed(rooms, ada, bob)
    with pytest.raises(Misused, match="does not allow this"):
        order(rooms, replace(mine, subject=bob))


def test_a_slot_is_good_for_one_thing_once(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    (mine,) = allowed(rooms, ada)
    assert isinstance(order(rooms, mine)[0], Spent)
    with pytest.raises(Misused, match="once"):
        order(rooms, mine)
    (denied,) = order(rooms, replace(mine, object=rooms.object()))
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.CAP
    rooms.clock.advance(60)
    assert rooms.count(request) == 1


def test_who_withdrew_meanwhile_is_denied_and_the_others_go_on(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    going = allowed(rooms, ada, bob)
    rooms.consent.withdrawals.withdraw(ada, FEED)
    spent, denied = order(rooms, *going)
    assert isinstance(spent, Spent)
    assert spent.subject == bob
    assert isinstance(denied, Denial)
    assert (denied.subject, denied.reason, denied.seq) == (ada, Reason.WITHDRAWN, going[0].seq)
    assert rooms.count(request, ada) == 0
    with rooms.consent.ledger.read() as connection:
        blocks_of = select(permits.c.subject).where(permits.c.t == "block")
        assert connection.execute(blocks_of).scalars().all() == [bob]


def test_who_withdrew_and_said_yes_again_is_not_who_was_allowed(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    (mine,) = allowed(rooms, ada)
    rooms.consent.withdrawals.withdraw(ada, FEED)
    rooms.grant(ada, FEED)
    (denied,) = order(rooms, mine)
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.WITHDRAWN


def test_a_slot_is_good_until_its_time_is_over(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    (mine,) = allowed(rooms, ada)
    rooms.clock.advance((mine.not_after - rooms.clock.now()) / SECOND)
    (denied,) = order(rooms, mine)
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.STALE


def test_a_cap_that_was_reached_meanwhile_holds(rooms: Rooms) -> None:
    """Two plans decide before either orders: the person gets no more than the cap."""
    ada = rooms.inserted_person()
    (first,), (second,) = allowed(rooms, ada), allowed(rooms, ada)
    assert isinstance(order(rooms, second)[0], Spent)
    (denied,) = order(rooms, first)
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.CAP


def test_two_of_one_transaction_share_the_cap(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    (first,), (second,) = allowed(rooms, ada), allowed(rooms, ada)
    spent, denied = order(rooms, first, second)
    assert isinstance(spent, Spent)
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.CAP


def test_a_cap_of_the_week_counts_who_went_on_alone(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    made = 0
    for _ in range(7):
        allowed(rooms, ada)  # decided, and nothing was chosen
        for mine in allowed(rooms, ada):
            made += isinstance(order(rooms, mine)[0], Spent)
        rooms.clock.advance(DAY / SECOND)
    assert made == rooms.consent.policy.caps[FEED].per_week


def test_a_permit_that_is_no_blocks_passes_as_it_is(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    single = rooms.ask(Step.SELECT, ada, FEED, ObjectId(77))
    before = rooms.count(permits)
    with rooms.consent.ledger.write() as writing:
        assert rooms.consent.gate.go_on(writing, [single]) == (single,)
    assert rooms.count(permits) == before


def test_an_effect_that_fails_takes_the_permit_row_with_it(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.inserted_person()
    (mine,) = allowed(rooms, ada)
    before = rooms.count(permits)

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(effects, "spend", broken)
        with pytest.raises(OSError, match="full"):
            order(rooms, mine)
    assert rooms.count(permits) == before
    assert isinstance(order(rooms, mine)[0], Spent)


def test_permits_come_in_the_order_in_which_portraits_were_named(rooms: Rooms) -> None:
    people = [rooms.inserted_person(name) for name in ("Ada", "Bob", "Cy")]
    for some in (people, people[::-1]):
        assert [one.subject for one in allowed(rooms, *some)] == some
    nobody = rooms.consent.gate.decide_all(SELECT, FEED, people).permits({})
    assert nobody == ()
