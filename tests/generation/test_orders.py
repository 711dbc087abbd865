# SPDX-License-Identifier: Apache-2.0
"""What was asked for and what became of it."""

from consent.gate import Denial
from consent.words import ObjectId, Purpose, Reason, Step
from generation import orders
from generation import tables as own
from generation.portraits import Portrait, Refusal, Wish
from tests.generation.house import House


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


def test_nothing_known_of_an_unknown_id(house: House) -> None:
    assert house.studio.known([ObjectId(1)]) == frozenset()
