# SPDX-License-Identifier: Apache-2.0
"""Find a face, place its five points, describe it: what every check of a likeness starts from.

The three models run on the CPU. Their files are read by path from the installed package
`face_recognition_models`, which itself cannot be imported where setuptools has no pkg_resources.
Knows nobody but the value it fills, `generation.recipes.Likeness`.
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from generation.expression import smile
from generation.recipes import Likeness

#: the detector looks at pictures of at most this longer side, in pixels
DETECTION_SIDE = 800

_PACKAGE = "face_recognition_models"
_POINTS = "shape_predictor_5_face_landmarks.dat"
_RESNET = "dlib_face_recognition_resnet_model_v1.dat"


class FaceCount(Exception):
    """A picture that was to show exactly one face shows none or several."""

    def __init__(self, found: int) -> None:
        super().__init__(f"expected exactly one face, found {found}")
        self.found = found


class ModelMissing(Exception):
    """The face models are not installed; nothing can be checked, so nothing may be made."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """Where one face is.

    Shapes: landmarks (5, 2) float32. Units: pixels of the picture it was found in.
    """

    #: left, top, right, bottom; cut to the picture
    box: tuple[int, int, int, int]
    landmarks: NDArray[np.float32]

    @property
    def side(self) -> int:
        """Say how big the face is: the shorter side of its box, in pixels."""
        left, top, right, bottom = self.box
        return min(right - left, bottom - top)

    @property
    def turn(self) -> float:
        """Say how far the face is turned: the nose's offset in eye distances, 0 = frontal."""
        eyes = np.sort_complex(_as_complex(self.landmarks[:4].reshape(2, 2, 2).mean(axis=1)))
        across = eyes[1] - eyes[0]
        nose = _as_complex(self.landmarks[4:5])[0] - eyes.mean()
        return float((nose / across).real)


class Faces:
    """The face models of this process: loaded at first use, asked by one thread at a time."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._loaded: _Models | None = None
        self._turn = threading.RLock()

    def find(self, pixels: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Find every face, the largest first.

        Shapes: pixels (H, W, 3) uint8 RGB.
        """
        small, scale = _reduced(pixels)
        with self._turn:
            detector = self._models.detector
            boxes = detector(small, 0) or detector(small, 1)
            faces = [self._face(pixels, found, scale) for found in boxes]
        return tuple(sorted(faces, key=lambda face: (-face.side, face.box)))

    def embed(self, pixels: NDArray[np.uint8], face: Face) -> NDArray[np.float32]:
        """Describe a face by a vector; two of one person lie nearer than two of different people.

        Shapes: returns (128,) float32. Units: Euclidean distances, about 0..1.
        """
        places = [dlib.point(int(x), int(y)) for x, y in face.landmarks]
        shape = dlib.full_object_detection(dlib.rectangle(*face.box), places)
        with self._turn:
            found = self._models.resnet.compute_face_descriptor(pixels, shape)
        return np.asarray(found, dtype=np.float32)

    def measure(self, pixels: NDArray[np.uint8]) -> Likeness:
        """Turn an upright photograph of one person into what the recipes draw from.

        Errors: FaceCount when it does not show exactly one face.
        """
        faces = self.find(pixels)
        if len(faces) != 1:
            raise FaceCount(len(faces))
        return self.likeness(pixels, faces[0])

    def likeness(self, pixels: NDArray[np.uint8], face: Face) -> Likeness:
        """Complete a face that was found already to a likeness."""
        return Likeness(
            pixels=pixels,
            box=face.box,
            landmarks=face.landmarks,
            vector=self.embed(pixels, face),
            smile=smile(pixels, face.landmarks),
        )

    def files(self) -> Mapping[str, str]:
        """Name the model files by their sha256, for the provenance of what they judged."""
        folder = self._folder or _installed()
        return {name: _digest(folder / name) for name in (_POINTS, _RESNET)}

    @property
    def _models(self) -> "_Models":
        with self._turn:
            if self._loaded is None:
                self._loaded = _Models(self._folder or _installed())
            return self._loaded

    def _face(self, pixels: NDArray[np.uint8], found: dlib.rectangle, scale: float) -> Face:
        corners = (found.left(), found.top(), found.right() + 1, found.bottom() + 1)
        box = dlib.rectangle(*(round(at / scale) for at in corners))
        parts = self._models.points(pixels, box).parts()
        places = np.array([(point.x, point.y) for point in parts], dtype=np.float32)
        return Face(box=_inside(box, pixels), landmarks=places)


class _Models:
    """Detector, predictor and network; they hold state while they run."""

    def __init__(self, folder: Path) -> None:
        self.detector: Any = dlib.get_frontal_face_detector()
        self.points: Any = dlib.shape_predictor(str(folder / _POINTS))
        self.resnet: Any = dlib.face_recognition_model_v1(str(folder / _RESNET))


def distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Measure how far apart two face vectors lie (Euclidean)."""
    return float(np.linalg.norm(one - other))


def _reduced(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    height, width = pixels.shape[:2]
    scale = min(1.0, DETECTION_SIDE / max(height, width))
    if scale == 1.0:
        return np.ascontiguousarray(pixels), scale
    size = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _inside(box: dlib.rectangle, pixels: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    height, width = pixels.shape[:2]
    across = max(box.left(), 0), min(box.right(), width)
    down = max(box.top(), 0), min(box.bottom(), height)
    return across[0], down[0], across[1], down[1]


def _as_complex(points: NDArray[np.float32]) -> NDArray[np.complex64]:
    return (points[:, 0] + 1j * points[:, 1]).astype(np.complex64)


def _installed() -> Path:
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelMissing(f"expected the package {_PACKAGE}, it is not installed")
    return Path(found.submodule_search_locations[0]) / "models"


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
