# SPDX-License-Identifier: Apache-2.0
"""Have strangers' files decoded where they can do no harm: in the `darkroom`.

Rules:
1. No decoder sees a stranger's byte in this process.
2. An answer is pixels of a size that can be, or a short sentence; anything else, and no answer in
   time, is a file that cannot be decoded.
3. Without a darkroom that says that it is ready nothing is decoded: Broken(unavailable). One that
   died is replaced.
4. So many files are decoded at once and no more; others wait their turn.
"""

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent.errors import Broken
from consent.words import Reason
from generation.darkroom import HEAD, LENGTH, LONGER_SIDE, ORDER, PIXELS, READY, REFUSED, SECONDS

AT_ONCE: Final = 4
TOO_MUCH: Final = "cannot be decoded: it takes too much time or memory"
_LONGEST: Final = 200  # of a sentence, in bytes
_MOST: Final = HEAD.size + 3 * LONGER_SIDE**2
_PATIENCE: Final = 2.0  # beyond the limit: the darkroom itself ends what takes longer
_STARTING: Final = 60.0
_ROOT: Final = Path(__file__).parents[1]
_BEGIN: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generation.darkroom import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)


@dataclass(frozen=True, slots=True)
class Undecodable:
    """No pixels came of the file; `why` says so to its sender."""

    why: str


def decoded(file: bytes) -> NDArray[np.uint8] | Undecodable:
    """Turn a file into upright sRGB pixels, or say why not.

    Shapes: returns (H, W, 3) uint8 RGB, longer side at most 1400. Errors: Broken(unavailable)
    where no process can be had to do it.
    """
    return _DARKROOM.decoded(file)


def prepare() -> None:
    """Start the darkroom now, so that the first file does not wait for it.

    Errors: Broken(unavailable).
    """
    with _DARKROOM.asked():
        pass


def _received(asking: socket.socket) -> bytes:
    """Read an answer to its end, or until it is longer than any can be."""
    parts, length = [], 0
    while length <= _MOST and (part := asking.recv(1 << 20)):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _judged(answer: bytes) -> NDArray[np.uint8] | Undecodable:
    """Believe an answer as far as it can be believed."""
    if len(answer) < HEAD.size:
        return Undecodable(TOO_MUCH)
    kind, width, height = HEAD.unpack_from(answer)
    content = answer[HEAD.size :]
    if kind == REFUSED:
        said = content[:_LONGEST].decode("ascii", "replace")
        return Undecodable("".join(letter for letter in said if letter.isprintable()))
    fits = min(width, height) > 0 and max(width, height) <= LONGER_SIDE
    if kind != PIXELS or not fits or len(content) != 3 * width * height:
        return Undecodable(TOO_MUCH)
    return np.frombuffer(content, np.uint8).reshape(height, width, 3).copy()


class Darkroom:
    """The process that waits, started when it is first needed. Units: seconds, for one file."""

    def __init__(self, seconds: int = SECONDS) -> None:
        self._seconds = seconds
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None

    def decoded(self, file: bytes) -> NDArray[np.uint8] | Undecodable:
        """Do what `decoded` of this file does."""
        with self._turns, self.asked() as asking:
            asking.settimeout(self._seconds + _PATIENCE)
            try:
                asking.sendall(LENGTH.pack(len(file)))
                asking.sendall(file)
                return _judged(_received(asking))
            except OSError:  # it ended before it had read everything, or never answered
                return Undecodable(TOO_MUCH)

    @contextmanager
    def asked(self) -> Iterator[socket.socket]:
        """Hand one end of a new connection to the darkroom, and give the other."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                if not self._told(theirs):
                    self._start()
                    if not self._told(theirs):
                        raise Broken(Reason.UNAVAILABLE, "pictures cannot be decoded here now")
            yield ours

    def _told(self, theirs: socket.socket) -> bool:
        if self._orders is None:
            return False
        try:
            return socket.send_fds(self._orders, [ORDER], [theirs.fileno()]) == len(ORDER)
        except OSError:
            return False

    def _start(self) -> None:
        self.stop()
        self._orders, theirs = socket.socketpair()
        self._spawn(theirs)
        try:
            self._orders.settimeout(_STARTING)
            ready = self._orders.recv(len(READY)) == READY
            self._orders.settimeout(None)
        except OSError:
            ready = False
        if not ready:
            self.stop()
            raise Broken(Reason.UNAVAILABLE, "the process that decodes pictures does not start")

    def _spawn(self, theirs: socket.socket) -> None:
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _BEGIN, *self._given(theirs)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={},
                    cwd="/",
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except OSError as fault:
                sentence = "no process can be started that decodes pictures"
                raise Broken(Reason.UNAVAILABLE, sentence) from fault

    def _given(self, theirs: socket.socket) -> tuple[str, ...]:
        return str(_ROOT), str(theirs.fileno()), str(self._seconds)

    def stop(self) -> None:
        """End it: it does so by itself when nobody can ask any more."""
        if self._orders is not None:
            self._orders.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=self._seconds)
            self._process.kill()
            self._process.wait()
        self._orders = self._process = None

    def forget(self) -> None:
        """Leave it to the process that started it: this one is a fork of that."""
        self._turns, self._lock = threading.BoundedSemaphore(AT_ONCE), threading.Lock()
        if self._process is not None:
            self._process.returncode = 0
        if self._orders is not None:
            self._orders.close()
        self._orders = self._process = None


_DARKROOM: Final = Darkroom()
atexit.register(_DARKROOM.stop)
os.register_at_fork(after_in_child=_DARKROOM.forget)
