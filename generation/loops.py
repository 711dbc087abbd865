# SPDX-License-Identifier: Apache-2.0
"""A picture that moves as a file: a WebP that begins again where it ended.

Rules:
1. every frame carries the watermark before it comes here; quality is never lowered so far that it
   would not be read again (docs/provenance.md)
2. the file names its source type in XMP, as a still does; its credential comes after, like any
3. a page shows the first frame to whoever wants nothing to move: the picture at rest
Sixteen frames of 512 x 640 shown for an eighth of a second each: two seconds, calm.
"""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation import provenance
from generation.frames import to_and_fro

MEDIA_TYPE: Final = "image/webp"
EACH_MS: Final = 125
#: no file is larger, as long as the lowest quality allows it
MOST_BYTES: Final = 1_000_000
QUALITIES: Final = (80, 72, 64)


def marked(frames: NDArray[np.uint8], source_type: str = provenance.SOURCE_TYPE) -> bytes:
    """Write frames as a file that loops: its source type said, everything else left out.

    Shapes: frames (an odd number, H, W, 3) uint8 RGB; returns a WebP.
    """
    return written([frames[at] for at in to_and_fro(len(frames))], source_type)


def written(frames: Sequence[NDArray[np.uint8]], source_type: str) -> bytes:
    """Write frames as they are shown, one after the other. Shapes: each (H, W, 3) uint8 RGB."""
    file = b""
    for quality in QUALITIES:
        file = _encoded(frames, source_type, quality)
        if len(file) <= MOST_BYTES:
            break
    return file


def shown(file: bytes) -> NDArray[np.uint8]:
    """Read a file of ours as it is shown. Shapes: (frames shown, H, W, 3) uint8 RGB."""
    with Image.open(io.BytesIO(file), formats=("WEBP",)) as image:
        return np.stack([_frame(image, at) for at in range(getattr(image, "n_frames", 1))])


def first(file: bytes) -> NDArray[np.uint8]:
    """Read the first frame of a file of ours: the picture at rest. Shapes: (H, W, 3)."""
    with Image.open(io.BytesIO(file), formats=("WEBP",)) as image:
        return _frame(image, 0)


def _encoded(frames: Sequence[NDArray[np.uint8]], source_type: str, quality: int) -> bytes:
    one, *others = map(Image.fromarray, frames)
    file = io.BytesIO()
    one.save(
        file,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=EACH_MS,
        loop=0,
        quality=quality,
        method=4,
        xmp=provenance.xmp(source_type),
    )
    return file.getvalue()


def _frame(image: Image.Image, at: int) -> NDArray[np.uint8]:
    image.seek(at)
    return np.array(image.convert("RGB"), dtype=np.uint8)
