# SPDX-License-Identifier: Apache-2.0
"""What a worker holds on its way: a little ahead, and nothing when it is done."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from consent.gate import Denial
from consent.words import ObjectId, Purpose, Reason
from generation import holds
from generation.leases import LATER, SECONDS
from generation.portraits import Elsewhere, Portrait, Request
from generation.tables import asset, lease
from tests.generation.conftest import Housing
from tests.generation.house import House
from tests.generation.test_studio import Hooked


def held(house: House) -> dict[int, str]:
    with house.rooms.consent.ledger.read() as connection:
        rows = connection.execute(select(lease.c.object, lease.c.holder))
        return {obj: holder for obj, holder in rows if holder}


def during(housing: Housing, act: Callable[[], None]) -> House:
    """Open a studio during whose drawing something happens, once."""
    return housing(Hooked(act))


def test_what_is_made_is_held_meanwhile_and_by_nobody_afterwards(housing: Housing) -> None:
    seen: list[dict[int, str]] = []
    house = during(housing, lambda: seen.append(held(house)))
    request = house.order(house.sitter(1))
    assert house.studio.make([request]) == (Portrait(request=request, recipe="head"),)
    assert seen == [{request.id: house.studio.leases.holder.name}]
    assert held(house) == {}
    assert house.studio.pending() == ()


def test_what_another_holds_is_left_to_it(housing: Housing) -> None:
    house, other = housing(), housing()
    mine, theirs = house.order(house.sitter(1)), house.order(house.sitter(4))
    assert other.studio.leases.take([theirs.id]).terms
    made = house.studio.make([mine, theirs])
    assert made == (Portrait(request=mine, recipe="head"), Elsewhere(request=theirs))
    assert house.studio.pending() == (theirs,)


def test_what_was_taken_over_meanwhile_is_not_written_by_who_had_it(housing: Housing) -> None:
    def late() -> None:
        house.rooms.clock.advance(SECONDS + 1)
        taken.append(other.studio.claim(1).requests)

    taken: list[tuple[Request, ...]] = []
    house, other = during(housing, late), housing()
    request = house.order(house.sitter(1))
    assert house.studio.make([request]) == (Elsewhere(request=request),)
    assert taken == [(request,)]
    assert assets(house) == []
    done = other.studio.make([request])
    assert done == (Portrait(request=request, recipe="head"),)
    assert assets(house) == [request.id]


def test_without_the_fence_the_late_one_writes_it(
    housing: Housing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same hour, with nobody looking at the lease."""

    def late() -> None:
        house.rooms.clock.advance(SECONDS + 1)
        other.studio.claim(1)

    house, other = during(housing, late), housing()
    request = house.order(house.sitter(1))
    monkeypatch.setattr(house.studio.leases, "fence", lambda *_: frozenset())
    assert house.studio.make([request]) == (Portrait(request=request, recipe="head"),)


def assets(house: House) -> list[ObjectId]:
    with house.rooms.consent.ledger.read() as connection:
        return list(connection.execute(select(asset.c.object)).scalars())


def test_who_is_denied_is_left_for_a_while_and_who_broke_is_free_at_once(house: House) -> None:
    request = house.order(house.sitter(1))
    term = house.rooms.consent.policy.consent.term_days
    house.rooms.clock.advance(term * 86_400 + 1)
    (made,) = house.studio.make([request])
    assert isinstance(made, Denial)
    assert made.reason is Reason.EXPIRED
    assert held(house) == {}
    assert house.studio.claim(1).requests == ()
    house.rooms.clock.advance(LATER + 1)
    assert house.studio.claim(1).requests == (request,)


def test_claimed_requests_are_made_under_the_terms_they_were_claimed_in(house: House) -> None:
    requests = [house.order(house.sitter(number)) for number in (1, 4)]
    claim = house.studio.claim(8)
    assert claim.requests == tuple(requests)
    assert claim.terms == {one.id: 1 for one in requests}
    made = tuple(house.studio.making(claim.requests, held=claim.terms))
    assert [type(one) for one in made] == [Portrait, Portrait]
    assert house.studio.claim(8).requests == ()


def test_no_more_is_taken_than_is_drawn_soon(
    housing: Housing, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    house = during(housing, lambda: seen.append(len(held(house))))
    monkeypatch.setattr(holds, "AHEAD", 2)
    house.studio._size = 1
    person = house.sitter(1, Purpose.IMAGINE)
    requests = [house.order(person) for _ in range(4)]
    house.studio.make(requests)
    assert seen[0] <= 3
    assert len(assets(house)) == 4
