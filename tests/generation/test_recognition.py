# SPDX-License-Identifier: Apache-2.0
"""What is said about a picture, to whom, and what is not."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from consent.words import Purpose, Subject
from generation.notary import State
from generation.photographs import Unreadable
from generation.portraits import Request
from generation.recognition import Own, Seen
from tests.generation import samples
from tests.generation.house import House

LIMITS = {"max_bytes": 10_000_000, "max_pixels": 20_000_000}
NOTHING = Seen(credential=State.ABSENT, watermark=False, fingerprint=False)
ALL = Seen(credential=State.TRUSTED, watermark=True, fingerprint=True)


def asked(house: House, file: bytes, who: Subject | None = None) -> tuple[Seen, tuple[Own, ...]]:
    found = house.studio.recognition.look(file, who, **LIMITS)
    assert not isinstance(found, Unreadable)
    return found


def again(file: bytes, kind: str = "JPEG", **more: object) -> bytes:
    with Image.open(io.BytesIO(file)) as image:
        return samples.written(image.convert("RGB"), kind, **more)


@pytest.fixture
def portrait(house: House) -> tuple[Request, bytes]:
    """Make one portrait and open it as its owner does."""
    request = house.order(house.sitter(1))
    house.studio.make([request])
    return request, house.picture(request).file


def test_a_portrait_bears_all_three_marks(house: House, portrait: tuple[Request, bytes]) -> None:
    seen, own = asked(house, portrait[1])
    assert (seen, own) == (ALL, ())


def test_its_owner_is_told_that_it_is_theirs_and_how_that_is_known(
    house: House, portrait: tuple[Request, bytes]
) -> None:
    request, file = portrait
    seen, (own,) = asked(house, file, request.subject)
    assert seen == ALL
    assert (own.object, own.by) == (request.id, ("c2pa", "watermark", "fingerprint"))
    assert own.opening is not None


def test_another_person_is_told_that_nothing_of_theirs_is_in_it(
    house: House, portrait: tuple[Request, bytes]
) -> None:
    assert asked(house, portrait[1], house.sitter(3)) == (ALL, ())


def test_a_copy_saved_anew_is_found_without_its_credential(
    house: House, portrait: tuple[Request, bytes]
) -> None:
    request, file = portrait
    for copy in (again(file, quality=50), again(file, "WEBP", quality=60), again(file, "PNG")):
        seen, (own,) = asked(house, copy, request.subject)
        assert seen == Seen(credential=State.ABSENT, watermark=True, fingerprint=True)
        assert own.by == ("watermark", "fingerprint")
        assert own.opening is None


def test_a_changed_file_is_told_apart_from_one_without_a_credential(
    house: House, portrait: tuple[Request, bytes]
) -> None:
    changed = bytearray(portrait[1])
    changed[-9_000] ^= 1
    seen, _ = asked(house, bytes(changed))
    assert seen.credential is State.INVALID


def test_a_photograph_bears_nothing(house: House, portrait: tuple[Request, bytes]) -> None:
    assert portrait
    assert asked(house, samples.small_file_of(1, "studio_portrait")) == (NOTHING, ())


def test_after_a_withdrawal_a_copy_is_from_here_and_nobodys(
    house: House, portrait: tuple[Request, bytes]
) -> None:
    request, file = portrait
    house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
    seen, own = asked(house, file, request.subject)
    assert seen == Seen(credential=State.TRUSTED, watermark=True, fingerprint=False)
    assert own == ()


def test_a_watermark_that_was_never_given_out_is_none(
    house: House, portrait: tuple[Request, bytes]
) -> None:
    assert portrait
    marks = house.studio._marking
    forged = marks.watermark.write(np.asarray(samples.image_of(5, longer=700)), 0xDEADBEEF)
    seen, _ = asked(house, samples.written(Image.fromarray(forged), quality=92))
    assert not seen.watermark


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "it is neither JPEG"),
        (b"%PDF-1.7 not a picture", "it is neither JPEG"),
        (samples.file_of(1)[:20_000], "ends too early"),
        (samples.written(samples.image_of(1, longer=64), "GIF"), "it is neither JPEG"),
        (samples.written(Image.new("L", (6_000, 6_000)), "PNG"), "at most 20000000 pixels"),
        (bytes(10_000_001), "at most 10000000 bytes"),
    ],
    ids=["empty", "no picture", "cut off", "another format", "too many pixels", "too large"],
)
def test_what_cannot_be_read_is_said_in_one_sentence(house: House, file: bytes, why: str) -> None:
    found = house.studio.recognition.look(file, **LIMITS)
    assert isinstance(found, Unreadable)
    assert why in found.why


def test_of_two_that_look_alike_the_one_that_is_named_is_told(house: House) -> None:
    subject = house.sitter(1)
    requests = [house.order(subject), house.order(subject)]
    house.studio.make(requests)
    for request in requests:
        _, (own,) = asked(house, house.picture(request).file, subject)
        assert own.object == request.id
    with Image.open(io.BytesIO(house.picture(requests[0]).file)) as image:
        blurred = samples.written(image.filter(ImageFilter.GaussianBlur(8)))
    seen, owned = asked(house, blurred, subject)
    assert not seen.watermark
    assert [one.by for one in owned] == [("fingerprint",)] * 2
