# SPDX-License-Identifier: Apache-2.0
"""A load of HTTP requests on a few keep-alive connections, from a process of its own.

`loaded` starts one client: each connection sends its next request when the answer to the last one
is whole. Raw sockets under asyncio, no HTTP library: the client must not be what is measured, so
`echoing` serves a canned answer, against which the client's own ceiling is taken.
"""

import asyncio
import json
import subprocess
import sys
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

MARK: Final = "@" * 12
"""Stands in a request where a number goes that no request before it had."""
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one load saw. Units: seconds, and microseconds for each request's answer."""

    seconds: float
    took: Sequence[float]
    imagined: int  #: answers with an imagined item in them
    failed: int  #: answers other than 200

    @property
    def rate(self) -> float:
        """Tell how many requests a second were answered."""
        return len(self.took) / self.seconds

    def at(self, share: float) -> float:
        """Tell the time within which this share of requests was answered, in milliseconds."""
        return percentile(self.took, share)


def percentile(took: Sequence[float], share: float) -> float:
    """Take the nearest rank. Units: microseconds in, milliseconds out."""
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1_000


def request(path: str, token: str, body: str | None = None) -> str:
    """Write one request; a body may hold `MARK`."""
    head = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: {HOST}"]
    head += [f"Authorization: Bearer {token}"] if token else []
    if body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*head, "", body or ""])


def loaded(
    port: int, requests: Sequence[str], *, seconds: float, connections: int = 16, first: int = 0
) -> Run:
    """Send requests in turn for some seconds from a process of its own; `first` numbers marks."""
    asked = json.dumps([port, list(requests), seconds, connections, first])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=asked,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    spent, took, imagined, failed = json.loads(done.stdout)
    return Run(seconds=spent, took=took, imagined=imagined, failed=failed)


# --- the client's process


@dataclass(slots=True)
class _Seen:
    """What all connections have seen together."""

    requests: list[bytes]
    marked: bool
    until: float
    sent: int
    took: array = field(default_factory=lambda: array("d"))
    imagined: int = 0
    failed: int = 0

    def next(self) -> bytes:
        """Take the next request in turn."""
        number, self.sent = self.sent, self.sent + 1
        one = self.requests[number % len(self.requests)]
        return one.replace(MARK.encode(), b"%012d" % number) if self.marked else one


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a request, its whole answer, the next request."""

    def __init__(self, seen: _Seen, over: asyncio.Future[None]) -> None:
        self._seen, self._over = seen, over
        self._answer = b""
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._began = perf_counter()
        self._transport.write(self._seen.next())

    def data_received(self, data: bytes) -> None:
        self._answer = self._answer + data if self._answer else data
        if not self._length:
            end = self._answer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._answer[:end].lower()
            at = head.index(b"content-length:") + 15
            self._length = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        if len(self._answer) >= self._length:
            self._answered()

    def _answered(self) -> None:
        now, seen = perf_counter(), self._seen
        seen.took.append((now - self._began) * 1_000_000)
        seen.failed += not self._answer.startswith(b"HTTP/1.1 200")
        seen.imagined += b'"imagined"' in self._answer
        self._answer, self._length = b"", 0
        if now < seen.until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._over.done():
            self._over.set_result(None)


async def _load(
    port: int, requests: list[str], seconds: float, connections: int, first: int
) -> None:
    loop, began = asyncio.get_running_loop(), perf_counter()
    written = [one.encode() for one in requests]
    seen = _Seen(written, any(MARK in one for one in requests), began + seconds, first)
    over = [loop.create_future() for _ in range(connections)]
    for one in over:
        await loop.create_connection(lambda ends=one: _Connection(seen, ends), HOST, port)
    await asyncio.gather(*over)
    spent = perf_counter() - began
    print(json.dumps([spent, seen.took.tolist(), seen.imagined, seen.failed]))


# --- what shows how fast the client is


class _Echo(asyncio.Protocol):
    """Answer whatever comes with the same bytes."""

    answer: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, _data: bytes) -> None:
        self._transport.write(self.answer)


async def _echo(length: int) -> None:
    _Echo.answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (length, b"x" * length)
    server = await asyncio.get_running_loop().create_server(_Echo, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def echoing(length: int) -> Iterator[int]:
    """Serve a canned answer of so many bytes from a process of its own; give its port."""
    command = [sys.executable, "-m", "benchmarks.load", str(length)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield int(server.stdout.readline())
        server.terminate()


if __name__ == "__main__":
    asyncio.run(_echo(int(sys.argv[1])) if sys.argv[1:] else _load(*json.load(sys.stdin)))
