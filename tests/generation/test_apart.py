# SPDX-License-Identifier: Apache-2.0
"""A program that looks at files: what becomes of it, and of whoever asks."""

import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from consent.errors import Broken
from generation import apart
from generation.apart import Apart
from tests.generation import samples

GREEN = samples.written(Image.new("RGB", (30, 20), (0, 200, 0)), "PNG")
MOST = 10_000


@pytest.fixture
def room() -> Iterator[Apart]:
    """Start a program that gives a file one second."""
    made = Apart("generation.darkroom", most=MOST, seconds=1)
    yield made
    made.stop()


def test_an_endless_answer_is_cut_off() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, ThreadPoolExecutor(1) as pool:
        pool.submit(_pour, theirs)
        assert len(apart.received(ours, MOST)) < MOST + (1 << 21)
        ours.close()


def _pour(into: socket.socket) -> None:
    try:
        while True:
            into.sendall(bytes(1 << 20))
    except OSError:
        return


def test_a_program_that_died_is_replaced(room: Apart) -> None:
    assert room.answered(GREEN)
    assert room._process is not None
    first = room._process.pid
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    assert room.answered(GREEN)
    assert room._process.pid != first


def test_it_ends_when_nobody_can_ask_any_more(room: Apart) -> None:
    assert room.answered(GREEN)
    assert room._orders is not None
    assert room._process is not None
    room._orders.close()
    assert room._process.wait(timeout=5) == 0


def test_a_fork_of_this_process_gets_a_program_of_its_own(room: Apart) -> None:
    assert room.answered(GREEN)
    child = os.fork()
    if child == 0:
        room.forget()
        fine = room.answered(GREEN)
        room.stop()
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert room.answered(GREEN)


def test_it_is_told_and_logged_where_limits_alone_hold(
    room: Apart, caplog: pytest.LogCaptureFixture
) -> None:
    assert room.filtered()
    assert caplog.messages == []
    elsewhere = Apart("tests.generation.unfiltered", most=MOST, seconds=1)
    try:
        assert elsewhere.answered(GREEN) == room.answered(GREEN)
        assert not elsewhere.filtered()
    finally:
        elsewhere.stop()
    (said,) = caplog.messages
    assert "limits alone" in said


def test_where_no_process_can_be_had_nothing_is_decoded(
    room: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart.sys, "executable", "/nowhere/python")
    with pytest.raises(Broken, match="no process"):
        room.answered(GREEN)
    monkeypatch.setattr(apart.sys, "executable", "/bin/true")
    with pytest.raises(Broken, match="does not start"):
        room.answered(GREEN)
    assert room._process is None
