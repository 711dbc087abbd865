# SPDX-License-Identifier: Apache-2.0
"""Files that are more than a photograph, or far more than they look: what is kept is pixels."""

import resource
import time
import warnings
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from PIL import Image

from generation import darkroom, decoding, photographs
from generation.decoding import Undecodable
from generation.photographs import Unreadable
from tests.attacks import polyglots
from tests.engine.test_canaries import forms
from tests.generation import samples
from tests.generation.test_photographs import bomb

LIMITS = {"max_bytes": 12_000_000, "max_pixels": 16_000_000}
OURS = {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDA, 0xD9}
"""The marks of a JPEG that is nothing but a picture."""


@pytest.fixture(autouse=True)
def said_by_pillow() -> Iterator[None]:
    """Let Pillow grumble about a broken index behind a photograph; it takes the photograph."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def marks(file: bytes) -> set[int]:
    """List the marks of a JPEG up to its pixels, and its last."""
    found, at = {file[1]}, 2
    while file[at + 1] != 0xDA:
        found.add(file[at + 1])
        at += 2 + int.from_bytes(file[at + 2 : at + 4], "big")
    return found | {0xDA, file[-1]}


def test_of_two_hundred_made_files_nothing_is_kept_but_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "decoded", lambda file: decoding._judged(darkroom.answer(file)))
    plain = {form: photographs.opened(polyglots.plain(form), **LIMITS) for form in polyglots.FORMS}
    made = dict(polyglots.every())
    assert len(made) >= 200
    hidden = list(forms(polyglots.WORD))
    for name, file in made.items():
        pixels = photographs.opened(file, **LIMITS)
        assert isinstance(pixels, np.ndarray), (name, pixels)
        kept = photographs.encoded(pixels)
        assert not any(form in kept for form in hidden), name
        assert marks(kept) <= OURS, name
        if "profile" not in name:
            assert np.array_equal(pixels, plain[name.partition(" ")[0]]), name


def test_the_search_finds_what_is_hidden_in_most_of_them() -> None:
    """What proves the search: all but what is packed stands in the files as they were sent."""
    hidden = list(forms(polyglots.WORD))
    carrying = [name for name, file in polyglots.every() if any(one in file for one in hidden)]
    assert len(carrying) > 190


@pytest.mark.parametrize("side", [13_000, 30_000, 65_000])
def test_a_bomb_is_refused_at_once_and_takes_no_memory(side: int) -> None:
    file = bomb(side, side)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = []
    for _ in range(5):
        began = time.process_time()
        assert isinstance(photographs.opened(file, **LIMITS), Unreadable)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_bomb_that_got_past_its_header_ends_where_it_is_decoded() -> None:
    """The header's judgement is the first line; here it is left out."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    assert isinstance(decoding.decoded(bomb(13_000, 13_000)), Undecodable)
    assert time.perf_counter() - began < 8
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.slow
@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
def test_the_largest_picture_that_is_taken_fits_the_limits(form: str) -> None:
    """Sixteen million pixels with transparency, of noise: the most work that a header allows."""
    noise = np.random.default_rng(7).integers(0, 255, (4_000, 4_000, 4), dtype=np.uint8)
    image = Image.fromarray(noise // 32 * 32)
    picture = image.convert("RGB") if form == "JPEG" else image
    file = samples.written(picture, form, **QUICKLY[form])
    pixels = photographs.opened(file, max_bytes=1 << 30, max_pixels=16_000_000)
    assert isinstance(pixels, np.ndarray), pixels


QUICKLY: Mapping[str, Mapping[str, object]] = {
    "PNG": {"compress_level": 1},
    "WEBP": {"lossless": True, "quality": 0, "method": 0},
    "JPEG": {},
}
