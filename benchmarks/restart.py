# SPDX-License-Identifier: Apache-2.0
"""How soon a server answers again after it was killed, with a long log: `onlyou bench restart`.

A home of twenty people whose log has a million entries is served, killed with -9 under requests,
and served again. Timed from the start of the process: the first page of somebody's feed, and the
first signed checkpoint, for which the whole Merkle tree is built from the leaves in the database
and held to what was signed before the crash. The floor is the same home before its log was long.
Processor time is the server's own: a busy machine stretches it less than the clock's.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from benchmarks import feed_api, load
from benchmarks.conditions import Result, report
from benchmarks.homes import BOTH
from consent import batches, database, entries, merkle
from consent.tables import log_head
from engine import settings

ENTRIES: Final = 1_000_000
PACKAGES: Final = ("fastapi", "uvicorn", "sqlalchemy")
_START: Final = "import sys; from engine.cli import main; main()"
_CHUNK: Final = 20_000
_FEED: Final = "/v1/feed?limit=20"
_CHECKPOINT: Final = "/v1/ledger/checkpoint"


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure both databases; `users` sets how many entries; the smallest size: SQLite, 2,000."""
    count = users or (2_000 if smoke else ENTRIES)
    results = [row for kind in BOTH[: 1 if smoke else 2] for row in measured(kind, count)]
    return report("restart", smoke=smoke, packages=PACKAGES, results=results)


def measured(kind: str, count: int) -> Iterator[Result]:
    """Start a home on one database, short and long, each after a kill."""
    with feed_api.database(kind) as url, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        feed_api.make(home, url)
        short = restarted(home)
        lengthen(settings.read(home).database, count)
        long = restarted(home)
        for name in long:
            yield {
                "what": f"{kind}: first {name}, after a kill, {count} entries",
                "value": round(long[name], 2),
                "unit": "s",
                "floor": round(short[name], 2),
                "ratio": round(long[name] / short[name], 2),
                "n": 1,
                "spread": None,
            }


def lengthen(url: str, count: int) -> None:
    """Append so many entries of nobody, many at once."""
    connected = database.connect(url)
    for start in range(0, count, _CHUNK):
        with connected.begin() as connection:
            size, now = connection.execute(log_head.select()).one()[1:3]
            bodies = [
                entries.canonical({"v": 1, "t": "label.shown", "at": now, "n": size + n})
                for n in range(min(_CHUNK, count - start))
            ]
            rows = [
                (size + n, "label.shown", body, merkle.leaf_hash(body))
                for n, body in enumerate(bodies)
            ]
            batches.add_entries(connection, rows)
            batches.move_head(connection, size + len(rows))
    connected.dispose()


def restarted(home: Path) -> Mapping[str, float]:
    """Serve, ask, kill while it answers; serve again and time the first answers in seconds."""
    with served(home) as (server, port, _):
        token = feed_api.token_of(port, "Person 0")
        asked(port, _FEED, token)
        asked(port, _CHECKPOINT, token)
        storm = threading.Thread(target=hammered, args=(port, token))
        storm.start()
        time.sleep(0.2)
        server.send_signal(signal.SIGKILL)
        storm.join()
    with served(home) as (server, port, began):
        used = feed_api.Server(port, server.pid)
        token = feed_api.token_of(port, "Person 0")
        asked(port, _FEED, token)
        found = {"feed": time.perf_counter() - began, "feed, processor": used.cpu()}
        asked(port, _CHECKPOINT, token)
        found["checkpoint"] = time.perf_counter() - began
        return found | {"checkpoint, processor": used.cpu()}


@contextmanager
def served(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """Start a server; give it, its port and when it began, as soon as it takes connections."""
    port = feed_api.free_port()
    words = [sys.executable, "-c", _START, "serve", "--home", str(home), "--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(
        words,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            feed_api.wait(port, server)
            yield server, port, began
        finally:
            server.kill()


def asked(port: int, path: str, token: str) -> bytes:
    """Ask until there is an answer."""
    request = urllib.request.Request(
        f"http://{load.HOST}:{port}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - our own
        found: bytes = answer.read()
    return found


def hammered(port: int, token: str) -> None:
    """Ask for pages, which write, until nobody answers any more."""
    with suppress(urllib.error.URLError, OSError):
        while True:
            asked(port, _FEED, token)
