# SPDX-License-Identifier: Apache-2.0
"""Where this process may call, and nowhere else.

Rules:
1. what may be called follows from the settings: the database, the bucket, the witnesses, Ray where
   it is used, and what the setting `egress` adds; `*` there is anywhere, and said aloud
2. Python's own sockets are refused every other place, by name before it is looked up and by
   address, and where only this machine gets if its name led to the public before; sockets of the
   machine itself (Unix) are not the network
3. the kernel, where it can, refuses whatever runs here every other port (`sealing`): also what is
   not Python. Not where Ray is, whose processes find each other on ports of their own
4. UDP of libraries that are not Python is refused by nobody here: for that there is the network
   that the process is put into (docs/operations.md)
"""

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import make_url
from typing_extensions import override

from consent import quorum
from consent.errors import Misused
from consent.words import Reason
from engine import sealing
from engine.settings import Settings

ANYWHERE: Final = "*"
_PORTS: Final = {"http": 80, "https": 443, "postgresql": 5432, "ray": 10001}
_TOLD: Final = logging.getLogger(__name__)
_LOOKS_UP: Final = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_CALLS: Final = {"socket.connect", "socket.sendto", "socket.sendmsg"}

Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """Where a process may call."""

    places: frozenset[Place]
    #: every port of this machine
    loopback: bool = False
    anywhere: bool = False

    @property
    def ports(self) -> frozenset[int]:
        """Return the ports of all places."""
        return frozenset(port for _, port in self.places)

    @override
    def __str__(self) -> str:
        """Say it for whoever runs the installation."""
        if self.anywhere:
            return "anywhere"
        said = [f"{host}:{port}" for host, port in sorted(self.places)]
        return ", ".join([*said, *(["this machine"] if self.loopback else [])]) or "nowhere"


def reachable(chosen: Settings) -> Reachable:
    """Say where the settings need to call. Errors: Misused(unknown-key) for what is no place."""
    added = [one.strip() for one in chosen.egress.split(",") if one.strip()]
    places = {_place(one) for one in added if one != ANYWHERE}
    return Reachable(
        places=frozenset(
            {*places, *_database(chosen), *_bucket(chosen), *_witnesses(chosen), *_ray(chosen)}
        ),
        loopback=chosen.workers == "ray",
        anywhere=ANYWHERE in added,
    )


def sealable(allowed: Reachable) -> bool:
    """Say whether the kernel of this machine can hold a process to these places."""
    return not allowed.loopback and sealing.possible()


def held(allowed: Reachable, *, sealed: bool) -> str:
    """Say where a process may call, and who holds it to that."""
    return f"{allowed}; held by {'the kernel and Python' if sealed else 'Python alone'}"


def guard(chosen: Settings) -> str:
    """Keep this process, for good, from calling elsewhere; says how well that holds.

    To be called before anything is opened: threads that run already are not the kernel's concern.
    """
    allowed = reachable(chosen)
    if allowed.anywhere:
        _TOLD.warning("this process may call anywhere")
        return "anywhere"
    _GUARD.allow(allowed)
    sealed = not allowed.loopback and sealing.seal(allowed.ports)
    if not sealed:
        _TOLD.warning(
            "Python's sockets alone are held to their places; the kernel refuses nothing"
        )
    return held(allowed, sealed=sealed)


@contextmanager
def guarded(chosen: Settings, *, for_good: bool = False) -> Iterator[None]:
    """Keep Python's sockets from calling elsewhere in a block, or this process `for_good`."""
    if for_good:
        guard(chosen)
        yield
        return
    allowed = reachable(chosen)
    before = _GUARD.allow(None if allowed.anywhere else allowed)
    try:
        yield
    finally:
        _GUARD.allow(before)


# --- what the settings name


def _place(said: str) -> Place:
    host, _, port = said.rpartition(":")
    if not host or not port.isdigit():
        raise Misused(Reason.UNKNOWN_KEY, f"egress: expected host:port, got {said!r}")
    return host.strip("[]").lower(), int(port)


def _address(url: str) -> Place:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]


def _database(chosen: Settings) -> Iterator[Place]:
    url = make_url(chosen.database)
    if url.get_backend_name() != "postgresql":
        return
    given = url.query.get("host", url.host or "")
    for one in (given,) if isinstance(given, str) else given:
        host, _, port = one.partition(":")
        if host and not host.startswith("/"):
            yield host.lower(), int(port or url.port or _PORTS["postgresql"])


def _bucket(chosen: Settings) -> Iterator[Place]:
    if not chosen.blob_store.startswith("s3://"):
        return
    usual = f"https://s3.{chosen.blobs_region or 'us-east-1'}.amazonaws.com"
    yield _address(chosen.blobs_endpoint or usual)


def _witnesses(chosen: Settings) -> Iterator[Place]:
    if chosen.witnesses:
        for one in quorum.read(chosen.home / chosen.witnesses).members:
            yield _address(one.url)


def _ray(chosen: Settings) -> Iterator[Place]:
    named = chosen.ray_address.removeprefix("ray://")
    if chosen.workers == "ray" and ":" in named:
        yield _place(named)


# --- Python's sockets


class _Guard:
    """What is asked before every connection; there is no way to take a hook back."""

    def __init__(self) -> None:
        self._allowed: Reachable | None = None
        self._hooked = False

    def allow(self, allowed: Reachable | None) -> Reachable | None:
        """Let these be called from now on, None: anywhere; returns what was allowed before."""
        before, self._allowed = self._allowed, allowed
        if allowed is not None and not self._hooked:
            self._hooked = True
            sys.addaudithook(self._heard)
        return before

    def _heard(self, event: str, given: tuple[Any, ...]) -> None:
        allowed = self._allowed
        if allowed is None or not event.startswith("socket."):
            return
        if event in _LOOKS_UP:
            fine = _may_look_up(allowed, given[0])
        else:
            fine = event not in _CALLS or _may_call(allowed, *given)
        if not fine:
            _TOLD.warning("a connection to somewhere else was refused")
            raise PermissionError(1, "this process may not call there")


def _may_look_up(allowed: Reachable, host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if not name or name.lower() == "localhost" or _numeric(name):
        return True
    return name.lower() in {known for known, _ in allowed.places}


def _may_call(allowed: Reachable, called: socket.socket, address: object) -> bool:
    if called.family not in {socket.AF_INET, socket.AF_INET6} or address is None:
        return True  # not the network, or along a connection that was allowed
    host, port = (str(address[0]).lower(), address[1]) if isinstance(address, tuple) else ("", 0)
    if allowed.loopback and _is_loopback(host):
        return True
    here = {name for name, known in allowed.places if known == port}
    return host in here or any(_leads(name, port, host) for name in here)


def _numeric(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_numeric(host) and ip_address(host).is_loopback)


def _leads(name: str, port: int, host: str) -> bool:
    """Say whether a name stands for an address, and may: what was public does not come inside.

    Names are looked up anew, since what they stand for moves; whoever answers for them could
    otherwise lead us to a place that only this machine reaches.
    """
    found = _addresses(name, port)
    first = _FIRST.setdefault((name, port), found) if found else found
    return host in found and (_is_public(host) or not all(map(_is_public, first)))


def _is_public(host: str) -> bool:
    return ip_address(host.partition("%")[0]).is_global


def _addresses(name: str, port: int) -> frozenset[str]:
    """Look up the addresses of a place that may be called."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    return frozenset(str(one[4][0]) for one in found)


_FIRST: Final[dict[Place, frozenset[str]]] = {}
"""What each name stood for when it was first looked up."""
_GUARD: Final = _Guard()
