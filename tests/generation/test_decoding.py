# SPDX-License-Identifier: Apache-2.0
"""Decoding where it can do no harm: what comes back, and what becomes of who never does."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation import darkroom, decoding
from generation.apart import Apart
from generation.darkroom import HEAD, LONGER_SIDE, PIXELS, REFUSED
from generation.decoding import TOO_MUCH, Darkroom, Undecodable
from tests.generation import samples

GREEN = samples.written(Image.new("RGB", (30, 20), (0, 200, 0)), "PNG")


@pytest.fixture
def impatient() -> Iterator[Darkroom]:
    """Start a darkroom that gives a file one second."""
    room = Darkroom(seconds=1)
    yield room
    room.stop()


def pid(room: Apart) -> int:
    assert room._process is not None
    return room._process.pid


def status(of: int) -> dict[str, str]:
    lines = Path(f"/proc/{of}/status").read_text("ascii").splitlines()
    return {name: said.strip() for name, _, said in (line.partition(":") for line in lines)}


def test_pixels_come_back_as_they_would_be_here() -> None:
    file = samples.file_of(1)
    pixels = decoding.decoded(file)
    assert isinstance(pixels, np.ndarray)
    assert pixels.tobytes() == darkroom.answer(file)[HEAD.size :]
    assert pixels.flags.writeable


def test_the_kernel_filters_the_calls_of_whoever_decodes_here() -> None:
    assert decoding.filtered()


def test_what_cannot_be_decoded_says_why() -> None:
    assert decoding.decoded(b"x") == Undecodable(
        "cannot be decoded: it is neither JPEG, PNG nor WebP"
    )


def test_who_takes_too_long_is_ended_and_the_next_is_served(impatient: Darkroom) -> None:
    with impatient.asked() as stuck:
        stuck.sendall(darkroom.LENGTH.pack(1 << 40) + b"and then nothing")
        began = time.monotonic()
        stuck.settimeout(10)
        assert stuck.recv(1) == b""
    assert time.monotonic() - began > 0.5
    assert isinstance(impatient.decoded(GREEN), np.ndarray)


def test_it_inherits_nothing_and_is_nobody(impatient: Darkroom) -> None:
    impatient.decoded(GREEN)
    proc = Path(f"/proc/{pid(impatient)}")
    assert proc.joinpath("environ").read_bytes() == b""
    held = sorted(str(one.readlink()) for one in proc.joinpath("fd").iterdir())
    assert held[:3] == ["/dev/null"] * 3
    assert [one.partition(":")[0] for one in held[3:]] == ["socket"]
    assert "0" not in status(pid(impatient))["Uid"].split() or os.geteuid() != 0


def test_each_file_has_a_process_of_its_own_that_is_confined(impatient: Darkroom) -> None:
    """Look at one that waits for the rest of its file."""
    impatient.decoded(GREEN)
    with impatient.asked() as stuck:
        stuck.sendall(darkroom.LENGTH.pack(99))
        found = at_work(impatient)
        limits = Path(f"/proc/{found}/limits").read_text("ascii")
        if status(found).get("Seccomp") is not None:
            assert status(found)["Seccomp"] == "2"
            assert status(found)["NoNewPrivs"] == "1"
    said = {line[:25].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert said["Max open files"] == ["0", "0"]
    assert said["Max address space"] == [str(darkroom.MEMORY)] * 2
    assert said["Max core file size"] == ["0", "0"]


def at_work(room: Apart) -> int:
    """Name the process that has a file, once it is confined."""
    children = Path(f"/proc/{pid(room)}/task/{pid(room)}/children")
    for _ in range(200):
        for one in children.read_text("ascii").split():
            limits = Path(f"/proc/{one}/status").read_text("ascii")
            if "Seccomp:\t2" in limits or "Seccomp" not in limits:
                return int(one)
        time.sleep(0.01)
    raise AssertionError("nobody is at work")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        HEAD.pack(PIXELS, 2, 2)[:-1],
        HEAD.pack(PIXELS, 2, 2) + bytes(11),
        HEAD.pack(PIXELS, 2, 2) + bytes(13),
        HEAD.pack(PIXELS, 0, 2),
        HEAD.pack(PIXELS, LONGER_SIDE + 1, 1) + bytes(3 * LONGER_SIDE + 3),
        HEAD.pack(b"X", 2, 2) + bytes(12),
    ],
)
def test_an_answer_that_cannot_be_is_not_believed(answer: bytes) -> None:
    assert decoding._judged(answer) == Undecodable(TOO_MUCH)


def test_what_is_said_is_short_and_plain() -> None:
    said = decoding._judged(HEAD.pack(REFUSED, 0, 0) + b"a\x1b[31m\n\xff" + b"b" * 9_000)
    assert isinstance(said, Undecodable)
    assert len(said.why) < 250
    assert said.why.isprintable()


def test_many_at_once_get_each_their_own() -> None:
    shades = range(0, 240, 20)
    files = [samples.written(Image.new("RGB", (9, 9), (one, 0, 0)), "PNG") for one in shades]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(decoding.decoded, files))
    assert [int(one[0, 0, 0]) for one in found if isinstance(one, np.ndarray)] == list(shades)


def test_it_can_be_started_before_anybody_asks() -> None:
    decoding.prepare()
    assert decoding._DARKROOM._process is not None
