# SPDX-License-Identifier: Apache-2.0
"""What the confined process makes of a file; that it is confined is tried in test_decoding."""

import os
import socket
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from PIL import Image

from generation import confinement, darkroom
from tests.generation import samples


def test_an_answer_is_pixels_behind_their_size() -> None:
    file = samples.written(Image.new("RGB", (30, 20), (1, 2, 3)), "PNG")
    answer = darkroom.answer(file)
    assert darkroom.HEAD.unpack_from(answer) == (darkroom.PIXELS, 30, 20)
    assert answer[darkroom.HEAD.size :] == bytes((1, 2, 3)) * 600


def test_no_answer_is_larger_than_what_is_kept() -> None:
    kind, width, height = darkroom.HEAD.unpack_from(darkroom.answer(samples.file_of(1)))
    assert kind == darkroom.PIXELS
    assert max(width, height) == darkroom.LONGER_SIDE


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"dear sir or madam", "cannot be decoded: it is neither JPEG, PNG nor WebP"),
        (
            samples.written(Image.new("RGB", (90, 90)), "JPEG")[:300],
            "cannot be decoded: it is damaged or ends too early",
        ),
        (
            samples.written(Image.new("CMYK", (30, 20)), "JPEG"),
            "expected 8-bit RGB or grey, got CMYK",
        ),
    ],
)
def test_what_is_no_photograph_is_one_sentence(file: bytes, said: str) -> None:
    answer = darkroom.answer(file)
    assert answer[:1] == darkroom.REFUSED
    assert answer[darkroom.HEAD.size :].decode() == said


def test_warming_up_leaves_nothing_to_be_loaded() -> None:
    """What is not loaded before is refused afterwards, and would be a photograph lost."""
    import sys  # noqa: PLC0415 - looked at before and after

    darkroom._warm()
    loaded = set(sys.modules)
    for form in darkroom.FORMATS:
        darkroom.answer(samples.written(samples.image_of(1, longer=200), form))
    assert {name for name in sys.modules if "PIL" in name} <= loaded
    assert np.frombuffer(darkroom.answer(samples.file_of(1)), np.uint8).size > 100


@pytest.mark.parametrize(
    ("said", "is_so", "answer"),
    [
        (True, True, b"looked"),
        (False, False, b"looked"),
        (True, False, b""),
    ],
)
def test_nothing_is_looked_at_where_less_holds_than_was_said(
    monkeypatch: pytest.MonkeyPatch, said: bool, is_so: bool, answer: bytes
) -> None:
    monkeypatch.setattr(confinement, "limit", lambda **_: None)
    monkeypatch.setattr(confinement, "forbid", lambda: is_so)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if os.fork() == 0:
            work = partial(darkroom._work, filtered=said)
            work(socket.socket(), theirs.fileno(), 5, lambda _file: b"looked")
        theirs.close()
        ours.sendall(darkroom.LENGTH.pack(1) + b"x")
        heard = b""
        with suppress(ConnectionResetError):  # whoever ended had not read the file
            heard = ours.recv(100)
        assert heard == answer
        os.wait()
