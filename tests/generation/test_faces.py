# SPDX-License-Identifier: Apache-2.0
"""Finding, placing and describing faces."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from generation import faces as room
from generation.faces import Face, FaceCount, Faces, ModelMissing, distance
from generation.photographs import opened
from generation.recipes import Likeness
from tests.generation import samples


def test_a_face_is_found_inside_the_picture_with_its_points_inside_its_box(faces: Faces) -> None:
    pixels = samples.pixels_of(1)
    (face,) = faces.find(pixels)
    left, top, right, bottom = face.box
    assert 0 <= left < right <= pixels.shape[1]
    assert 0 <= top < bottom <= pixels.shape[0]
    assert (face.landmarks > (left, top)).all()
    assert (face.landmarks < (right, bottom)).all()


def test_a_small_face_is_found_by_looking_twice(faces: Faces) -> None:
    small = np.array(samples.image_of(1, longer=200))
    (face,) = faces.find(small)
    assert face.side < 60


def test_a_face_cut_by_the_edge_keeps_its_box_inside_the_picture(faces: Faces) -> None:
    (whole,) = faces.find(samples.pixels_of(2, "studio_portrait"))
    cut = np.ascontiguousarray(
        samples.pixels_of(2, "studio_portrait")[:, whole.box[0] + whole.side // 8 :]
    )
    assert all(face.box[0] >= 0 for face in faces.find(cut))


@pytest.mark.parametrize(("picture", "count"), [(samples.landscape, 0), (samples.two_people, 2)])
def test_only_one_face_can_be_measured(
    faces: Faces, picture: Callable[[], bytes], count: int
) -> None:
    pixels = opened(picture(), max_bytes=10**8, max_pixels=10**8)
    assert isinstance(pixels, np.ndarray)
    with pytest.raises(FaceCount) as caught:
        faces.measure(pixels)
    assert caught.value.found == count


def test_the_same_person_is_nearer_than_another(
    faces: Faces, likeness: Callable[[int], Likeness]
) -> None:
    again = faces.measure(samples.pixels_of(1, "studio_portrait")).vector
    assert (
        distance(likeness(1).vector, again)
        < 0.5
        < distance(likeness(1).vector, likeness(3).vector)
    )


def test_two_threads_get_the_answers_of_one(faces: Faces) -> None:
    people = (1, 2, 3, 5)
    pictures = [samples.pixels_of(person) for person in people]
    alone = [faces.measure(pixels).vector for pixels in pictures]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda pixels: faces.measure(pixels).vector, pictures))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize(("nose", "turn"), [(0, 0.0), (25, 0.25), (-50, -0.5)])
def test_the_turn_of_a_head_is_told_in_eye_distances(nose: int, turn: float) -> None:
    points = [(140, 0), (160, 0), (40, 0), (60, 0), (100 + nose, 70)]
    face = Face(box=(0, 0, 200, 200), landmarks=np.array(points, dtype=np.float32))
    assert face.turn == pytest.approx(turn)


def test_a_tilted_head_is_not_a_turned_one() -> None:
    points = np.array([(-50, 0), (-30, 0), (30, 0), (50, 0), (0, 60)], dtype=np.float32)
    tilt = np.array([[0.8, -0.6], [0.6, 0.8]], dtype=np.float32)
    face = Face(box=(0, 0, 9, 9), landmarks=points @ tilt.T)
    assert face.turn == pytest.approx(0.0, abs=1e-6)


def test_the_model_files_are_named_by_their_hash(faces: Faces) -> None:
    assert {len(digest) for digest in faces.files().values()} == {64}
    assert not any("68" in name for name in faces.files())


def test_missing_models_are_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "find_spec", lambda _: None)
    with pytest.raises(ModelMissing):
        Faces().find(np.zeros((100, 100, 3), dtype=np.uint8))


def test_models_can_lie_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        Faces(tmp_path).find(np.zeros((100, 100, 3), dtype=np.uint8))
