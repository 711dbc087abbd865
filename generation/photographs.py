# SPDX-License-Identifier: Apache-2.0
"""Open a stranger's file as pixels and nothing else.

Rules, in the order in which a file meets them:
1. Its size in bytes, its format and its dimensions are judged from the header before decoding,
   so an image bomb costs nothing.
2. One still picture in a format of photographs; no animation, no 16-bit, no print colours.
3. It is decoded in a process that can do nothing else (see `darkroom`): turned upright, brought
   to sRGB and to a bounded size; what was not a pixel is gone.

A file that breaks a rule is `unreadable`: a value, never a traceback. Knows nobody.
"""

import io
import struct
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation import darkroom, decoding
from generation.decoding import Undecodable

#: quality of the JPEG in which a photograph is kept; every colour sample is stored
QUALITY: Final = 95


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The file is no photograph that we take; `why` says so to its sender."""

    why: str


def opened(
    file: bytes, *, max_bytes: int, max_pixels: int, moving: bool = False
) -> NDArray[np.uint8] | Unreadable:
    """Open a file as an upright sRGB photograph, or say why not.

    With `moving` the first frame of a WebP that moves is taken for it: to look at, never to keep.
    Shapes: returns (H, W, 3) uint8 RGB, longer side at most 1400. Units: bytes; pixels.
    Errors: Broken(unavailable) where no process can be had to decode it.
    """
    if len(file) > max_bytes:
        return Unreadable(f"expected at most {max_bytes} bytes, got {len(file)}")
    try:
        refusal = _from_header(file, max_pixels, moving=moving)
    except Exception as fault:  # noqa: BLE001  # whatever a broken header makes a reader raise
        return Unreadable(f"cannot be decoded: {darkroom.said(fault)}")
    if refusal is not None:
        return refusal
    pixels = decoding.decoded(file)
    return Unreadable(pixels.why) if isinstance(pixels, Undecodable) else pixels


def encoded(pixels: NDArray[np.uint8]) -> bytes:
    """Write a photograph as it is kept: JPEG, without any metadata."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=QUALITY, subsampling=0)
    return file.getvalue()


def kept(file: bytes) -> NDArray[np.uint8]:
    """Read what `encoded` wrote: the same pixels each time, of a file that we made ourselves."""
    with Image.open(io.BytesIO(file), formats=("JPEG",)) as image:
        return np.array(image.convert("RGB"), dtype=np.uint8)


def fingerprint(pixels: NDArray[np.uint8]) -> int:
    """Name a picture by how it looks: 64 bits, few of which change under a re-encode.

    Shapes: pixels (H, W, 3) uint8 RGB. Source: the difference hash, 9 by 8 cells of brightness.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    cells = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    rises = (cells[:, 1:] > cells[:, :-1]).ravel()
    return int.from_bytes(np.packbits(rises).tobytes(), "big")


def _from_header(file: bytes, max_pixels: int, *, moving: bool) -> Unreadable | None:
    if file[:4] == b"RIFF" and file[8:12] == b"WEBP":
        width, height, moves = _webp(file)
        moves = moves and not moving
    else:
        width, height, moves = _still(file)
    if moves:
        return Unreadable("expected one still picture, got several frames")
    if width * height > max_pixels:
        return Unreadable(f"expected at most {max_pixels} pixels, got {width} x {height}")
    return None


def _still(file: bytes) -> tuple[int, int, bool]:
    with Image.open(io.BytesIO(file), formats=darkroom.FORMATS) as header:
        # phones put a depth map behind the photograph (MPO): the first frame is the photograph
        moving = header.format == "PNG" and getattr(header, "n_frames", 1) > 1
        return header.width, header.height, moving


def _webp(file: bytes) -> tuple[int, int, bool]:
    """Read a WebP header without Pillow, which makes room for the canvas when it opens one."""
    chunk, data = file[12:16], file[20:30]
    if chunk == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (4, 7))
        return width, height, bool(data[0] & 2)
    if chunk == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, False
    width, height = struct.unpack("<HH", data[6:10])
    return width & 0x3FFF, height & 0x3FFF, False
