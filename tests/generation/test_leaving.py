# SPDX-License-Identifier: Apache-2.0
"""What a file that leaves says of itself, and what is still found in it."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from consent.errors import Broken
from consent.words import Purpose
from generation import loops, photographs
from generation.notary import State
from generation.portraits import Picture, Request
from generation.recognition import Seen
from tests.generation import samples
from tests.generation.house import House
from tests.generation.test_recognition import LIMITS

LABEL = "AI, made for you"


@pytest.fixture
def made(house: House) -> tuple[Request, Picture]:
    """Make one portrait and open it as its owner does."""
    request = house.order(house.sitter(1))
    house.studio.make([request])
    return request, house.picture(request)


def left(house: House, made: tuple[Request, Picture]) -> bytes:
    request, picture = made
    return house.studio.leaving(request.subject, request.id, picture, LABEL)


def seen(house: House, file: bytes) -> Seen:
    found = house.studio.recognition.look(file, **LIMITS)
    assert isinstance(found, tuple)
    return found[0]


def test_the_label_is_in_the_pixels_and_all_marks_are_in_the_file(
    house: House, made: tuple[Request, Picture]
) -> None:
    file = left(house, made)
    before, after = photographs.kept(made[1].file), photographs.kept(file)
    assert np.abs(before.astype(int) - after).max() > 60
    assert seen(house, file) == Seen(credential=State.TRUSTED, watermark=True, fingerprint=True)


@pytest.mark.parametrize("by", [1.0, 0.5])
def test_a_copy_of_it_is_found_badly_saved_and_half_as_large(
    house: House, made: tuple[Request, Picture], by: float
) -> None:
    with Image.open(io.BytesIO(left(house, made))) as image:
        copied = image.resize((round(image.width * by), round(image.height * by)))
    found = seen(house, samples.written(copied, quality=75))
    assert found == Seen(credential=State.ABSENT, watermark=True, fingerprint=True)


def test_its_credential_is_its_own_says_edited_and_holds_the_same_receipt(
    house: House, made: tuple[Request, Picture]
) -> None:
    file, again = left(house, made), left(house, made)
    assert b"c2pa.edited" in file
    assert b"c2pa.edited" not in made[1].file
    receipt = made[1].file.split(b"greceipt")[1][2:66]
    assert receipt in file
    media = made[1].media_type
    read = [house.studio.leaving._marking.credentials.read(one, media) for one in (file, again)]
    assert {one.label for one in read} == {LABEL}
    assert len({one.sha256 for one in read}) == 2


def test_its_owner_is_told_that_it_is_theirs(house: House, made: tuple[Request, Picture]) -> None:
    found = house.studio.recognition.look(left(house, made), made[0].subject, **LIMITS)
    assert isinstance(found, tuple)
    assert [own.object for own in found[1]] == [made[0].id]


def test_a_picture_that_moves_leaves_frame_by_frame(
    house: House, made: tuple[Request, Picture]
) -> None:
    request, picture = made
    still = photographs.kept(picture.file)
    frames = [np.roll(still, shift, axis=1) for shift in (0, 4, 8)]
    moving = replace(
        picture,
        media_type="image/webp",
        file=loops.written(frames, picture.provenance.source_type),
    )
    file = house.studio.leaving(request.subject, request.id, moving, LABEL)
    with Image.open(io.BytesIO(file)) as image:
        assert (image.format, image.n_frames, image.info["loop"]) == ("WEBP", 3, 0)
        shown = []
        for number in range(3):
            image.seek(number)
            shown.append(np.array(image.convert("RGB")))
    mark = house.studio.leaving._marking
    reference = house.studio.leaving._known(request.subject, request.id).reference
    assert all(reference in mark.watermark.readings(frame) for frame in shown)
    assert mark.credentials.read(file, "image/webp").state is State.TRUSTED


def test_what_is_gone_does_not_leave(house: House, made: tuple[Request, Picture]) -> None:
    request, _ = made
    house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
    with pytest.raises(LookupError):
        left(house, made)
    house.rooms.consent.erasures.erase(request.subject)
    with pytest.raises((LookupError, Broken)):
        left(house, made)
