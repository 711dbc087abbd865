# SPDX-License-Identifier: Apache-2.0
"""Sealing and settling a batch."""

from sqlalchemy import select

from consent import tables
from consent.words import SECOND, Purpose
from generation import tables as own
from tests.generation.house import House


def test_a_portrait_is_kept_as_long_as_the_policy_says(house: House) -> None:
    request = house.order(house.sitter(1))
    house.studio.make([request])
    with house.rooms.consent.ledger.read() as connection:
        row = connection.execute(tables.asset.select()).one()
    seconds = house.rooms.consent.policy.portraits.retention_seconds
    assert row.expires_at - row.at == seconds * SECOND


def test_the_facts_that_lists_need_stand_beside_the_asset(house: House) -> None:
    request = house.order(house.sitter(1))
    house.studio.make([request])
    with house.rooms.consent.ledger.read() as connection:
        row = connection.execute(own.portrait.select()).one()
    assert (row.object, row.subject, row.purpose) == (request.id, request.subject, "imagine")
    assert (row.recipe, row.recipe_sha256) == ("head", house.studio.card.sha256)
    assert row.policy_sha256 == house.rooms.consent.policy.sha256
    assert row.media_type == "image/jpeg"


def test_a_refusal_leaves_its_reason_and_no_bytes(house: House) -> None:
    request = house.order(house.sitter(1), "none")
    house.studio.make([request])
    with house.rooms.consent.ledger.read() as connection:
        row = connection.execute(own.refusal.select()).one()
        blobs = connection.execute(select(tables.asset.c.blob)).all()
    assert (row.object, row.reason) == (request.id, "unavailable")
    assert not blobs


def test_the_bytes_of_a_portrait_lie_sealed(house: House) -> None:
    request = house.order(house.sitter(1))
    house.studio.make([request])
    picture = house.picture(request)
    stored = [path for path in (house.rooms.home / "blobs").rglob("*") if path.is_file()]
    assert len(stored) == 2
    assert not any(picture.file[:200] in path.read_bytes() for path in stored)


def test_a_withdrawal_takes_the_portrait_and_its_facts(house: House) -> None:
    request = house.order(house.sitter(1))
    house.studio.make([request])
    house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
    for table in (tables.request, tables.asset, own.portrait, own.portrait_order):
        assert house.rooms.count(table) == 0
