# SPDX-License-Identifier: Apache-2.0
"""Find the person in a picture: MediaPipe's selfie segmentation through OpenCV, no download."""

import importlib.resources
import threading

import cv2
import numpy as np

from generation.recipes.photobooth.geometry import Field

_SIDE = 256  # the network's input, pixels


def weights() -> bytes:
    """Read the network's file from the package data."""
    return (
        importlib.resources.files("data")
        .joinpath("models", "selfie_segmentation.tflite")
        .read_bytes()
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
