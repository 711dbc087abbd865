# SPDX-License-Identifier: Apache-2.0
"""How often one person, or one address without a token, may ask: by class of route.

Rules:
1. a person is counted by their token's subject, anybody else by address (an IPv6 network of /64)
2. each class has a moving window of its own, in this process's memory
3. saying no is a class of its own: no flood of anything else keeps anybody from withdrawing,
   pausing, taking back what they show, destroying, stopping or being erased
4. every answer tells the limit and what is left; files that are everybody's are not counted
5. the windows belong to the process: where one door stands before many shards, all of them count
   in the same (`app.state.rates`), so that naming another shard gives nobody a new start
Source: draft-ietf-httpapi-ratelimit-headers-10; RFC 6585 section 4.
"""

import ipaddress
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from fastapi import Request
from limits import RateLimitItem, parse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent.clocks import Clock, SystemClock
from consent.errors import Misused
from consent.words import SECOND, Reason
from engine.api.desk import claims_of, desk_of, token_of
from engine.api.problems import Problem, Slug

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_AWAY: Final = ("/download", "/export")
"""Reading that writes: every picture that leaves is decided, logged, drawn and signed anew."""
_FILES: Final = ("/static/", "/pictures/")
_NETWORK: Final = 64
_SWEEP: Final = 1_000
"""Requests between two looks for who has been away."""


class Rate(StrEnum):
    """The classes of routes."""

    READ = "read"
    WRITE = "write"
    ACT = "act"
    UPLOAD = "upload"
    TOKEN = "token"  # noqa: S105  a class of routes
    TAKE = "take"
    LEAVE = "leave"


USUAL: Final[Mapping[Rate, str]] = MappingProxyType(
    {
        Rate.READ: "2000/second",
        Rate.WRITE: "500/second",
        Rate.ACT: "1000/second",
        Rate.UPLOAD: "120/minute",
        Rate.TOKEN: "500/second",
        Rate.TAKE: "300/minute",
        Rate.LEAVE: "100/second",
    }
)
"""A loop gone wrong is stopped, a benchmark is not: `ONLYOU_RATES` says what an installation
wants, such as `read=600/minute, upload=5/minute`."""

_BY_END: Final[Mapping[str, Rate]] = MappingProxyType(
    {
        "withdraw": Rate.LEAVE,
        "pause": Rate.LEAVE,
        "resume": Rate.LEAVE,
        "erasure": Rate.LEAVE,
        "erase": Rate.LEAVE,
        "end": Rate.LEAVE,
        "stop": Rate.LEAVE,
        "destroy": Rate.LEAVE,
        "interactions": Rate.ACT,
        "act": Rate.ACT,
        "selfies": Rate.UPLOAD,
        "verify": Rate.UPLOAD,
        "token": Rate.TOKEN,
        "enter": Rate.TOKEN,
    }
)
"""The class of a POST, by the last part of its path."""


def rate_of(method: str, path: str) -> Rate:
    """Name the class that a request counts in."""
    if method in _READING:
        return Rate.TAKE if path.endswith(_AWAY) else Rate.READ
    if method == "POST":
        return _BY_END.get(path.rpartition("/")[2], Rate.WRITE)
    return Rate.LEAVE if method == "DELETE" else Rate.WRITE


def read(told: str) -> Mapping[Rate, RateLimitItem]:
    """Read the setting: a limit for each class. Errors: Misused(unknown-key) for what is none."""
    chosen: dict[Rate, str] = dict(USUAL)
    for part in filter(None, (one.strip() for one in told.split(","))):
        name, _, limit = part.partition("=")
        if name.strip() not in set(Rate):
            known = ", ".join(Rate)
            raise Misused(Reason.UNKNOWN_KEY, f"rates: no class {name!r}; known are {known}")
        chosen[Rate(name.strip())] = limit.strip()
    return MappingProxyType({rate: _limit(rate, limit) for rate, limit in chosen.items()})


def _limit(rate: Rate, limit: str) -> RateLimitItem:
    try:
        return parse(limit)
    except ValueError as error:
        raise Misused(
            Reason.UNKNOWN_KEY, f"rates: {rate} must be such as 100/minute, got {limit!r}"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where somebody stands in a class. Units: `after` is seconds until there is more."""

    rate: Rate
    limit: RateLimitItem
    left: int
    after: int

    def headers(self) -> Mapping[str, str]:
        """Write it as the draft has it."""
        quota, seconds = self.limit.amount, self.limit.get_expiry()
        return {
            "RateLimit-Policy": f'"{self.rate}";q={quota};w={seconds}',
            "RateLimit": f'"{self.rate}";r={self.left};t={self.after}',
        }


class Rates:
    """Count requests in windows that move. Units: times are microseconds.

    `limits` reads what a limit says; its own store of moving windows starts a thread for every
    few requests, which takes longer than a page of the feed.
    """

    def __init__(self, limits: Mapping[Rate, RateLimitItem], clock: Clock | None = None) -> None:
        self._limits = limits
        self._windows: dict[tuple[Rate, str], deque[int]] = {}
        self._until_swept = _SWEEP
        self._clock = clock or SystemClock()

    def count(self, rate: Rate, who: str) -> tuple[bool, Standing]:
        """Count one request; say whether it is within its limit, and how things stand then.

        A request that is refused does not count.
        """
        limit, now = self._limits[rate], self._clock.now()
        window = self._windows.setdefault((rate, who), deque())
        start = now - limit.get_expiry() * SECOND
        while window and window[0] <= start:
            window.popleft()
        allowed = len(window) < limit.amount
        if allowed:
            window.append(now)
        after = math.ceil((window[0] - start) / SECOND) if window else 1
        self._sweep(now)
        left = limit.amount - len(window)
        return allowed, Standing(rate=rate, limit=limit, left=left, after=max(after, 1))

    def _sweep(self, now: int) -> None:
        """Forget, once in many requests, whoever has been away for longer than their window."""
        self._until_swept -= 1
        if self._until_swept > 0:
            return
        spans = {rate: limit.get_expiry() * SECOND for rate, limit in self._limits.items()}
        gone = [
            of for of, seen in self._windows.items() if not seen or seen[-1] <= now - spans[of[0]]
        ]
        for of in gone:
            del self._windows[of]
        self._until_swept = max(_SWEEP, len(self._windows))


class RateLimit:
    """Refuse what comes too fast, and tell everybody how much is left."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request and pass it on, or answer `rate-limited`."""
        if scope["type"] != "http" or str(scope["path"]).startswith(_FILES):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        rate = rate_of(request.method, str(scope["path"]))
        rates: Rates = request.app.state.rates
        allowed, standing = rates.count(rate, _who(request))
        headers = dict(standing.headers())
        answer = self.app
        if not allowed:
            headers["Retry-After"] = str(standing.after)
            answer = desk_of(request).refuse(request, _too_fast(standing))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await answer(scope, receive, told)


def _too_fast(standing: Standing) -> Problem:
    return Problem(
        Slug.RATE_LIMITED, f"Too many requests at once. Try again in {standing.after} s."
    )


def _who(request: Request) -> str:
    """Name whom a request counts for."""
    token, _ = token_of(request)
    claims = claims_of(request, token) if token else None
    if claims is not None and claims.subject is not None:
        return f"subject {claims.subject}"
    return f"address {network(request.client.host if request.client else '')}"


def network(host: str) -> str:
    """Name the network an address is of: an IPv6 host has as many addresses as it likes."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4:  # noqa: PLR2004  the protocol's number
        return host
    return str(ipaddress.ip_network(f"{address}/{_NETWORK}", strict=False))
