# SPDX-License-Identifier: Apache-2.0
"""One batch of different people, stride by stride, against the real consent room."""

import pytest
from sqlalchemy import select

from consent.gate import Denial
from consent.words import Purpose, Reason
from generation import provenance
from generation.portraits import Portrait, Request
from generation.recipes.batched import OutOfMemory
from generation.tables import asset, moderated, portrait, render_pass, rendered
from tests.generation.conftest import Housing
from tests.generation.house import House
from tests.generation.samples import Pool


def leaves(house: House, who: Request) -> None:
    house.rooms.consent.withdrawals.withdraw(who.subject, Purpose.IMAGINE)


def files_of(house: House) -> set[str]:
    """Name every file of the home that is no database: sealed bytes, keys."""
    found = (path for path in house.rooms.home.rglob("*") if path.is_file())
    return {str(path) for path in found if "sqlite" not in path.name and ".db" not in path.name}


def test_different_people_share_a_pass_and_each_gets_their_own_portrait(housing: Housing) -> None:
    pool = Pool()
    house = housing(pool)
    requests = [house.order(house.sitter(number)) for number in (1, 4, 10)]
    made = house.studio.make(requests)
    assert made == tuple(Portrait(request=one, recipe="pool") for one in requests)
    assert pool.begun == [4]
    said = [house.picture(one).provenance for one in requests]
    assert max(one.owner_distance for one in said) < 0.3
    assert {(one.device, one.dtype, one.pass_size, one.pass_padding) for one in said} == {
        ("pool", "float32", 4, 1)
    }
    assert said[0].versions == {"pool": "1"}


def test_who_withdraws_in_mid_batch_is_never_decoded_and_the_others_are_drawn(
    housing: Housing,
) -> None:
    pool = Pool()
    house = housing(pool)
    requests = [house.order(house.sitter(number)) for number in (1, 4, 10, 3)]
    gone = requests[2]
    made = house.studio.make(requests, between=lambda _: leaves(house, gone))
    assert [type(one) for one in made] == [Portrait, Portrait, Denial, Portrait]
    assert pool.begun == [4]
    assert len(pool.decoded) == 3
    vectors = [row.likenesses[0].vector for row in pool.decoded]
    assert len({vector.tobytes() for vector in vectors}) == 3
    with house.rooms.consent.ledger.read() as connection:
        for table in (rendered, moderated, asset, portrait):
            assert gone.id not in connection.execute(select(table.c.object)).scalars().all()
    assert house.studio.pending() == ()


def test_a_face_is_encoded_once_a_person_and_handed_to_every_pass(housing: Housing) -> None:
    pool = Pool()
    house = housing(pool)
    people = [house.sitter(number) for number in (1, 4)]
    house.studio.make([house.order(one) for one in people])
    house.studio.make([house.order(one) for one in people])
    assert pool.encoded == 2
    assert len(pool.decoded) == 4
    for row in pool.decoded:
        (likeness,) = row.likenesses
        assert likeness.conditioning is not None
        assert likeness.conditioning.tobytes() == likeness.vector.tobytes()


def test_a_pass_leaves_its_figures_and_nobody_s_name(housing: Housing) -> None:
    house = housing(Pool())
    house.studio.make([house.order(house.sitter(number)) for number in (1, 4, 10)])
    with house.rooms.consent.ledger.read() as connection:
        (row,) = connection.execute(select(render_pass)).mappings().all()
    assert (row["recipe"], row["recipe_sha256"]) == ("pool", house.studio.card.sha256)
    assert (row["device"], row["dtype"], row["size"], row["rows"]) == ("pool", "float32", 4, 3)
    assert row["micros"] > 0


def test_what_does_not_fit_the_device_comes_back_another_day(housing: Housing) -> None:
    pool = Pool(fits=0)
    house = housing(pool)
    request = house.order(house.sitter(1))
    with pytest.raises(OutOfMemory):
        house.studio.make([request])
    assert house.studio.pending() == (request,)
    pool.fits = 4
    assert house.studio.make([request]) == (Portrait(request=request, recipe="pool"),)


def test_a_worker_that_dies_in_mid_batch_leaves_bare_requests_and_nothing_of_anybody(
    housing: Housing,
) -> None:
    def die(_: object) -> None:
        raise KeyboardInterrupt

    house = housing(Pool())
    requests = tuple(house.order(house.sitter(number)) for number in (1, 4))
    before = files_of(house)
    with pytest.raises(KeyboardInterrupt):
        house.studio.make(requests, between=die)
    assert files_of(house) == before
    assert house.studio.pending() == requests
    again = housing(Pool())
    assert again.studio.make(requests) == tuple(
        Portrait(request=one, recipe="pool") for one in requests
    )


def test_a_picture_that_is_none_is_refused_and_the_rest_of_the_pass_is_kept(
    housing: Housing,
) -> None:
    house = housing(Pool())
    good, bad = house.order(house.sitter(1)), house.order(house.sitter(4), "blank")
    first, second = house.studio.make([good, bad])
    assert first == Portrait(request=good, recipe="pool")
    assert getattr(second, "reason", None) is Reason.UNAVAILABLE


def test_a_file_says_what_its_recipe_says_of_its_pictures(housing: Housing) -> None:
    class Filter(Pool):
        source_type = "algorithmicallyEnhanced"

    house = housing(Filter())
    request = house.order(house.sitter(1))
    house.studio.make([request])
    file = house.picture(request).file
    said = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
    assert provenance.source_type(file) == said
    assert said.encode() in file.replace(provenance.SOURCE_TYPE.encode(), b"")
    assert provenance.SOURCE_TYPE.encode() not in file
