# SPDX-License-Identifier: Apache-2.0
"""Which selfies are taken, and why not."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from consent.errors import Broken
from consent.policy import SelfieRules
from consent.words import Reason
from generation import parcels, selfies
from generation.faces import Face, Faces
from generation.moderation import OpenNsfw
from generation.parcels import Parcel
from generation.recipes import Likeness
from generation.selfies import Accepted, Attested, Rejected
from tests.generation import samples

Examine = Callable[..., list[Reason | None]]


@pytest.fixture
def examine(faces: Faces, scorer: OpenNsfw, rules: SelfieRules) -> Examine:
    """Judge files and give their reasons, None for an accepted one."""

    def reasons(
        *files: bytes, attested: Attested = samples.TRUE, **changed: object
    ) -> list[object]:
        under = replace(rules, **changed)
        judged = selfies.examine(files, attested, under, faces=faces, scorer=scorer)
        return [one.reason if isinstance(one, Rejected) else None for one in judged]

    return reasons


@pytest.mark.parametrize("person", range(1, 11))
def test_an_honest_selfie_and_a_portrait_of_anybody_are_taken(
    examine: Examine, person: int
) -> None:
    files = (samples.file_of(person), samples.file_of(person, "studio_portrait"))
    assert examine(*files) == [None, None]


def faint() -> bytes:
    return samples.written(samples.image_of(1, longer=340))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (lambda: b"dear sir or madam", Reason.UNREADABLE),
        (samples.landscape, Reason.NO_FACE),
        (samples.two_people, Reason.MULTI_FACE),
        (lambda: samples.file_of(1, "emotions_sheet"), Reason.MULTI_FACE),
        (faint, Reason.TOO_SMALL),
        (lambda: samples.blurred(1), Reason.BLURRED),
        (lambda: samples.changed_light(1, 0.2), Reason.DARK),
        (lambda: samples.changed_light(1, 1.6), Reason.DARK),
    ],
)
def test_each_fault_has_its_reason(
    examine: Examine, file: Callable[[], bytes], reason: Reason
) -> None:
    assert examine(file()) == [reason]


def test_dim_light_on_dark_skin_is_no_fault(examine: Examine) -> None:
    assert examine(samples.changed_light(9, 0.5)) == [None]


@pytest.mark.parametrize("side", [263, 264])
def test_the_smallest_face_is_the_policys(examine: Examine, faces: Faces, side: int) -> None:
    (face,) = faces.find(samples.pixels_of(1))
    expected = [None] if side <= face.side else [Reason.TOO_SMALL]
    assert examine(samples.file_of(1), face_pixels=side) == expected


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"sharpness": 1e9}, Reason.BLURRED),
        ({"brightness_low": 0.99}, Reason.DARK),
        ({"brightness_high": 0.1}, Reason.DARK),
        ({"nsfw_limit": 0.0}, Reason.NSFW),
        ({"yaw_limit": 0.0}, Reason.NO_FACE),
        ({"max_bytes": 1_000}, Reason.UNREADABLE),
        ({"max_pixels": 1_000}, Reason.UNREADABLE),
    ],
)
def test_every_figure_is_the_policys(
    examine: Examine, changed: dict[str, float], reason: Reason
) -> None:
    assert examine(samples.file_of(1), **changed) == [reason]


@pytest.mark.parametrize(
    ("attested", "needs", "reason"),
    [
        (Attested(myself=False, adult=True), {}, Reason.ATTESTATION_MISSING),
        (Attested(myself=True, adult=False), {}, Reason.ATTESTATION_MISSING),
        (Attested(myself=False, adult=True), {"attest_self": False}, None),
        (Attested(myself=True, adult=False), {"attest_adult": False}, None),
    ],
)
def test_nothing_is_looked_at_before_the_person_attests_what_the_policy_asks(
    examine: Examine, attested: Attested, needs: dict[str, bool], reason: Reason | None
) -> None:
    assert examine(samples.file_of(1), attested=attested, **needs) == [reason]


def test_the_same_picture_twice_is_a_duplicate_even_re_encoded(examine: Examine) -> None:
    again = samples.written(samples.image_of(1, longer=1000), quality=70)
    other = samples.file_of(1, "studio_portrait")
    assert examine(samples.file_of(1), other, again) == [None, None, Reason.DUPLICATE]


def test_a_stranger_among_three_is_the_one_that_is_rejected(examine: Examine) -> None:
    files = (
        samples.file_of(1),
        samples.file_of(3, "studio_portrait"),
        samples.file_of(1, "studio_portrait"),
    )
    assert examine(*files) == [None, Reason.DIFFERENT_PERSON, None]


def test_of_two_different_people_nobody_can_say_which_one_it_is(examine: Examine) -> None:
    files = (samples.file_of(1), samples.file_of(3))
    assert examine(*files) == [Reason.DIFFERENT_PERSON] * 2
    assert examine(*files, same_person_distance=2.0) == [None, None]


def test_a_rejected_file_does_not_count_among_the_faces(examine: Examine) -> None:
    files = (samples.file_of(1), samples.blurred(3))
    assert examine(*files) == [None, Reason.BLURRED]


class Broke:
    """A model that cannot answer."""

    def score(self, pixels: NDArray[np.uint8]) -> float:
        raise RuntimeError(pixels.shape)

    def files(self) -> dict[str, str]:
        return {}


def test_a_model_that_breaks_lets_nothing_in(faces: Faces, rules: SelfieRules) -> None:
    (judged,) = selfies.examine(
        [samples.file_of(1)], samples.TRUE, rules, faces=faces, scorer=Broke()
    )
    assert judged == Rejected(Reason.UNAVAILABLE)


def test_a_likeness_comes_back_from_its_parcel(likeness: Callable[[int], Likeness]) -> None:
    one = likeness(1)
    content = selfies.pack(one)
    again = selfies.unpack(content)
    assert again.box == one.box
    assert again.smile == one.smile
    assert np.array_equal(again.vector, one.vector)
    assert np.array_equal(again.landmarks, one.landmarks)
    assert again.vector.dtype == again.landmarks.dtype == np.float32
    assert again.pixels.shape == one.pixels.shape
    assert np.abs(again.pixels.astype(int) - one.pixels).mean() < 2
    assert selfies.pack(one) == content


def test_what_was_accepted_is_what_is_sealed(
    faces: Faces, scorer: OpenNsfw, rules: SelfieRules
) -> None:
    (judged,) = selfies.examine(
        [samples.file_of(1)], samples.TRUE, rules, faces=faces, scorer=scorer
    )
    assert isinstance(judged, Accepted)
    assert np.array_equal(selfies.unpack(judged.content).vector, judged.likeness.vector)


def test_other_bytes_are_no_likeness() -> None:
    other = parcels.encode(Parcel(kind="portrait/1", facts={}, picture=b""))
    with pytest.raises(Broken):
        selfies.unpack(other)


def test_selfies_of_two_uploads_must_agree(likeness: Callable[[int], Likeness]) -> None:
    one, other = likeness(1), likeness(3)
    assert selfies.agreeing([one], 0.5) == (one,)
    assert selfies.agreeing([one, one, other], 0.5) == (one, one)
    assert selfies.agreeing([one, other], 0.5) == ()
    assert selfies.agreeing([], 0.5) == ()


def test_sharpness_and_brightness_are_told_on_the_face_alone(faces: Faces) -> None:
    pixels = samples.pixels_of(1)
    (face,) = faces.find(pixels)
    left, top, right, bottom = face.box
    dark = np.zeros_like(pixels)
    dark[top:bottom, left:right] = pixels[top:bottom, left:right]
    assert selfies.brightness(dark, face) == selfies.brightness(pixels, face)
    assert selfies.sharpness(dark, face) == selfies.sharpness(pixels, face)


@pytest.mark.parametrize("factor", [0.7, 0.5, 0.3])
def test_less_light_or_darker_skin_is_no_blur(faces: Faces, factor: float) -> None:
    pixels = samples.pixels_of(7)
    (face,) = faces.find(pixels)
    dark = (pixels * factor).astype(np.uint8)
    ratio = selfies.sharpness(dark, face) / selfies.sharpness(pixels, face)
    assert ratio == pytest.approx(1, abs=0.1)


def test_a_blurred_face_is_blurred_in_any_light(faces: Faces, rules: SelfieRules) -> None:
    pixels = samples.pixels_of(7)
    (face,) = faces.find(pixels)
    for factor in (1.0, 0.5, 0.3):
        soft = cv2.GaussianBlur((pixels * factor).astype(np.uint8), (0, 0), 4)
        assert selfies.sharpness(soft, face) < rules.sharpness


def test_a_big_face_is_no_sharper_for_being_big(faces: Faces) -> None:
    pixels = samples.pixels_of(1)
    (face,) = faces.find(pixels)
    half = np.array(samples.image_of(1, longer=700))
    left, top, right, bottom = (at // 2 for at in face.box)
    small = Face(box=(left, top, right, bottom), landmarks=face.landmarks / 2)
    ratio = selfies.sharpness(half, small) / selfies.sharpness(pixels, face)
    assert 0.4 < ratio < 2.5


def test_every_rejection_comes_with_advice() -> None:
    told = {
        *(Reason.ATTESTATION_MISSING, Reason.UNREADABLE, Reason.NO_FACE, Reason.MULTI_FACE),
        *(Reason.TOO_SMALL, Reason.BLURRED, Reason.DARK, Reason.NSFW, Reason.UNAVAILABLE),
        *(Reason.DUPLICATE, Reason.DIFFERENT_PERSON, Reason.QUOTA, Reason.SELFIES_REQUIRED),
    }
    assert set(selfies.ADVICE) == told
    assert all(sentence.endswith(".") for sentence in selfies.ADVICE.values())
