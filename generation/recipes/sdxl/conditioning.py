# SPDX-License-Identifier: Apache-2.0
"""Turn one selfie into what the adapter reads: a face's vector, or the tokens of a face's crop.

Rules:
1. One selfie in, one array out: nothing of anybody else, nothing of an earlier call.
2. No encoder is shipped. `vector` takes the ONNX file that the operator put beside the weights,
   `tokens` the CLIP that the adapter was trained with; the tiny model brings its own matrix.
3. All encode in float32 whatever the pictures are drawn in: what is kept outlives a card.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import Likeness
from generation.recipes.sdxl import tiny
from generation.recipes.specs import Option

_REDUCED_TO: Final = 2.0  # times the crop's scale, before the crop is taken


class Encoder(Protocol):
    """What makes conditioning of a selfie. Shapes: every answer has that of `shape_of`."""

    def encode(self, likeness: Likeness) -> NDArray[np.float32]:
        """Encode one selfie."""
        ...

    def nothing(self) -> NDArray[np.float32]:
        """Encode nobody: what guidance leads away from."""
        ...


def encoder(kind: str, file: Path, device: str) -> Encoder:
    """Open the encoder of one kind of conditioning. Errors: ValueError for another kind."""
    if kind == "tokens":
        return ClipTokens(file.parent, device)
    if kind == "vector" and file.suffix == ".onnx":
        return FaceVector(file)
    if kind == "vector" and file.name == tiny.ENCODER:
        return Projected(file)
    raise ValueError(f"expected an encoder for {kind!r}, got {file.name}")


def shape_of(kind: str, options: Mapping[str, Option]) -> tuple[int, ...]:
    """Say what one selfie becomes, without opening anything: 257 x 1280 tokens are ViT-H's."""
    if kind == "tokens":
        return int(options.get("tokens", 257)), int(options.get("token_width", 1280))
    return (tiny.LENGTH,)


def identify(kind: str, files: Mapping[str, str]) -> str:
    """Name all that turns a likeness into conditioning. Returns a sha256, hex."""
    digest = hashlib.sha256(f"{kind}\0".encode())
    for name, sha256 in sorted(files.items()):
        digest.update(f"{name}\0{sha256}\0".encode())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


class FaceVector:
    """A face recogniser of the ArcFace family: 112 x 112 pixels in, 512 numbers out, length 1."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def encode(self, likeness: Likeness) -> NDArray[np.float32]:
        """Describe the face of one selfie."""
        face = (crop(likeness, _ARCFACE) - _ARCFACE_MIDDLE) / _ARCFACE_MIDDLE
        name = self._session.get_inputs()[0].name
        found = self._session.run(None, {name: face.transpose(2, 0, 1)[None]})[0]
        return _of_length_one(np.asarray(found, np.float32).reshape(-1))

    def nothing(self) -> NDArray[np.float32]:
        """Return zeros, as the adapter was trained with."""
        return np.zeros(tiny.LENGTH, np.float32)

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 - onnxruntime has no types
        import onnxruntime  # noqa: PLC0415 - slow to load, and only this kind needs it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the order of its sums must not depend on the machine
        return onnxruntime.InferenceSession(
            str(self._file), options, providers=["CPUExecutionProvider"]
        )


class ClipTokens:
    """The last hidden states but one of a CLIP vision model: 257 x 1280 for ViT-H."""

    def __init__(self, folder: Path, device: str) -> None:
        self._folder, self._device, self._turn = folder, device, Lock()

    def encode(self, likeness: Likeness) -> NDArray[np.float32]:
        """Read the crop of one selfie's head."""
        side = self._model.config.image_size
        seen = crop(likeness, _HEAD.scaled(side)) / np.float32(255)
        return self._read((seen - _CLIP_MEAN) / _CLIP_SPREAD)

    def nothing(self) -> NDArray[np.float32]:
        """Read a picture of zeros: what the adapter of this kind was trained with for nobody."""
        side = self._model.config.image_size
        return self._read(np.zeros((side, side, 3), np.float32))

    def _read(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch  # noqa: PLC0415 - an extra

        pixels = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))
        with torch.no_grad():
            found = self._model(pixels.to(self._device), output_hidden_states=True)
        states = found.hidden_states[-2][0].float().cpu().numpy()
        return np.asarray(states, np.float32)

    @property
    def _model(self) -> Any:  # noqa: ANN401 - transformers has no types for us
        with self._turn:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:  # noqa: ANN401
        import torch  # noqa: PLC0415
        from transformers import CLIPVisionModelWithProjection  # noqa: PLC0415

        model = CLIPVisionModelWithProjection.from_pretrained(
            self._folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
        return model.eval().requires_grad_(False).to(self._device)


class Projected:
    """The tiny model's encoder: the crop's pixels times one fixed matrix. People differ in it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def encode(self, likeness: Likeness) -> NDArray[np.float32]:
        """Project the crop of one face, its own brightness and contrast left out."""
        face = crop(likeness, _ARCFACE.scaled(tiny.CROP)).reshape(-1)
        return _of_length_one(self._matrix @ _of_length_one(face - face.mean()))

    def nothing(self) -> NDArray[np.float32]:
        """Return zeros, as for every vector."""
        return np.zeros(tiny.LENGTH, np.float32)

    @cached_property
    def _matrix(self) -> NDArray[np.float32]:
        from safetensors.numpy import load_file  # noqa: PLC0415 - an extra

        return np.asarray(load_file(self._file)["projection"], np.float32)


# --- where the face is in a crop


class Place:
    """Where level eyes lie in a square crop. Units: pixels of a crop of `side`."""

    def __init__(self, *, side: int, apart: float, x: float, y: float) -> None:
        self.side, self.apart, self.x, self.y = side, apart, x, y

    def scaled(self, side: int) -> "Place":
        """Say the same of a crop of another size."""
        by = side / self.side
        return Place(side=side, apart=self.apart * by, x=self.x * by, y=self.y * by)


def crop(likeness: Likeness, place: Place) -> NDArray[np.float32]:
    """Cut the face out, its eyes level and where they belong. Shapes: (side, side, 3), 0..255.

    Of the five points only the eyes' four corners are used: the base of the nose that dlib finds
    is none of the points that recognisers are aligned by.
    """
    left, right = _eyes(likeness.landmarks)
    scale = place.apart / max(float(np.hypot(*(right - left))), 1.0)
    source, factor = _reduced(likeness.pixels, scale)
    across, middle = (right - left) * factor, (left + right) / 2 * factor
    turn = np.array([[across[0], across[1]], [-across[1], across[0]]])
    turn *= place.apart / max(float(across @ across), 1.0)
    offset = np.array([place.x, place.y]) - turn @ middle
    matrix = np.column_stack([turn, offset])
    cut = cv2.warpAffine(source, matrix, (place.side, place.side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.float32)


def _eyes(landmarks: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the middles of both eyes, the one on the picture's left first."""
    points = np.asarray(landmarks, np.float64)
    eyes = sorted((points[0:2].mean(axis=0), points[2:4].mean(axis=0)), key=lambda eye: eye[0])
    return eyes[0], eyes[1]


def _reduced(pixels: NDArray[np.uint8], scale: float) -> tuple[NDArray[np.uint8], float]:
    """Average a large selfie down first, or single pixels of it decide the crop."""
    factor = _REDUCED_TO * scale
    if factor >= 1:
        return pixels, 1.0
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), factor


def _of_length_one(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


_ARCFACE: Final = Place(side=112, apart=35.2372, x=55.9132, y=51.5989)
_ARCFACE_MIDDLE: Final = np.float32(127.5)
_HEAD: Final = Place(side=224, apart=58.0, x=112.0, y=96.0)
"""From above the hair to below the chin: eyes that far apart leave both in a square."""
_CLIP_MEAN: Final = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_CLIP_SPREAD: Final = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
