# SPDX-License-Identifier: Apache-2.0
"""A witness: cosign a log's checkpoint only if it continues the last one that was cosigned.

For a log to show two people two histories, its witnesses must sign both, and an honest one never
does. What a witness run by the log's own operator signs therefore proves nothing.
Rules:
1. check and remember are one act under one lock; what is remembered is on the disk before a line
   is given out
2. a restart in between costs nothing: the log is told the size remembered, and asks again
Source: C2SP tlog-witness (add-checkpoint), tlog-cosignature.
"""

import base64
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consent import merkle, notes
from consent.clocks import Clock
from consent.notes import Checkpoint
from consent.words import SECOND

MOST_BYTES: Final = 128 * 1024
"""Of one request: 63 hashes and sixteen signature lines of the largest kind."""
_MOST_HASHES: Final = 63
_OWNER_ONLY: Final = 0o600
_PLAIN: Final = "text/plain; charset=utf-8"
_SIZE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness answers: an HTTP status, a body, its type."""

    status: int
    body: str
    kind: str = _PLAIN


@dataclass(frozen=True, slots=True)
class Request:
    """What a log sends: the size it thinks we hold, a proof from there, the signed checkpoint."""

    old: int
    proof: tuple[merkle.Hash, ...]
    note: str
    head: Checkpoint


def read(body: bytes) -> Request:
    """Read the body of add-checkpoint. Errors: ValueError for what is none."""
    first, *rest = body.decode("utf-8").split("\n")
    end = rest.index("")
    word, size = first.split(" ")
    if word != "old" or not size.isdecimal() or size != str(int(size)) or end > _MOST_HASHES:
        raise ValueError("expected `old`, a size, and at most 63 hashes")
    proof = tuple(base64.b64decode(line, validate=True) for line in rest[:end])
    if any(len(node) != notes.HASH_BYTES for node in proof):
        raise ValueError("expected hashes of 32 bytes")
    note = "\n".join(rest[end + 1 :])
    if "\n\n" not in note or not note.endswith("\n"):
        raise ValueError("expected a signed note")
    return Request(int(size), proof, note, notes.parse_checkpoint(note))


def written(old: int, proof: Sequence[merkle.Hash], note: str) -> bytes:
    """Write the body of add-checkpoint, as a log sends it."""
    lines = [f"old {old}", *(base64.b64encode(node).decode() for node in proof), "", note]
    return "\n".join(lines).encode()


class Memory:
    """The largest checkpoint cosigned for each log: one file a log, in a folder of one witness."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other request out, in this process and in any other on this folder."""
        handle = os.open(self._folder / "witness.lock", os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def held(self, origin: str) -> Checkpoint:
        """Recall the last checkpoint of a log: the empty tree of one never seen.

        Errors: ValueError, OSError where the file is spoilt: then nothing may be signed.
        """
        path = self._path(origin)
        if not path.exists():
            return Checkpoint(origin, 0, merkle.EMPTY_ROOT)
        return notes.parse_checkpoint(path.read_text("utf-8"))

    def keep(self, head: Checkpoint) -> None:
        """Put a checkpoint on the disk, whole or not at all."""
        durable(self._path(head.origin), head.text().encode())

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.head"


def durable(path: Path, content: bytes) -> None:
    """Write a file beside its place, rename it, and wait until the disk has both."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Witness:
    """Answer add-checkpoint for the logs that this witness knows."""

    def __init__(
        self, cosigner: notes.Cosigner, logs: Iterable[str], memory: Memory, clock: Clock
    ) -> None:
        self._cosigner = cosigner
        self._logs = known(logs)
        self._memory = memory
        self._clock = clock

    @property
    def verifier(self) -> str:
        """Return the verifier key line of this witness."""
        return self._cosigner.verifier

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign a checkpoint that continues the last one, or say why not."""
        try:
            asked = read(body)
        except ValueError:
            return Answer(400, "this is no add-checkpoint request\n")
        keys = self._logs.get(asked.head.origin)
        if keys is None:
            return Answer(404, "this log is not known here\n")
        text = notes.open_note(asked.note, *keys)
        if text is None:
            return Answer(403, "no signature of this log verifies\n")
        if asked.old > asked.head.size:
            return Answer(400, "the old size is beyond the new one\n")
        with self._memory.alone():
            refused = _refusal(asked, self._memory.held(asked.head.origin))
            if refused is not None:
                return refused
            self._memory.keep(asked.head)
            line = self._cosigner.line(text, self._clock.now() // SECOND)
        return Answer(200, f"{line}\n")


def known(logs: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Sort logs' verifier keys by the log's name. Errors: ValueError for what is no key."""
    found: dict[str, tuple[str, ...]] = {}
    for line in logs:
        name = notes.read_key(line).name
        found[name] = (*found.get(name, ()), line.strip())
    return found


def _refusal(asked: Request, held: Checkpoint) -> Answer | None:
    """Compare with what is held, under the lock; None when it may be signed."""
    head = asked.head
    fork = head.size == held.size and head.size > 0 and head.root != held.root
    if asked.old != held.size or fork:
        return Answer(409, f"{held.size}\n", _SIZE)
    if not merkle.verify_consistency(held.size, head.size, asked.proof, held.root, head.root):
        return Answer(422, "the checkpoint does not continue the last one\n")
    return None
