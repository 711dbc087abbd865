# SPDX-License-Identifier: Apache-2.0
"""Opening strangers' files."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from generation import darkroom, photographs
from generation.photographs import Unreadable
from tests.generation import samples

BLACK = Image.new("RGB", (300, 200))
LIMITS = {"max_bytes": 12_000_000, "max_pixels": 16_000_000}


def opened(file: bytes, **limits: int) -> Any:
    return photographs.opened(file, **(LIMITS | limits))


def marked_corner() -> Image.Image:
    """Paint a picture whose upper left corner is red."""
    image = Image.new("RGB", (300, 200), (30, 60, 90))
    image.paste((250, 10, 10), (0, 0, 60, 60))
    return image


def bomb(width: int, height: int) -> bytes:
    """Write a PNG of a few bytes that says it is huge, one bit a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes(1 + width // 8) * 64)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_header(chunk: bytes, data: bytes) -> bytes:
    body = b"WEBP" + chunk + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "huge",
    [
        bomb(13_000, 13_000),
        bomb(30_000, 30_000),
        webp_header(b"VP8X", bytes(4) + (16_000).to_bytes(3, "little") * 2),
        webp_header(b"VP8L", b"\x2f" + (16_000 | 16_000 << 14).to_bytes(4, "little") + bytes(5)),
        webp_header(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 16_000, 16_000)),
    ],
)
def test_an_image_bomb_is_refused_from_its_header(
    huge: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[bytes] = []
    monkeypatch.setattr(photographs.decoding, "decoded", decoded.append)
    assert isinstance(opened(huge), Unreadable)
    assert not decoded


def test_too_many_bytes_are_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "_from_header", None)
    refusal = opened(b"x" * 11, max_bytes=10)
    assert refusal == Unreadable("expected at most 10 bytes, got 11")


@pytest.mark.parametrize(
    ("what", "file"),
    [
        ("text", b"dear sir or madam, "),
        ("empty", b""),
        ("truncated", samples.file_of(1)[:40_000]),
        ("print colours", samples.written(marked_corner().convert("CMYK"))),
        ("16 bit", samples.written(Image.new("I;16", (300, 200)), "PNG")),
        ("another format", samples.written(marked_corner(), "GIF")),
        ("another format", samples.written(marked_corner(), "BMP")),
        (
            "animated",
            samples.written(marked_corner(), "PNG", save_all=True, append_images=[BLACK]),
        ),
        (
            "animated",
            samples.written(
                marked_corner(),
                "WEBP",
                save_all=True,
                append_images=[Image.new("RGB", (300, 200))],
            ),
        ),
        ("half a header", b"RIFF\x00\x00\x00\x00WEBPVP8X"),
    ],
)
def test_what_is_no_photograph_is_unreadable_and_never_a_traceback(what: str, file: bytes) -> None:
    assert isinstance(opened(file), Unreadable), what


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photographs_of_three_formats_are_taken(kind: str) -> None:
    pixels = opened(samples.written(marked_corner(), kind))
    assert pixels.shape == (200, 300, 3)
    assert pixels.dtype == np.uint8


def test_a_grey_photograph_is_taken_in_grey() -> None:
    pixels = opened(samples.written(marked_corner().convert("L")))
    assert pixels.shape == (200, 300, 3)
    assert np.ptp(pixels.astype(int), axis=2).max() == 0


def test_of_a_phones_picture_with_a_depth_map_behind_it_the_photograph_is_taken() -> None:
    file = samples.written(marked_corner(), "MPO", save_all=True, append_images=[BLACK])
    assert opened(file)[20, 20, 0] > 200


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_header_is_read_as_pillow_reads_it(lossless: bool) -> None:
    file = samples.written(marked_corner(), "WEBP", lossless=lossless)
    assert photographs._webp(file) == (300, 200, False)
    assert isinstance(opened(file, max_pixels=300 * 200 - 1), Unreadable)
    assert not isinstance(opened(file, max_pixels=300 * 200), Unreadable)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_photograph_is_turned_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = marked_corner()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    turned = upright.transpose(undo[orientation]) if orientation > 1 else upright
    pixels = opened(samples.written(turned, exif=exif, quality=95))
    assert pixels.shape == (200, 300, 3)
    assert pixels[20, 20, 0] > 200 > pixels[180, 280, 0]


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "CANARY of a description"
    file = samples.written(marked_corner(), exif=exif, comment=b"CANARY of a comment")
    assert b"CANARY" in file
    kept = photographs.encoded(opened(file))
    assert b"CANARY" not in kept
    assert b"Exif" not in kept


def test_a_big_photograph_is_brought_to_a_bounded_size() -> None:
    pixels = opened(samples.file_of(1))
    assert max(pixels.shape[:2]) == darkroom.LONGER_SIDE


def test_what_lay_behind_transparency_stays_hidden() -> None:
    image = marked_corner().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    pixels = opened(samples.written(image, "PNG"))
    assert (pixels == 128).all()


def test_colours_of_another_profile_are_brought_to_srgb() -> None:
    image = Image.new("RGB", (300, 200), (200, 120, 90))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"@@@@").replace(b"bXYZ", b"rXYZ").replace(b"@@@@", b"bXYZ")
    red_is_blue = opened(samples.written(image, "PNG", icc_profile=swapped))
    assert np.abs(red_is_blue.astype(int) - (90, 120, 200)).max() <= 1
    broken = opened(samples.written(image, "PNG", icc_profile=b"no profile"))
    assert (broken == (200, 120, 90)).all()


def test_a_kept_photograph_reads_the_same_each_time() -> None:
    kept = photographs.encoded(samples.pixels_of(1))
    assert np.array_equal(photographs.kept(kept), photographs.kept(kept))
    assert photographs.kept(kept).shape == samples.pixels_of(1).shape


def test_a_fingerprint_survives_a_re_encode_and_tells_pictures_apart() -> None:
    pixels = samples.pixels_of(1)
    with Image.open(
        io.BytesIO(samples.written(samples.image_of(1, longer=500), quality=60))
    ) as few:
        again = np.array(few.convert("RGB"))
    near = photographs.fingerprint(pixels) ^ photographs.fingerprint(again)
    far = photographs.fingerprint(pixels) ^ photographs.fingerprint(samples.pixels_of(2))
    assert near.bit_count() <= 4 < far.bit_count()
