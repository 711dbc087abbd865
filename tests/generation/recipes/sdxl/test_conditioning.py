# SPDX-License-Identifier: Apache-2.0
"""What the adapter reads comes from one selfie's face and from nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from generation.recipes import Likeness
from generation.recipes.sdxl import conditioning, tiny
from tests.generation.recipes.sdxl import files
from tests.generation.recipes.sdxl.conftest import person

pytestmark = pytest.mark.xdist_group("torch")

#: where the eyes are in a crop for a recogniser; source in the module under test
LEFT, RIGHT = (38.3, 51.6), (73.5, 51.6)


def portrait(*, turned: float = 0.0, apart: float = 90.0, seed: int = 0) -> Likeness:
    """Paint a noisy field with a red left eye and a green right one, level or turned."""
    chance = np.random.default_rng(seed)
    field = chance.integers(60, 120, (40, 40, 3), dtype=np.uint8)
    pixels = np.asarray(cv2.resize(field, (600, 600), interpolation=cv2.INTER_CUBIC), np.uint8)
    half = np.array([np.cos(turned), np.sin(turned)]) * apart / 2
    eyes = (np.array([300, 280]) - half, np.array([300, 280]) + half)
    for eye, colour in zip(eyes, ((255, 0, 0), (0, 255, 0)), strict=True):
        cv2.circle(pixels, tuple(round(at) for at in eye), int(apart / 8), colour, -1)
    corners = [eye + side * half / 6 for eye in reversed(eyes) for side in (1, -1)]
    points = np.asarray([*corners, (300, 330)], np.float32)  # dlib begins with the other eye
    return replace(person(0), pixels=pixels, landmarks=points, conditioning=None)


@pytest.mark.parametrize("turned", [0.0, 0.5, -0.3])
@pytest.mark.parametrize("apart", [20.0, 90.0, 240.0])
def test_the_eyes_come_to_lie_level_and_where_they_belong(turned: float, apart: float) -> None:
    seen = conditioning.crop(portrait(turned=turned, apart=apart), conditioning._ARCFACE)
    assert seen.shape == (112, 112, 3)
    assert seen.dtype == np.float32
    for channel, (x, y) in enumerate((LEFT, RIGHT)):
        bright = seen[..., channel] - seen[..., 1 - channel] > 120
        down, across = np.nonzero(bright)
        assert abs(across.mean() - x) < 1.5
        assert abs(down.mean() - y) < 1.5


def test_the_tiny_encoder_tells_people_apart_and_one_person_from_nobody(
    parts: dict[str, Path],
) -> None:
    encoder = conditioning.encoder("vector", parts["encoder"] / tiny.ENCODER, "cpu")
    mine, theirs = (encoder.encode(portrait(seed=n)) for n in (1, 2))
    assert mine.shape == (512,)
    assert mine.dtype == np.float32
    assert abs(float(np.linalg.norm(mine)) - 1) < 1e-5
    assert float(mine @ theirs) < 0.9
    assert np.array_equal(mine, encoder.encode(portrait(seed=1)))
    assert not encoder.nothing().any()


def test_real_people_differ_in_the_tiny_encoder(
    parts: dict[str, Path], likeness: Callable[[int], Likeness]
) -> None:
    encoder = conditioning.encoder("vector", parts["encoder"] / tiny.ENCODER, "cpu")
    one, other = (encoder.encode(likeness(n)) for n in (1, 4))
    assert float(one @ other) < 0.9


def test_a_recogniser_of_the_operators_own_reads_the_aligned_face(tmp_path: Path) -> None:
    file = files.onnx_that_flattens(tmp_path / "face.onnx")
    encoder = conditioning.encoder("vector", file, "cpu")
    mine = encoder.encode(portrait(seed=1))
    face = conditioning.crop(portrait(seed=1), conditioning._ARCFACE).transpose(2, 0, 1)
    wanted = (face.reshape(-1)[:512] - 127.5) / 127.5
    assert np.allclose(mine, wanted / np.linalg.norm(wanted), atol=1e-6)
    assert not encoder.nothing().any()


def test_tokens_are_the_last_states_but_one_of_the_heads_crop(tmp_path: Path) -> None:
    from transformers import CLIPVisionModelWithProjection  # noqa: PLC0415 - for this test alone

    file = files.clip(tmp_path)
    encoder = conditioning.encoder("tokens", file, "cpu")
    tokens = encoder.encode(portrait(seed=1))
    assert tokens.shape == (files.TOKENS, files.WIDE)
    model = CLIPVisionModelWithProjection.from_pretrained(tmp_path, local_files_only=True)
    pixels = torch.from_numpy(_as_clip_sees(portrait(seed=1)))
    with torch.no_grad():
        states = model(pixels, output_hidden_states=True).hidden_states
    assert np.allclose(tokens, states[-2][0].numpy(), atol=1e-3)
    assert not np.allclose(tokens, states[-1][0].numpy(), atol=1e-2)
    assert not np.array_equal(tokens, encoder.encode(portrait(seed=2)))
    assert not np.array_equal(tokens, encoder.nothing())
    assert np.array_equal(encoder.nothing(), encoder.nothing())


def _as_clip_sees(likeness: Likeness) -> NDArray[np.float32]:
    from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD  # noqa: PLC0415

    side = files.SIDE
    head = conditioning.crop(likeness, conditioning._HEAD.scaled(side)) / 255
    seen = (head - np.asarray(OPENAI_CLIP_MEAN)) / np.asarray(OPENAI_CLIP_STD)
    return np.asarray(seen.transpose(2, 0, 1)[None], np.float32)


def test_the_shape_is_known_before_anything_is_opened() -> None:
    assert conditioning.shape_of("vector", {}) == (512,)
    assert conditioning.shape_of("tokens", {}) == (257, 1280)
    assert conditioning.shape_of("tokens", {"tokens": 5, "token_width": 32}) == (5, 32)


def test_an_encoder_of_no_known_kind_is_not_opened(tmp_path: Path) -> None:
    for kind, name in (("pixels", "a.onnx"), ("vector", "a.safetensors")):
        with pytest.raises(ValueError, match="expected an encoder"):
            conditioning.encoder(kind, tmp_path / name, "cpu")


def test_the_encoders_name_follows_its_files_and_its_kind() -> None:
    named = {
        conditioning.identify(kind, hashes)
        for kind in ("vector", "tokens")
        for hashes in ({"encoder/a": "1"}, {"encoder/a": "2"}, {"encoder/b": "1"})
    }
    assert len(named) == 6
    assert all(len(one) == 64 for one in named)
