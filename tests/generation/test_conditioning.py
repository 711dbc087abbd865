# SPDX-License-Identifier: Apache-2.0
"""Conditioning: made once a person, kept sealed beside the selfie, gone with it."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import select

from consent.gate import Denial
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from generation import conditioning, orders, parcels, reading, selfies
from generation.batching import Batch
from generation.conditioning import Unfit
from generation.parcels import Parcel
from generation.portraits import Portrait, Request, Wish
from generation.recipes import CannotRender, Likeness
from generation.recipes.batched import Batched, Misshapen, OutOfMemory
from generation.tables import conditioning as kept_rows
from tests.generation.house import House
from tests.generation.samples import Pool
from tests.rooms import Rooms

TOKENS = (257, 1280)


class Counting(Pool):
    """A pool whose encoder counts, and says whom it was given by what it makes of them."""

    def __init__(self, encoder: str = "e1" * 32, shape: tuple[int, ...] = (512,)) -> None:
        super().__init__()
        self.encoder, self.shape = encoder, shape
        self.encoded: list[Likeness] = []

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        self.encoded.append(likeness)
        return _made(likeness, self.shape)


def _made(likeness: Likeness, shape: tuple[int, ...]) -> NDArray[np.float32]:
    seed = int(abs(float(likeness.vector[0])) * 1_000_000)
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def likeness(person: int, selfie: int = 0) -> Likeness:
    """Make up a selfie: small, and so near the person's others that all show one face."""
    vector = np.zeros(128, np.float32)
    vector[:2] = person, selfie * 0.01
    vector[0] += np.float32(0.001 * (selfie + 1))
    return Likeness(
        pixels=np.full((8, 8, 3), person * 20 + selfie, np.uint8),
        box=(1, 1, 7, 7),
        landmarks=np.zeros((5, 2), np.float32),
        vector=vector,
        smile=0.5,
    )


@dataclass
class Place:
    """Rooms in which people with made-up selfies are drawn."""

    rooms: Rooms
    people: dict[int, Subject] = field(default_factory=dict)
    selfies: dict[int, list[ObjectId]] = field(default_factory=dict)

    def sitter(self, number: int, selfies_given: int = 1, *more: Purpose) -> Subject:
        subject = self.rooms.person(f"P{number}", Purpose.LIKENESS, Purpose.IMAGINE, *more)
        self.people[number] = subject
        self.selfies[number] = [
            self.rooms.selfie(subject, content=selfies.pack(likeness(number, nth)))
            for nth in range(selfies_given)
        ]
        return subject

    def order(self, number: int, purpose: Purpose = Purpose.IMAGINE) -> Request:
        subject, obj = self.people[number], self.rooms.object()
        permit = self.rooms.ask(Step.SELECT, subject, purpose, obj, request=obj)
        with self.rooms.consent.ledger.write() as writing:
            (request,) = orders.place(writing, [permit], [Wish(scenario="plain", seed=7)], [None])
        assert not isinstance(request, Denial)
        return request

    def read(self, requests: Sequence[Request], recipe: Batched) -> Batch:
        batch, consent = Batch(requests), self.rooms.consent
        reading.read(
            batch,
            ledger=consent.ledger,
            gate=consent.gate,
            vault=consent.vault,
            encoder=recipe.encoder,
        )
        return batch

    def complete(self, batch: Batch, recipe: Batched) -> Batch:
        consent = self.rooms.consent
        conditioning.complete(batch, recipe, ledger=consent.ledger, vault=consent.vault)
        return batch

    def draw(self, recipe: Batched, *numbers: int) -> Batch:
        """Order a portrait of each, and go as far as the recipe is given its rows."""
        requests = [self.order(number) for number in numbers]
        return self.complete(self.read(requests, recipe), recipe)

    def rows(self) -> list[Any]:
        with self.rooms.consent.ledger.read() as connection:
            return list(connection.execute(select(kept_rows)).all())


def given_to(batch: Batch) -> list[list[NDArray[np.float32] | None]]:
    return [
        [each.conditioning for each in batch.likenesses[one.id]]
        for one in batch.requests
        if one.id in batch.likenesses
    ]


@pytest.fixture
def place(rooms: Rooms) -> Place:
    return Place(rooms)


@pytest.fixture
def place_on_both(rooms_on_both: Rooms) -> Place:
    return Place(rooms_on_both)


# --- once a person


def test_a_selfie_is_encoded_once_however_many_portraits_there_are(place_on_both: Place) -> None:
    place, recipe = place_on_both, Counting()
    place.sitter(1, 2)
    first = place.draw(recipe, 1, 1)
    assert len(recipe.encoded) == 2
    again = place.draw(recipe, 1)
    assert len(recipe.encoded) == 2
    assert len(place.rows()) == 2
    for was, now in zip(given_to(first)[0], given_to(again)[0], strict=True):
        assert was is not None
        assert np.array_equal(was, now)


def test_everybody_gets_what_was_made_of_their_own_selfies(place: Place) -> None:
    recipe = Counting()
    for number in (1, 2, 3):
        place.sitter(number, 2)
    for _ in range(2):
        batch = place.draw(recipe, 3, 1, 2)
        for number, tensors in zip((3, 1, 2), given_to(batch), strict=True):
            for nth, tensor in enumerate(tensors):
                assert np.array_equal(tensor, _made(likeness(number, nth), (512,)))


def test_a_new_selfie_alone_is_encoded(place: Place) -> None:
    recipe = Counting()
    subject = place.sitter(1, 2)
    place.draw(recipe, 1)
    place.rooms.selfie(subject, content=selfies.pack(likeness(1, 2)))
    place.draw(recipe, 1)
    assert [one.pixels[0, 0, 0] for one in recipe.encoded] == [20, 21, 22]


def test_nothing_is_made_of_a_selfie_that_shows_somebody_else(place: Place) -> None:
    subject = place.sitter(1, 2)
    stranger = place.rooms.selfie(subject, content=selfies.pack(likeness(9)))
    place.selfies[1].append(place.rooms.selfie(subject, content=selfies.pack(likeness(1, 2))))
    recipe = Counting()
    place.draw(recipe, 1)
    assert [one.pixels[0, 0, 0] for one in recipe.encoded] == [20, 21, 22]
    assert {row.selfie for row in place.rows()} == set(place.selfies[1])
    assert stranger not in place.selfies[1]


def test_the_studio_encodes_a_person_once_for_all_their_portraits(
    housing: Callable[..., House],
) -> None:
    recipe = Counting()
    house = housing(recipe)
    subject = house.sitter(1)
    for _ in range(2):
        (made,) = house.studio.make([house.order(subject)])
        assert isinstance(made, Portrait)
    assert len(recipe.encoded) == 1
    assert house.rooms.count(kept_rows, subject) == 1


class Sparing(Counting):
    """A pool that reads two selfies of a person, whatever they gave."""

    selfies = 2


def test_no_more_selfies_are_encoded_than_the_recipe_reads(place: Place) -> None:
    place.sitter(1, 4)
    recipe = Sparing()
    (tensors,) = given_to(place.draw(recipe, 1))
    assert [tensor is None for tensor in tensors] == [False, False, True, True]
    assert [one.pixels[0, 0, 0] for one in recipe.encoded] == [20, 21]
    assert {row.selfie for row in place.rows()} == set(place.selfies[1][:2])


def test_the_next_selfie_sits_where_one_of_the_first_cannot(place: Place) -> None:
    place.sitter(1, 4)
    recipe = Failing(lambda one: one.pixels[0, 0, 0] == 20, CannotRender())
    recipe.selfies = 2
    batch = place.draw(recipe, 1)
    (sat,) = batch.likenesses.values()
    assert [one.pixels[0, 0, 0] for one in sat] == [21, 22, 23]
    assert [one.conditioning is None for one in sat] == [False, False, True]


def test_tokens_are_used_as_they_are_kept_the_first_time_too(place: Place) -> None:
    recipe = Counting(shape=TOKENS)
    place.sitter(1)
    ((first,),) = given_to(place.draw(recipe, 1))
    ((again,),) = given_to(place.draw(recipe, 1))
    assert first is not None
    assert np.array_equal(first, again)
    assert not np.array_equal(first, _made(likeness(1), TOKENS))
    assert np.allclose(first, _made(likeness(1), TOKENS), atol=2e-3)


# --- what is kept is checked


def test_another_encoder_makes_its_own_and_the_old_rows_go(place_on_both: Place) -> None:
    place, old, new = place_on_both, Counting("e1" * 32), Counting("e2" * 32, (16,))
    place.sitter(1, 2)
    place.draw(old, 1)
    batch = place.draw(new, 1)
    assert [each.shape for each in given_to(batch)[0] if each is not None] == [(16,), (16,)]
    assert {row.encoder for row in place.rows()} == {new.encoder}


@pytest.mark.parametrize("spoilt", ["another's", "shape", "noise"])
def test_what_does_not_fit_is_said_made_anew_and_replaced(
    place: Place, caplog: pytest.LogCaptureFixture, spoilt: str
) -> None:
    place.sitter(1)
    recipe = Narrow()
    wrong = {
        "another's": conditioning.pack(np.ones(512, np.float32), "e9" * 32),
        "shape": conditioning.pack(np.ones(511, np.float32), recipe.encoder),
        "noise": b"not a parcel",
    }
    batch = place.read([place.order(1)], recipe)
    (sources,) = batch.sources.values()
    batch.sources = {
        one.id: tuple(replace(each, beside=wrong[spoilt]) for each in sources)
        for one in batch.requests
    }
    with caplog.at_level(logging.WARNING):
        place.complete(batch, recipe)
    assert "made anew" in caplog.text
    ((tensor,),) = given_to(batch)
    assert np.array_equal(tensor, _made(likeness(1), (512,)))  # type: ignore[arg-type]
    assert len(place.rows()) == 1


class Narrow(Counting):
    """A pool that says beforehand what a selfie becomes."""

    @property
    def conditioned(self) -> tuple[int, ...]:
        return (512,)


numbers = st.floats(-1e4, 1e4, width=32)


@given(st.lists(numbers, min_size=1, max_size=60), st.booleans())
def test_what_is_packed_is_unpacked(values: list[float], tall: bool) -> None:
    tensor = np.array(values, np.float32)
    tensor = tensor[:, None] if tall else tensor
    assert np.array_equal(conditioning.unpack(conditioning.pack(tensor, "e"), "e"), tensor)


@given(st.binary(max_size=80), st.sampled_from([b"", b"OYP1", b"OYP1\0\0\0\x02{}"]))
def test_other_bytes_are_unfit_and_never_an_error(noise: bytes, head: bytes) -> None:
    assert isinstance(conditioning.unpack(head + noise, "e"), Unfit)


@pytest.mark.parametrize(
    "facts",
    [
        {"dtype": "<f8", "shape": [1]},
        {"dtype": "|O", "shape": [1]},
        {"dtype": "<f4", "shape": [3]},
        {"dtype": "<f4", "shape": "wide"},
        {"dtype": "<f4"},
        {"dtype": "<f4", "shape": [2], "nan": True},
    ],
)
def test_a_parcel_that_says_something_else_than_it_holds_is_unfit(facts: dict[str, Any]) -> None:
    value = np.nan if facts.pop("nan", False) else 1.0
    picture = np.array([value, 1.0], "<f4").tobytes()
    parcel = Parcel(kind=conditioning.KIND, facts={"encoder": "e", **facts}, picture=picture)
    assert isinstance(conditioning.unpack(parcels.encode(parcel), "e"), Unfit)


def test_a_vector_is_kept_exactly_and_tokens_and_pictures_in_fewer_bytes() -> None:
    vector, tokens = np.ones(512, np.float32), np.full(TOKENS, 0.5, np.float32)
    assert len(conditioning.pack(vector, "e" * 64)) - vector.nbytes < 200
    assert len(conditioning.pack(tokens, "e" * 64)) - tokens.nbytes // 2 < 200
    picture = np.arange(256, dtype=np.float32).repeat(900).reshape(480, 480)
    assert len(conditioning.pack(picture, "e" * 64)) - picture.size < 200
    assert np.array_equal(conditioning.unpack(conditioning.pack(picture, "e"), "e"), picture)
    huge = tokens * 1e6
    assert np.array_equal(conditioning.unpack(conditioning.pack(huge, "e"), "e"), huge)


@pytest.mark.parametrize(
    "tensor", [np.full(3, np.inf), np.zeros(0), np.float32(1), np.zeros((1, 1, 1, 1))]
)
def test_what_is_no_conditioning_is_never_packed(tensor: Any) -> None:
    with pytest.raises(Misshapen):
        conditioning.pack(np.asarray(tensor, np.float32), "e")


# --- what goes wrong


class Failing(Counting):
    """A pool whose encoder breaks on some selfies."""

    selfies = 9

    def __init__(self, breaks: Callable[[Likeness], bool], error: Exception | float) -> None:
        super().__init__()
        self.breaks, self.error = breaks, error

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        if not self.breaks(likeness):
            return super().condition(likeness)
        if isinstance(self.error, Exception):
            raise self.error
        return np.full(512, self.error, np.float32)


@pytest.mark.parametrize("error", [CannotRender(), ValueError("broke"), float("nan")])
def test_a_selfie_that_cannot_be_encoded_does_not_sit(place: Place, error: Any) -> None:
    for number in (1, 2):
        place.sitter(number, 2)
    recipe = Failing(lambda one: one.pixels[0, 0, 0] in {20, 40, 41}, error)
    batch = place.draw(recipe, 1, 2)
    one, other = batch.requests
    assert [each.pixels[0, 0, 0] for each in batch.likenesses[one.id]] == [21]
    assert batch.refused == {other.id: Reason.UNAVAILABLE}
    assert len(place.rows()) == 1


def test_what_does_not_fit_the_device_is_left_to_the_pass(place: Place) -> None:
    place.sitter(1, 2)
    batch = place.draw(Failing(lambda one: one.pixels[0, 0, 0] == 20, OutOfMemory()), 1)
    (tensors,) = given_to(batch)
    assert [each is None for each in tensors] == [True, False]
    assert not batch.refused


def test_a_crash_before_the_sealing_costs_one_encoding_and_no_more(
    place_on_both: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, recipe = place_on_both, Counting()
    place.sitter(1)
    with monkeypatch.context() as patch:
        patch.setattr(place.rooms.consent.vault, "seal_beside", _die)
        with pytest.raises(KeyboardInterrupt):
            place.draw(recipe, 1)
    assert place.rows() == []
    place.draw(recipe, 1)
    place.draw(recipe, 1)
    assert len(recipe.encoded) == 2
    assert len(place.rows()) == 1


def _die(*_given: object) -> None:
    raise KeyboardInterrupt


def test_two_workers_that_race_write_one_row(place_on_both: Place) -> None:
    place = place_on_both
    place.sitter(1)
    workers = [Counting(), Counting()]
    batches = [place.read([place.order(1)], worker) for worker in workers]
    for batch, worker in zip(batches, workers, strict=True):
        place.complete(batch, worker)
    assert len(place.rows()) == 1
    third = Counting()
    place.draw(third, 1)
    assert third.encoded == []


def test_workers_at_the_same_moment_and_a_withdrawal_among_them_leave_what_may_stay(
    place_on_both: Place,
) -> None:
    place = place_on_both
    gone, stays = place.sitter(1, 2), place.sitter(2, 2)
    workers = [Counting() for _ in range(4)]
    batches = [place.read([place.order(1), place.order(2)], each) for each in workers]
    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(place.complete, b, w) for b, w in zip(batches, workers, strict=True)]
        no = pool.submit(place.rooms.consent.withdrawals.withdraw, gone, Purpose.IMAGINE)
        for each in (*done, no):
            each.result()
    assert [row.subject for row in place.rows()] == [stays, stays]


@pytest.mark.parametrize("purpose", [Purpose.IMAGINE, Purpose.LIKENESS])
def test_one_who_withdraws_after_reading_gets_no_row(
    place_on_both: Place, purpose: Purpose
) -> None:
    place, recipe = place_on_both, Counting()
    gone, _ = place.sitter(1), place.sitter(2)
    batch = place.read([place.order(1), place.order(2)], recipe)
    place.rooms.consent.withdrawals.withdraw(gone, purpose)
    place.complete(batch, recipe)
    assert [row.subject for row in place.rows()] == [place.people[2]]


def test_no_more_is_held_back_than_a_handful(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditioning, "_TOGETHER", 2)
    place.sitter(1, 5)
    sizes = []
    real = place.rooms.consent.vault.seal_beside

    def counted(made: Any, companion: Any) -> Any:
        sizes.append(len(made))
        return real(made, companion)

    monkeypatch.setattr(place.rooms.consent.vault, "seal_beside", counted)
    batch = place.draw(Counting(), 1)
    assert sizes == [2, 2, 1]
    assert len(place.rows()) == 5
    assert batch.sources == {}


def test_what_is_too_large_is_used_and_not_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditioning, "_LARGEST", 1_000)
    place.sitter(1)
    ((tensor,),) = given_to(place.draw(Counting(), 1))
    assert tensor is not None
    assert place.rows() == []
