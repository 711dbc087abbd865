# SPDX-License-Identifier: Apache-2.0
"""A faulty network before a server: cuts, delays, throttles, swallows, ends in the middle.

A TCP proxy on the loopback, on a thread of its own. `behave` may be changed at any time and counts
for every byte from then on; connections that are open stay open until they are cut.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

Target = str | tuple[str, int]
"""Where to go on: the path of a Unix socket, or host and port."""
_PIECE: Final = 16_384
_NEVER: Final = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How bad the network is. The plain one passes everything on at once."""

    refuses: bool = False  #: closes whatever is opened
    delay: float = 0.0  #: seconds for each piece, both ways
    rate: float = 0.0  #: bytes a second, both ways; 0 is as fast as it goes
    swallows: bool = False  #: takes everything and passes nothing on: half-open
    answers: int | None = None  #: so many bytes of answers pass, then the line is cut


WELL: Final = Behaviour()


@dataclass(slots=True)
class Proxy:
    """A running proxy."""

    target: Target
    port: int = 0
    behaviour: Behaviour = WELL
    carried: int = 0  #: bytes of answers since it behaved so
    cuts: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def behave(self, behaviour: Behaviour = WELL) -> None:
        """Be so from now on."""
        self.carried = 0
        self.behaviour = behaviour

    def cut(self) -> None:
        """Cut every line that is open."""
        self._do(self._cut())

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(timeout=10)

    async def _cut(self) -> None:
        for line in tuple(self._lines):
            line.transport.abort()
        self.cuts += 1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._lines.add(writer)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._join(reader, writer)
        finally:
            writer.transport.abort()
            self._lines.discard(writer)
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.behaviour.refuses:
            return
        there, back = await self._reach()
        self._lines.add(back)
        try:
            ways = (self._pass(reader, back, False), self._pass(there, writer, True))
            both = [asyncio.ensure_future(way) for way in ways]
            _, left = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for one in left:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        finally:
            back.transport.abort()
            self._lines.discard(back)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, str):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(*self.target)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool
    ) -> None:
        while piece := await reader.read(_PIECE):
            how = self.behaviour
            if how.swallows:
                await asyncio.sleep(_NEVER)
            if how.delay or how.rate:
                await asyncio.sleep(how.delay + (len(piece) / how.rate if how.rate else 0))
            if answers and how.answers is not None:
                piece = piece[: max(0, how.answers - self.carried)]
            writer.write(piece)
            await writer.drain()
            if answers:
                self.carried += len(piece)
                if how.answers is not None and self.carried >= how.answers:
                    self.cuts += 1
                    return

    async def _end(self) -> None:
        await self._cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextmanager
def before(target: Target) -> Iterator[Proxy]:
    """Put a proxy before a server, on a free port of the loopback."""
    proxy = Proxy(target)
    thread = threading.Thread(target=proxy._loop.run_forever, name="proxy", daemon=True)
    thread.start()
    opened = asyncio.start_server(proxy._serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(opened, proxy._loop).result(timeout=10)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy._loop.call_soon_threadsafe(server.close)
        proxy._do(proxy._end())
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)
        thread.join(timeout=10)
        proxy._loop.close()
