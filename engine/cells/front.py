# SPDX-License-Identifier: Apache-2.0
"""One door before all shards: each request is answered by the app of the shard that it is about.

Rules:
1. who asks is read from their token before its signature is checked: a shard checks that with a
   key of its own, so a forged one leads to a shard that refuses it
2. who asks for nobody says which shard is meant in `Onlyou-Shard`, the first one otherwise; what
   the development issuer is asked names somebody, whoever asks
3. a request to a shard that moves waits. One that failed because its shard moved meanwhile is
   asked again where it is now, if all of it is still at hand and nothing of it can have been
   written; reading and saying no, which may be said twice, in any case
4. a shard that does not arrive, or whose database is away, is unavailable; the others are not. Who
   waits for it holds no thread
5. how often somebody may ask is counted over all shards: naming another is no new start
"""

import base64
import binascii
import contextlib
import logging
import threading
import time
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs

import anyio
import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent import fencing
from consent.errors import Closed, Misused, OnlyouError
from consent.words import Subject, parse_id
from engine.api import rates
from engine.api.desk import token_of
from engine.api.rates import Rate, Rates, rate_of
from engine.api.refusals import answer_for
from engine.cells.house import Cells
from engine.rooms import Rooms
from engine.settings import Settings
from engine.web import site

HEADER: Final = "onlyou-shard"
_NAMING: Final = frozenset({"/v1/token", "/enter", "/welcome/join"})
"""Routes of the development issuer, whose body names somebody."""
_KEPT: Final = 1 << 20
"""Bytes of a request that are kept at hand to ask again."""
_LOOK: Final = 0.1
"""How long who waits for a shard leaves it alone, in seconds."""
_DIGITS: Final = 4
_FAILED: Final = 500
_PARTS: Final = 3
_TWICE: Final = frozenset({Rate.READ, Rate.LEAVE})
"""What comes to the same however often it is said."""

Build = Callable[[Rooms, Settings], ASGIApp]
T = TypeVar("T")
_log: Final = logging.getLogger(__name__)


class Front:
    """The whole installation as one application."""

    def __init__(self, cells: Cells, build: Build = site) -> None:
        self._cells = cells
        self._build = build
        self._apps: dict[int, tuple[Rooms, Any]] = {}
        self._opening = threading.Lock()
        self._rates = Rates(rates.read(cells.layout.front.rates))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the shard does."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        heard = _Heard(receive)
        try:
            number = await self._shard(scope, heard)
        except (OnlyouError, OperationalError) as failed:
            await answer_for(failed)(scope, heard, send)
        else:
            await self._answer(number, scope, heard, send)

    async def _answer(self, number: int, scope: Scope, heard: "_Heard", send: Send) -> None:
        while True:
            try:
                rooms, app = await self._patiently(partial(self._app, number))
            except (OnlyouError, OperationalError) as failed:
                await answer_for(failed)(scope, heard, send)
                return
            said, writes = _Said(send), _Writes(rate_of(scope["method"], scope["path"]))
            with fencing.behind(writes):
                await app(dict(scope), heard.again(), said)
            if not said.held:
                return
            again = heard.whole and writes.may_be_said_again
            if not again or not await run_in_threadpool(self._left, number, rooms):
                await said.release()
                return

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            try:
                await run_in_threadpool(self._open)
            except Exception as wrong:  # untold, a server takes it for no word at all, and opens
                why = wrong.sentence if isinstance(wrong, OnlyouError) else type(wrong).__name__
                await send({"type": "lifespan.startup.failed", "message": why})
                raise
            await send({"type": "lifespan.startup.complete"})
        await run_in_threadpool(self.close)
        await send({"type": "lifespan.shutdown.complete"})

    def _open(self) -> None:
        """Let each shard work from the start, if it is there; what is set up wrongly is told."""
        with contextlib.ExitStack() as begun:
            begun.callback(self.close)
            for number in range(self.shards):
                try:
                    self._app(number)
                except (Closed, OperationalError):
                    _log.warning("a shard is moving or away; it begins when somebody asks for it")
            begun.pop_all()

    @property
    def shards(self) -> int:
        """Return how many shards there are."""
        return self._cells.layout.shards

    def close(self) -> None:
        """Stop what draws in the background of every shard."""
        for _, app in self._apps.values():
            app.state.atelier.close()
        self._apps.clear()

    async def _patiently(self, ask: Callable[[], T]) -> T:
        """Ask for what a shard has until it has arrived; wait on no thread: others need them.

        Errors: Closed, after all patience; those of asking.
        """
        until = time.monotonic() + self._cells.patience
        while True:
            try:
                return await run_in_threadpool(ask)
            except Closed:
                if time.monotonic() >= until:
                    raise
            await anyio.sleep(_LOOK)

    def _app(self, number: int) -> tuple[Rooms, Any]:
        """Return the app of a shard in its present term. Errors: Closed while it is moving."""
        rooms = self._cells.rooms(number, patience=0)
        with self._opening:
            held = self._apps.get(number)
            if held is None or held[0] is not rooms:
                made: Any = self._build(rooms, rooms.settings)
                made.state.rates = self._rates
                made.state.atelier.open()
                self._apps[number] = (rooms, made)
                if held is not None:  # whose log is closed: what it draws ends in nothing
                    threading.Thread(target=held[1].state.atelier.close, daemon=True).start()
            return self._apps[number]

    def _left(self, number: int, rooms: Rooms) -> bool:
        """Say whether a shard has left; no where nobody can say, so that what it said is told."""
        with contextlib.suppress(OperationalError):
            return self._cells.has_left(number, rooms)
        return False

    # --- whom it is about

    async def _shard(self, scope: Scope, heard: "_Heard") -> int:
        request = Request(scope, heard)
        if scope["path"] in _NAMING and scope["method"] == "POST":
            named = _named(request.headers.get("content-type", ""), await heard.body())
            if named:
                return await self._patiently(partial(self._shard_named, named))
        token, _ = token_of(request)
        who = _subject(token)
        if who is not None:
            return self._cells.shard_of(who)
        said = request.headers.get(HEADER, "")
        known = said.isdecimal() and len(said) <= _DIGITS and int(said) < self.shards
        return int(said) if known else 0

    def _shard_named(self, named: str) -> int:
        """Say where somebody is who was named by id or name, or would be by that name."""
        try:
            return self._cells.shard_of(self._cells.find(named, patience=0).subject)
        except Misused:
            return self._cells.shard_of(named)


def _subject(token: str | None) -> Subject | None:
    """Read whom a token names, whether or not it is any good; None where it names nobody."""
    parts = (token or "").split(".")
    if len(parts) != _PARTS:
        return None
    with contextlib.suppress(ValueError, binascii.Error, AttributeError):
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        number = parse_id(str(claims.get("sub", "")))
        return None if number is None else Subject(number)
    return None


def _named(kind: str, body: bytes) -> str:
    """Read whom a body names: `subject` or `name`, in JSON or in a form; empty where nobody."""
    found: object = {}
    with contextlib.suppress(ValueError):
        found = orjson.loads(body) if "json" in kind else _fields(body.decode())
    told = found if isinstance(found, dict) else {}
    return str(told.get("subject") or told.get("name") or "")


def _fields(form: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(form).items()}


class _Heard:
    """What a request says, kept so that it can be said again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []
        self._size = 0
        self.whole = True

    async def __call__(self) -> Message:
        message = await self._receive()
        if self.whole and message["type"] == "http.request":
            self._kept.append(message)
        self._size += len(message.get("body", b""))
        self.whole = self._size <= _KEPT
        return message

    async def body(self) -> bytes:
        """Hear it to its end; nothing of what is longer than what is kept."""
        message: Message = {"type": "http.request", "more_body": True}
        while self.whole and message.get("more_body", False):
            message = await self()
        return b"".join(one.get("body", b"") for one in self._kept) if self.whole else b""

    def again(self) -> Receive:
        """Say it from the beginning."""
        kept = iter(tuple(self._kept))

        async def receive() -> Message:
            for message in kept:
                return message
            return await self()

        return receive


class _Writes:
    """A fence that only listens: whether a transaction of a request got as far as writing."""

    def __init__(self, rate: Rate) -> None:
        self.may_be_said_again = True
        self._twice = rate in _TWICE

    def __call__(self, _: Connection) -> None:
        self.may_be_said_again = self._twice


class _Said:
    """What an app answers: passed on at once, but for a failure, which is held."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.held: list[MutableMapping[str, Any]] = []

    async def __call__(self, message: Message) -> None:
        failed = message["type"] == "http.response.start" and message["status"] >= _FAILED
        if failed or self.held:
            self.held.append(message)
        else:
            await self._send(message)

    async def release(self) -> None:
        """Let it be answered after all."""
        for message in self.held:
            await self._send(message)
