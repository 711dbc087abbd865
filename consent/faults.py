# SPDX-License-Identifier: Apache-2.0
"""Named places where the world may fail: a test stands there and raises, kills, waits or lies.

Rules:
1. a point is named in `POINTS` once and stands in the code where that happens
2. with nobody injecting, a point costs one comparison; nothing but a test's own code injects:
   there is no setting and no variable for it
3. what an injector raises is what the place itself could raise (an OSError, a lost connection), or
   the end of the process
Source: FoundationDB's BUGGIFY.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

Injector = Callable[[str], None]
"""Told the name of each point as it is passed; what it raises is raised there."""

POINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "begin.before": "a transaction that writes is about to begin",
        "begin.after": "the log head is locked, nothing is written",
        "commit.before": "everything is written, nothing is committed",
        "commit.after": "it is committed, and nobody was told",
        "read.before": "a connection for reading is about to be taken from the pool",
        "append.before": "entries are about to be written",
        "basis.delete.before": "every ending is written down, its basis still stands",
        "basis.delete.after": "the basis has gone with all that hung on it, uncommitted",
        "key.make.before": "a basis stands without its key, uncommitted",
        "secret.add.before": "somebody new is about to get a secret",
        "secret.add.after": "the secret is on the disk, the person is not known yet",
        "secret.destroy.before": "an erasure is committed, the secret still there",
        "secret.destroy.after": "the secret is gone, the ciphertext still there",
        "file.write.before": "a key file or signed head is about to be drafted",
        "file.sync.before": "the draft is written and not on the disk yet",
        "file.rename.before": "the draft is on the disk under its own name",
        "file.rename.after": "the file stands, and nobody was told",
        "week.wrap.before": "keys of an earlier week are about to be wrapped anew",
        "week.wrap.after": "some keys are wrapped under this week's key, others not yet",
        "week.destroy.before": "no row needs a week's wrapping key any more; it still exists",
        "sign.before": "a checkpoint is about to be signed, and nothing remembers it",
        "sign.after": "the head is remembered as signed, and nobody has the signature",
        "blob.put.before": "ciphertext is made and lies nowhere",
        "blob.put.after": "ciphertext lies there, its row does not",
        "blob.get.before": "ciphertext is about to be fetched",
        "blob.delete.before": "the rows are gone, the ciphertext not yet",
        "blob.delete.after": "the ciphertext is gone, and nobody was told",
        "blob.list.before": "everything in the store is about to be listed",
        "render.load": "a worker is about to draw: its models, its device",
        "render.memory": "a pass is about to take its place in the device's memory",
        "render.picture": "pictures are noise, about to be decoded",
        "moderate.before": "a picture is about to be judged",
        "settle.before": "portraits are sealed, none of their rows is written",
        "lease.take": "a worker is about to reach for requests",
        "lease.renew": "a worker is about to say that it still holds requests",
        "lease.release": "a worker is about to let go of requests",
        "lease.fence": "portraits are sealed, whose they are to make is about to be looked at",
        "leader.take": "a process is about to ask for the lead",
        "leader.renew": "a leader is about to say that it still leads",
        "leader.check": "a leader is about to write, and has the log head",
        "plan.opened": "a plan has its slot, nobody is selected yet",
        "plan.decided": "a block says who may have an insert, nothing is ordered",
        "plan.ordered": "orders stand, nothing is drawn",
        "plan.placed": "inserts stand, the plan is still open",
        "tick.before": "the scheduler says now",
        "reap.before": "what a crash left behind is about to be looked for",
        "move.prepared": "where a shard will go stands an empty closed log, with sealed bytes",
        "move.begun": "the directory says that a shard is moving, its log is still open",
        "move.closed": "the log is closed, no row is copied",
        "move.rows": "every row is copied, sealed bytes are not",
        "move.blobs": "sealed bytes are copied, nothing is compared",
        "move.carried": "the copy is whole and the directory says so; both are closed",
        "move.shredded": "the keys left behind are gone, no log is open",
        "move.opened": "the copy is open, the directory points to where it was",
        "move.flipped": "the directory points to the copy, what was left is still there",
        "move.cleared": "the rows left behind are gone, their sealed bytes are not",
    }
)
"""What stands at each point."""

_injector: Injector | None = None


def point(name: str) -> None:
    """Pass a named point. Errors: whatever a test injects there; nothing otherwise."""
    if _injector is not None:
        _injector(name)


@contextmanager
def injecting(injector: Injector) -> Iterator[None]:
    """Let an injector stand at every point of this process, for tests."""
    global _injector  # noqa: PLW0603 - one per process, as the failing world is
    before, _injector = _injector, injector
    try:
        yield
    finally:
        _injector = before
