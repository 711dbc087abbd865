# SPDX-License-Identifier: Apache-2.0
"""Have a stranger's file looked at by a process that can do no harm, and hear what it says of it.

Rules:
1. what looks at files is a program of its own, started when it is first needed, that waits and
   forks a confined process for each file (`darkroom`, `notary`); one that died is replaced
2. an answer is so many bytes at most, and nothing where none came in time; whether it can be
   believed is for whoever asked to judge
3. without a program that says that it is ready nothing is looked at: Broken(unavailable). One
   that says that limits alone hold it is used, and that is logged
4. so many files are looked at at once and no more; others wait their turn
"""

import atexit
import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from consent.errors import Broken
from consent.words import Reason
from generation.darkroom import LENGTH, LIMITED, ORDER, READY, SECONDS

AT_ONCE: Final = 4
_PATIENCE: Final = 2.0  # beyond the limit: the program itself ends what takes longer
_STARTING: Final = 60.0
_ROOT: Final = Path(__file__).parents[1]
_LOG: Final = logging.getLogger(__name__)
_BEGIN: Final = (
    "import sys; from importlib import import_module; sys.path.insert(0, sys.argv[1]); "
    "import_module(sys.argv[2]).main(int(sys.argv[3]), int(sys.argv[4]))"
)


def received(asking: socket.socket, most: int) -> bytes:
    """Read an answer to its end, or until it is longer than any can be."""
    parts, length = [], 0
    while length <= most and (part := asking.recv(1 << 20)):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


class Apart:
    """A program that looks at files, and its turns.

    Units: `most` is bytes of an answer, `seconds` those for one file.
    """

    def __init__(self, program: str, *, most: int, seconds: int = SECONDS) -> None:
        self._program = program
        self._most = most
        self._seconds = seconds
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._said = b""

    def answered(self, file: bytes) -> bytes:
        """Return what it says of a file; nothing where it ended, or never answered."""
        with self._turns, self.asked() as asking:
            asking.settimeout(self._seconds + _PATIENCE)
            try:
                asking.sendall(LENGTH.pack(len(file)))
                asking.sendall(file)
                return received(asking, self._most)
            except OSError:
                return b""

    @contextmanager
    def asked(self) -> Iterator[socket.socket]:
        """Hand one end of a new connection to it, and give the other."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                if not self._told(theirs):
                    self._start()
                    if not self._told(theirs):
                        raise Broken(Reason.UNAVAILABLE, "files cannot be looked at here now")
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
            self._said = self._orders.recv(len(READY))
            self._orders.settimeout(None)
        except OSError:
            self._said = b""
        if self._said not in {READY, LIMITED}:
            self.stop()
            raise Broken(Reason.UNAVAILABLE, "the process that looks at files does not start")
        if self._said == LIMITED:
            _LOG.warning("strangers' files are held by limits alone; no system call is filtered")

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
                sentence = "no process can be started that looks at files"
                raise Broken(Reason.UNAVAILABLE, sentence) from fault

    def _given(self, theirs: socket.socket) -> tuple[str, ...]:
        return str(_ROOT), self._program, str(theirs.fileno()), str(self._seconds)

    def prepare(self) -> None:
        """Start it now: the first file then does not wait. Errors: Broken(unavailable)."""
        with self.asked():
            pass

    def filtered(self) -> bool:
        """Say whether the kernel filters system calls where files are looked at.

        Errors: Broken(unavailable).
        """
        self.prepare()
        return self._said == READY

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


def kept(one: Apart) -> Apart:
    """Let a program end with this process, and leave it to this one alone when it forks."""
    atexit.register(one.stop)
    os.register_at_fork(after_in_child=one.forget)
    return one
