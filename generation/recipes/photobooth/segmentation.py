# SPDX-License-Identifier: Apache-2.0
"""Find the person in a picture: MediaPipe's selfie segmentation through OpenCV, no download."""

import hashlib
import importlib.resources
import threading

import cv2
import numpy as np

from generation.recipes import ModelFile
from generation.recipes.photobooth.geometry import Field

_FILE = "selfie_segmentation.tflite"
_SIDE = 256  # the network's input, pixels


def weights() -> bytes:
    """Read the network's file from the package data."""
    return importlib.resources.files("data").joinpath("models", _FILE).read_bytes()


def model() -> ModelFile:
    """Describe the network for the card of what touches a face."""
    return ModelFile(
        name="MediaPipe Selfie Segmentation",
        file=_FILE,
        sha256=hashlib.sha256(weights()).hexdigest(),
        licence="Apache-2.0",
        source="mediapipe 0.10.21, in data/models",
        does="tells head and hair of a selfie from its background",
    )


_loaded = threading.local()


def _network() -> cv2.dnn.Net:
    """Load the network once a thread: a forward pass keeps its buffers inside it."""
    if not hasattr(_loaded, "network"):
        model = np.frombuffer(weights(), np.uint8)
        _loaded.network = cv2.dnn.readNetFromTFLite(model, cv2.dnn.ENGINE_CLASSIC)
    network: cv2.dnn.Net = _loaded.network
    return network


def person(square: Field) -> Field:
    """Return how sure the network is of a person at each pixel of a 256 x 256 RGB picture 0..1."""
    network = _network()
    network.setInput(cv2.dnn.blobFromImage(np.asarray(square, np.float32), 1.0, (_SIDE, _SIDE)))
    return np.asarray(network.forward()[0, 0], np.float32).copy()
