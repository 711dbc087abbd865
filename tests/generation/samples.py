# SPDX-License-Identifier: Apache-2.0
"""Pictures of synthetic people as they would upload them, spoilt ones, and small real recipes."""

import hashlib
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import openpeople
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from generation.recipes import CannotRender, Likeness, Row
from generation.recipes.batched import Latents, Machine, Misshapen, OutOfMemory
from generation.selfies import Attested

PEOPLE = Path(openpeople.__file__).parent / "data" / "curated"
TRUE = Attested(myself=True, adult=True)
SIZE = (512, 640)


def file_of(person: int, picture: str = "amateur_selfie") -> bytes:
    return (PEOPLE / f"P{person:03}" / "assets" / f"{picture}.jpg").read_bytes()


@cache
def small_file_of(person: int, picture: str = "amateur_selfie") -> bytes:
    """Write a person's picture at a size that is quick to open."""
    return written(image_of(person, picture, longer=900), quality=95)


def image_of(person: int, picture: str = "amateur_selfie", longer: int = 1400) -> Image.Image:
    with Image.open(io.BytesIO(file_of(person, picture))) as image:
        image.thumbnail((longer, longer))
        return image.convert("RGB")


def pixels_of(person: int, picture: str = "amateur_selfie") -> NDArray[np.uint8]:
    return np.array(image_of(person, picture))


def written(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def blurred(person: int) -> bytes:
    return written(image_of(person).filter(ImageFilter.GaussianBlur(4)))


def changed_light(person: int, factor: float) -> bytes:
    return written(image_of(person).point(lambda level: int(min(level * factor, 255))))


def two_people() -> bytes:
    pair = Image.new("RGB", (1400, 1050))
    for at, person in enumerate((1, 3)):
        pair.paste(image_of(person, longer=1050), (at * 700, 0))
    return written(pair)


def landscape() -> bytes:
    steps = np.linspace(40, 220, 600, dtype=np.uint8)
    return written(Image.fromarray(np.dstack([np.tile(steps, (400, 1))] * 3)))


def portrait_of(likeness: Likeness) -> NDArray[np.uint8]:
    """Cut the head out of a selfie: the plainest portrait that is theirs."""
    left, top, right, bottom = likeness.box
    side, across, down = right - left, (left + right) / 2, (top + bottom) / 2
    scale = 200 / side
    warp = np.array([[scale, 0, 256 - scale * across], [0, scale, 280 - scale * down]])
    return cv2.warpAffine(likeness.pixels, warp, SIZE, borderMode=cv2.BORDER_REPLICATE)


class Head:
    """A recipe that shows the selfie's head as it is."""

    id = "head"
    version = hashlib.sha256(b"head 1").hexdigest()
    scenarios = frozenset({"plain", "none"})
    size = SIZE

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        if any(row.scenario == "none" for row in rows):
            raise CannotRender("expected a scenario that can be drawn")
        return tuple(portrait_of(row.likenesses[0]) for row in rows)


class Pool:
    """A recipe whose rows share a pass: it shows heads, and remembers what it was asked.

    `fits` is the most rows that fit its device, to draw and to decode.
    """

    id = "pool"
    version = hashlib.sha256(b"pool 1").hexdigest()
    encoder = hashlib.sha256(b"pool encoder 1").hexdigest()
    scenarios = frozenset({"plain"})  # of those that it breaks on it says nothing
    size = SIZE
    batches = (1, 2, 4)
    machine = Machine(device="pool", dtype="float32", versions={"pool": "1"})

    def __init__(self, fits: int = 4, decodes: int = 4) -> None:
        self.fits, self.decodes = fits, decodes
        self.begun: list[int] = []
        self.decoded: list[Row] = []
        self.encoded = 0

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        self.encoded += 1
        return likeness.vector

    def begin(self, rows: Sequence[Row]) -> Latents:
        if len(rows) not in self.batches:
            raise Misshapen(f"expected one of {self.batches} rows, got {len(rows)}")
        if len(rows) > self.fits:
            raise OutOfMemory
        self.begun.append(len(rows))
        if any(row.scenario == "none" for row in rows):
            raise CannotRender("expected a scenario that can be drawn")
        return Latents(rows=tuple(rows), held=None)

    def finish(
        self, latents: Latents, keep: Sequence[bool]
    ) -> tuple[NDArray[np.float32] | None, ...]:
        if len(latents.rows) > self.decodes:
            raise OutOfMemory
        return tuple(
            self._decoded(row) if kept else None
            for row, kept in zip(latents.rows, keep, strict=True)
        )

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        drawn = self.finish(self.begin(rows), [True] * len(rows))
        return tuple(np.rint(one * 255).astype(np.uint8) for one in drawn if one is not None)

    def _decoded(self, row: Row) -> NDArray[np.float32]:
        self.decoded.append(row)
        picture = portrait_of(row.likenesses[0]).astype(np.float32) / 255
        if row.scenario == "blank":
            picture[0, 0, 0] = np.nan
        return picture[:8] if row.scenario == "small" else picture
