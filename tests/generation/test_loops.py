# SPDX-License-Identifier: Apache-2.0
"""A portrait that moves passes the same gates, carries the same marks and lives the same life."""

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import select

from consent.words import Purpose, Reason
from generation import loops, photographs, provenance, quarantine, tables
from generation.identity import Identity
from generation.inspection import Inspector
from generation.notary import State
from generation.photographs import Unreadable
from generation.portraits import HeldBack, Picture, Portrait, Refusal, Request, Wish
from generation.recipes import Row
from generation.recognition import Seen
from tests.generation import samples
from tests.generation.conftest import Housing
from tests.generation.house import House
from tests.generation.samples import Head, portrait_of
from tests.generation.test_moderation import Fixed
from tests.generation.test_recognition import LIMITS

LOOP = Wish(scenario="plain", seed=1, form="loop")


class Swaying(Head):
    """Shows the head as it is, a little to the left and a little to the right."""

    def frames(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        return tuple(
            np.stack([np.roll(portrait_of(row.likenesses[0]), by, axis=1) for by in (-3, 0, 3)])
            for row in rows
        )


class Turning(Swaying):
    """Shows somebody else's nothing at one end: a frame without a face."""

    def frames(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        drawn = super().frames(rows)
        for one in drawn:
            one[-1] = 90
        return drawn


@pytest.fixture
def made(housing: Housing) -> tuple[House, Request, Picture]:
    house = housing(Swaying())
    request = house.order(house.sitter(1), wish=LOOP)
    assert house.studio.pending() == (request,)
    (done,) = house.studio.make([request])
    assert isinstance(done, Portrait)
    return house, request, house.picture(request)


def seen(house: House, file: bytes) -> Seen:
    found = house.studio.recognition.look(file, **LIMITS)
    assert isinstance(found, tuple)
    return found[0]


def test_it_loops_for_ever_and_every_frame_and_the_file_carry_the_marks(
    made: tuple[House, Request, Picture],
) -> None:
    house, request, picture = made
    assert picture.media_type == "image/webp"
    with Image.open(io.BytesIO(picture.file)) as image:
        assert (image.format, image.n_frames, image.info["loop"]) == ("WEBP", 4, 0)
        assert image.size == samples.SIZE
    with house.rooms.consent.ledger.read() as connection:
        reference = connection.execute(select(tables.mark.c.reference)).scalar_one()
        stated = connection.execute(select(tables.portrait.c.media_type)).scalar_one()
    assert stated == "image/webp"
    mark = house.studio.leaving._marking.watermark
    shown = loops.shown(picture.file)
    assert all(reference in mark.readings(frame) for frame in shown)
    assert provenance.source_type(picture.file) == provenance.SOURCE_TYPE
    assert seen(house, picture.file) == Seen(
        credential=State.TRUSTED, watermark=True, fingerprint=True
    )
    found = house.studio.recognition.look(picture.file, request.subject, **LIMITS)
    assert isinstance(found, tuple)
    assert [(own.object, "c2pa" in own.by) for own in found[1]] == [(request.id, True)]
    last = picture.file.rindex(b"ANMF") + 200  # in the last frame
    changed = bytearray(picture.file)
    changed[last] ^= 1
    assert seen(house, bytes(changed)).credential is State.INVALID


def test_it_leaves_as_what_loops_and_is_shown_as_a_still_with_all_marks(
    made: tuple[House, Request, Picture],
) -> None:
    house, request, picture = made
    left = house.studio.leaving(request.subject, request.id, picture, "AI, made for you")
    with Image.open(io.BytesIO(left)) as image:
        assert (image.format, image.n_frames, image.info["loop"]) == ("WEBP", 4, 0)
    still = house.studio.leaving.still(request.subject, request.id, picture)
    assert still.media_type == "image/jpeg"
    pixels = photographs.kept(still.file)
    assert np.abs(pixels.astype(int) - loops.first(picture.file)).mean() < 4
    for file in (left, still.file):
        assert seen(house, file) == Seen(
            credential=State.TRUSTED, watermark=True, fingerprint=True
        )
    assert house.studio.leaving.still(request.subject, request.id, still) is still


def test_a_still_is_never_drawn_for_whoever_asked_for_what_moves(housing: Housing) -> None:
    house = housing(Head())
    request = house.order(house.sitter(1), wish=LOOP)
    (done,) = house.studio.make([request])
    assert done == Refusal(request=request, reason=Reason.UNAVAILABLE)
    shared = housing(samples.Pool())
    other = shared.order(request.subject, wish=LOOP)
    assert shared.studio.make([other])[0] == Refusal(request=other, reason=Reason.UNAVAILABLE)


def test_one_frame_that_does_not_pass_holds_back_the_whole_and_an_appeal_judges_all(
    housing: Housing,
) -> None:
    house = housing(Turning())
    request = house.order(house.sitter(1), wish=LOOP)
    (done,) = house.studio.make([request])
    assert done == HeldBack(request=request, reason=Reason.IDENTITY_FAILED)
    assert house.rooms.count(tables.asset) == 0
    again = house.studio.appeals.appeal(request.subject, request.id)
    assert again == HeldBack(request=request, reason=Reason.IDENTITY_FAILED)


def test_what_an_appeal_lets_out_still_moves(housing: Housing, inspector: Inspector) -> None:
    mild = housing(Swaying())
    request = mild.order(mild.sitter(1), wish=LOOP)
    harsh = housing(Swaying(), replace(inspector, scorer=Fixed(0.99)))
    assert isinstance(harsh.studio.make([request])[0], HeldBack)
    assert isinstance(mild.studio.appeals.appeal(request.subject, request.id), Portrait)
    picture = mild.picture(request)
    assert picture.media_type == "image/webp"
    assert len(loops.shown(picture.file)) == 4
    assert seen(mild, picture.file).credential is State.TRUSTED


def test_the_gates_are_asked_about_every_frame_and_the_worst_counts(inspector: Inspector) -> None:
    asked: list[int] = []

    class Notes:
        cohort = inspector.cohort

        def inspect(self, picture: NDArray[np.uint8], *_: object) -> Identity | Reason:
            asked.append(int(picture[0, 0, 0]))
            return replace(quarantine.UNJUDGED, owner=(0.2, 0.4, 0.3)[asked[-1]])

        def files(self) -> dict[str, str]:
            return {}

    frames = np.stack([np.full((4, 4, 3), n, np.uint8) for n in range(3)])
    found = quarantine.judged(Notes(), frames, (), (), None)  # type: ignore[arg-type]
    assert asked == [0, 1, 2]
    assert isinstance(found, Identity)
    assert found.owner == 0.4


def test_a_large_loop_is_written_smaller_and_never_without_its_frames() -> None:
    noisy = np.random.default_rng(1).integers(0, 256, (3, 320, 256, 3), np.uint8)
    file = loops.marked(noisy)
    assert len(loops.shown(file)) == 4
    with Image.open(io.BytesIO(file)) as image:
        image.load()
        assert image.info["duration"] == loops.EACH_MS


def test_what_moves_is_still_no_photograph_of_anybody(
    made: tuple[House, Request, Picture],
) -> None:
    file = made[2].file
    assert isinstance(photographs.opened(file, **LIMITS), Unreadable)
    assert not isinstance(photographs.opened(file, **LIMITS, moving=True), Unreadable)


def test_a_withdrawal_takes_it_like_any(made: tuple[House, Request, Picture]) -> None:
    house, request, _ = made
    assert house.rooms.count(tables.portrait) == 1
    house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
    assert house.rooms.count(tables.portrait) == 0
