# SPDX-License-Identifier: Apache-2.0
"""Die at the k-th step of an act. A step is a statement, a commit, a touch of a key or of a blob.

`python -m tests.properties.cuts` reads lines of JSON `[url, home, act, k, images]` and answers
each with `[killed, step]`. Every cut is a forked child of its own, so one start of Python serves
them all. With k = 0 nobody dies: before each step the home is copied into the folder `images`,
database, journal and all, as a kill at that moment would have left it. With k = "name 2" it dies
when it passes that named point (`consent.faults`) for the second time.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from consent import blobs, faults
from consent.blobs import ObstoreBlobs
from consent.gate import Ask, Permit
from consent.tables import request
from consent.words import Purpose, Step
from feed.room import build
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
WRITES = os.O_WRONLY | os.O_RDWR
FILE_EVENTS = ("open", "os.remove", "os.rename")


def withdraw(rooms: Rooms) -> None:
    """Say no to everything drawn: the parent purpose with all its children."""
    rooms.consent.withdrawals.withdraw(_ada(rooms), Purpose.LIKENESS)


def erase(rooms: Rooms) -> None:
    """Be forgotten."""
    rooms.consent.erasures.erase(_ada(rooms))


def append(rooms: Rooms) -> None:
    """Decide about a batch, yes and no mixed, and let one permit become an effect."""
    people = [account.subject for account in rooms.consent.accounts.list()]
    asks = [
        Ask(step=Step.SELECT, subject=one, purpose=Purpose.IMAGINE, object=rooms.object())
        for one in people
    ]
    answers = rooms.consent.gate.ask_all(asks)
    (permit,) = (answer for answer in answers if isinstance(answer, Permit))
    rooms.spend(permit, request)


def grant(rooms: Rooms) -> None:
    """Read a notice and say yes."""
    rooms.grant(_ada(rooms), Purpose.PROFILE_PICTURE)


def store(rooms: Rooms) -> None:
    """Make a portrait, from its request to its sealed bytes."""
    rooms.portrait(_ada(rooms), Purpose.IMAGINE, b"made before the cut")


def describe(rooms: Rooms) -> None:
    """Open a selfie, and keep beside it what was made of it, in the place of what was there."""
    rooms.describe(_ada(rooms), FEED, b"made before the cut")


def join(rooms: Rooms) -> None:
    """Open an account."""
    rooms.person("Eve")


def halt(rooms: Rooms) -> None:
    """Stop an arm of an experiment that runs in the feed."""
    build(rooms.consent).switches.stop("deeper-0", by="Ines", arm="later")


def insert(rooms: Rooms) -> None:
    """Make a portrait and place it in the feed, two days later."""
    rooms.clock.advance(2 * 86_400)
    rooms.insert(_ada(rooms), rooms.portrait(_ada(rooms), FEED))


def _ada(rooms: Rooms) -> Any:
    return rooms.consent.accounts.find("Ada").subject


ACTS: dict[str, Callable[[Rooms], None]] = {
    act.__name__: act for act in (withdraw, erase, append, grant, store, describe, join)
}
OTHERS: dict[str, Callable[[Rooms], None]] = {"halt": halt, "insert": insert}
"""Acts in homes of their own (tests/properties/test_stops), or cut at named points alone."""


class Countdown:
    """Count steps and die before one of them, as a power cut would: no handler, no goodbye."""

    def __init__(self, fatal: int, home: Path, images: Path) -> None:
        self.fatal = fatal
        self.home = home
        self.images = images
        self.taken = 0

    def step(self, what: str) -> None:
        """Take one step, or die before it, having said at which."""
        self.taken += 1
        if self.taken == self.fatal:
            os.write(1, json.dumps([True, what]).encode())
            os.kill(os.getpid(), signal.SIGKILL)
        elif not self.fatal:
            image = self.images / str(self.taken)
            shutil.copytree(self.home, image)
            (image / "before").write_text(what)


def arm(count: Countdown, home: Path) -> None:
    """Count every statement, every commit, every write in the key store and every blob."""

    def statement(_c: Connection, _cursor: Any, text: str, *_: Any) -> None:
        if not text.startswith("PRAGMA"):
            count.step(" ".join(text.split()[:3]))

    def touched(what: str, given: tuple[Any, ...]) -> None:
        if what not in FILE_EVENTS or not str(given[0]).startswith(f"{home}/keys"):
            return
        if what != "open" or given[2] & WRITES:
            count.step(f"{what} of {Path(given[0]).suffix}")

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", lambda _connection: count.step("COMMIT"))
    sys.addaudithook(touched)
    os.fsync = lambda _handle: count.step("fsync")
    vars(blobs)["_AT_ONCE"] = 1  # steps are counted one after the other
    for name in ("_put", "delete"):
        setattr(ObstoreBlobs, name, _counted(count, name))


def _counted(count: Countdown, name: str) -> Callable[..., Any]:
    honest = getattr(ObstoreBlobs, name)

    def counted(*given: Any) -> Any:
        count.step(f"{name} of a blob")
        return honest(*given)

    return counted


def live_through(url: str, home: str, act: str, fatal: int | str, images: str) -> None:
    """Open the home, arm, and act until the fatal step comes."""
    event.listen(Engine, "begin", _without_waiting)
    rooms = Rooms.open(url, Path(home))
    if isinstance(fatal, str):
        with faults.injecting(_dying(fatal)):
            (ACTS | OTHERS)[act](rooms)
        os.write(1, json.dumps([False, "the end"]).encode())
        return
    count = Countdown(fatal, Path(home), Path(images))
    arm(count, Path(home))
    (ACTS | OTHERS)[act](rooms)
    count.step("the end")
    os.write(1, json.dumps([False, "the end"]).encode())


def _dying(fatal: str) -> Callable[[str], None]:
    """Die at the n-th pass of a point."""
    name, times = fatal.split()
    left = [int(times)]

    def stand(passed: str) -> None:
        left[0] -= passed == name
        if passed == name and left[0] == 0:
            os.write(1, json.dumps([True, fatal]).encode())
            os.kill(os.getpid(), signal.SIGKILL)

    return stand


def _without_waiting(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA synchronous = OFF")


def main() -> None:
    """Fork a child a line; say how each ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            live_through(*json.loads(line))
            os._exit(0)
        os.waitpid(child, 0)
        os.write(1, b"\n")


if __name__ == "__main__":
    main()
