# SPDX-License-Identifier: Apache-2.0
"""What was asked for and what became of it."""

from sqlalchemy import select

from consent.gate import Denial
from consent.words import ObjectId, Purpose, Reason, Step
from generation import orders
from generation import tables as own
from generation.portraits import Portrait, Refusal, Wish
from tests.generation.house import House
from tests.generation.test_leases import ordered
from tests.rooms import Rooms


def test_an_order_names_its_person_by_the_permit(house: House) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    request = house.order(subject, scenario="plain")
    assert (request.subject, request.purpose) == (subject, Purpose.IMAGINE)
    assert house.studio.pending() == (request,)


def test_orders_wait_in_their_order_until_they_are_done(house: House) -> None:
    subject = house.sitter(1)
    requests = tuple(house.order(subject, scenario) for scenario in ("plain", "none", "plain"))
    assert house.studio.pending() == requests
    house.studio.make(requests[:2])
    assert house.studio.pending() == requests[2:]


def test_a_withdrawal_takes_orders_and_refusals_along(house: House) -> None:
    subject = house.sitter(1)
    request = house.order(subject, "none")
    house.studio.make([request])
    house.order(subject)
    assert house.rooms.count(own.refusal) == 1
    house.rooms.consent.withdrawals.withdraw(subject, Purpose.IMAGINE)
    for table in (own.portrait_order, own.refusal, own.portrait):
        assert house.rooms.count(table) == 0
    assert house.studio.pending() == ()


def test_of_a_batch_of_orders_only_the_withdrawn_one_is_denied(house: House) -> None:
    people = [house.rooms.person(name, Purpose.LIKENESS, Purpose.IMAGINE) for name in "ab"]
    ids = [house.rooms.object() for _ in people]
    permits = [
        house.rooms.ask(Step.SELECT, person, Purpose.IMAGINE, obj, request=obj)
        for person, obj in zip(people, ids, strict=True)
    ]
    house.rooms.consent.withdrawals.withdraw(people[0], Purpose.IMAGINE)
    wishes = [Wish(scenario="plain", seed=seed) for seed in (1, 2)]
    gone, stands = house.studio.order(permits, wishes)
    assert isinstance(gone, Denial)
    assert not isinstance(stands, Denial)
    assert (stands.id, stands.wish.seed) == (ids[1], 2)
    assert house.studio.known(ids) == {ids[1]}


def test_outcomes_are_recalled(house: House) -> None:
    subject = house.sitter(1)
    made, refused, waiting = (house.order(subject, each) for each in ("plain", "none", "plain"))
    house.studio.make([made, refused])
    with house.rooms.consent.ledger.read() as connection:
        found = orders.outcomes(connection, [made, refused, waiting])
    assert found == {
        made.id: Portrait(request=made, recipe="head"),
        refused.id: Refusal(request=refused, reason=Reason.UNAVAILABLE),
    }


def test_the_biggest_seed_is_kept_whole(house: House) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    obj = house.rooms.object()
    permit = house.rooms.ask(Step.SELECT, subject, Purpose.IMAGINE, obj, request=obj)
    house.studio.order([permit], [Wish(scenario="plain", seed=2**63 - 1)])
    (request,) = house.studio.pending()
    assert request.wish.seed == 2**63 - 1


def test_a_persons_own_words_wait_sealed_and_go_with_the_grant(house: House) -> None:
    ada, ben = (
        house.rooms.person(name, Purpose.LIKENESS, Purpose.IMAGINE) for name in ("Ada", "Ben")
    )
    wish = Wish(scenario="plain", seed=3, words="canary in a storm", form="loop")
    asked = house.order(ada, wish=wish)
    plain = house.order(ada)
    assert asked.wish == wish
    assert house.studio.pending() == (asked, plain)
    assert house.studio.words_of(ada, [asked.id, plain.id]) == {asked.id: wish.words}
    assert house.studio.words_of(ben, [asked.id]) == {}
    with house.rooms.consent.ledger.read() as connection:
        rows = connection.execute(select(own.portrait_order.c.words)).scalars().all()
    assert not any(b"canary" in row for row in rows if row is not None)
    house.rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    assert house.studio.pending() == ()
    assert house.studio.words_of(ada, [asked.id]) == {}


def test_whose_key_went_before_the_words_were_sealed_gets_no_request(house: House) -> None:
    ada, ben = (
        house.rooms.person(name, Purpose.LIKENESS, Purpose.IMAGINE) for name in ("Ada", "Ben")
    )
    ids = [house.rooms.object() for _ in range(2)]
    permits = [
        house.rooms.ask(Step.SELECT, one, Purpose.IMAGINE, obj, request=obj)
        for one, obj in zip((ada, ben), ids, strict=True)
    ]
    house.rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    wish = Wish(scenario="plain", seed=1, words="as a baker")
    gone, stands = house.studio.order(permits, [wish, wish])
    assert isinstance(gone, Denial)
    assert (gone.reason, gone.object) == (Reason.WITHDRAWN, ids[0])
    assert not isinstance(stands, Denial)
    assert house.studio.pending() == (stands,)


def test_any_number_may_be_asked_about_at_once(rooms_on_both: Rooms) -> None:
    """Both databases refuse a statement with more than 65,535 parameters, SQLite with fewer."""
    (asked,) = ordered(rooms_on_both, 1)
    many = [*(ObjectId(one) for one in range(70_000)), asked]
    memos = rooms_on_both.consent.vault.memos
    with rooms_on_both.consent.ledger.read() as connection:
        assert [one.id for one in orders.pending(connection, memos, many)] == [asked]


def test_nothing_known_of_an_unknown_id(house: House) -> None:
    assert house.studio.known([ObjectId(1)]) == frozenset()
