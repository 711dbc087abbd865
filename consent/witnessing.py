# SPDX-License-Identifier: Apache-2.0
"""Having the log witnessed: ask for cosignatures, keep what verifies, close the gate without.

Rules:
1. no line is kept that was not verified under the policy's key over the checkpoint sent
2. a checkpoint counts once as many witnesses as the policy says have cosigned it
3. fails closed: when the newest that counts is older than the policy's seconds, nothing new is
   permitted; withdrawals, erasures and reading one's own data go on
4. a witness that is down, lies or lags costs its own line only, and nobody more than a moment:
   one that sends a byte now and then is hung up on; one that has not answered when time is over
   is not waited for; where it sends us on to, nobody goes
"""

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from time import monotonic
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Connection, delete, func, select

from consent import notes, witness
from consent.clocks import Clock
from consent.errors import Broken
from consent.ledger import Ledger
from consent.notes import Checkpoint
from consent.quorum import Member, Quorum
from consent.tables import cosignature, entry
from consent.telling import told
from consent.words import SECOND, Micros, Reason, Seq

Post = Callable[[str, bytes], tuple[int, str]]
"""Send a body to an address; return status and text, status 0 when there is no answer."""
_LOG: Final = logging.getLogger("onlyou.witnesses")
_PATIENCE_SECONDS: Final = 10
_TRIES: Final = 2
_MOST_BYTES: Final = 64 * 1024
_OK: Final = 200
_CONFLICT: Final = 409
_NEVER: Final = Micros(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A checkpoint that counts: the note with its witnesses' lines, its size, and since when."""

    note: str
    size: int
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The present checkpoint with the lines of those who signed; why, for each who did not."""

    note: str
    silent: Mapping[str, str]


def post(url: str, body: bytes) -> tuple[int, str]:
    """Send over HTTP, with patience for ten seconds in all. A redirect is an answer like any."""
    until = monotonic() + _PATIENCE_SECONDS
    try:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        with closing(kind(parts.netloc, timeout=_PATIENCE_SECONDS)) as called:
            called.connect()
            with _hung_up(called.sock, until):
                called.request("POST", urlunsplit(("", "", parts.path, parts.query, "")), body)
                answer = called.getresponse()
                return answer.status, answer.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError, HTTPException) as error:
        return 0, str(error)


@contextmanager
def _hung_up(line: socket.socket, until: float) -> Iterator[None]:
    """Hang up at a moment, whatever is still being said. Errors: TimeoutError where it was."""
    late = Timer(max(until - monotonic(), 0), _hang_up, (line,))
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()
        if monotonic() >= until:
            raise TimeoutError("timed out")


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # they were faster
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # TLS's own would only forget the keys


class Witnessing:
    """Ask the witnesses of a policy; say what they have cosigned; guard the gate with it."""

    def __init__(self, ledger: Ledger, clock: Clock, send: Post = post) -> None:
        self.quorum = ledger.quorum
        self._ledger = ledger
        self._clock = clock
        self._send = send
        self._open_until = _NEVER

    # --- asking

    def gather(self) -> Gathered:
        """Send the present checkpoint to every witness and keep what they sign."""
        note = self._ledger.checkpoint()
        if not self.quorum.members:
            return Gathered(note=note, silent={})
        head = notes.parse_checkpoint(note)
        asked = self._answers(note, head)
        lines = {name: answer.line for name, answer in asked.items() if answer.line}
        if lines:
            self._keep(note, head, lines)
        silent = {name: answer.why for name, answer in asked.items() if not answer.line}
        for name in silent:
            _LOG.warning("a witness did not cosign", extra=told(witness=name, size=head.size))
        signed = "".join(f"{line}\n" for line in lines.values())
        return Gathered(note=note + signed, silent=silent)

    def renew(self) -> None:
        """Gather again when half the policy's time is over: a log at rest stays witnessed."""
        if self.quorum.threshold and self._closes() - self._clock.now() < self._patience() // 2:
            self.gather()

    def _answers(self, note: str, head: Checkpoint) -> Mapping[str, "_Answer"]:
        """Ask all at once; who has not answered when each could have is left to itself."""
        members = self.quorum.members
        pool = ThreadPoolExecutor(len(members))
        going = {one.name: pool.submit(self._ask, one, note, head) for one in members}
        wait(going.values(), _TRIES * _PATIENCE_SECONDS)
        pool.shutdown(wait=False)
        late = _Answer(why="no answer in time")
        return {name: one.result() if one.done() else late for name, one in going.items()}

    def _ask(self, member: Member, note: str, head: Checkpoint) -> "_Answer":
        """Ask one witness, a second time from the size that it says it holds."""
        old, why = self._last(member), ""
        for _ in range(_TRIES):
            if old > head.size:
                return _Answer(why=f"it has seen {old} entries, more than there are")
            proof = self._ledger.consistency(old, head.size) if 0 < old < head.size else ()
            body = witness.written(old, proof, note)
            status, said = self._send(f"{member.url}/add-checkpoint", body)
            if status == _OK:
                return _signed(member, head.text(), said)
            why = f"{status} {said.strip()[:80]}" if status else f"no answer ({said})"
            if status != _CONFLICT or not said.strip().isdecimal() or int(said) == old:
                break
            old = int(said)
        return _Answer(why=why)

    def _last(self, member: Member) -> int:
        with self._ledger.read() as connection:
            mine = select(func.max(cosignature.c.size)).where(cosignature.c.witness == member.name)
            return connection.execute(mine).scalar() or 0

    def _keep(self, note: str, head: Checkpoint, lines: Mapping[str, str]) -> None:
        """Keep verified lines; log them, unless the log has said nothing but that since."""
        with self._ledger.write() as writing:
            connection = writing.connection
            news = _news(connection, head.size)
            table = cosignature
            again = (table.c.size == head.size, table.c.witness.in_(lines))
            connection.execute(delete(table).where(*again))
            common = {"size": head.size, "checkpoint": note, "at": writing.now}
            rows = [common | {"witness": name, "line": line} for name, line in lines.items()]
            writing.insert(table, rows)
            for name in sorted(lines) if news else ():
                writing.append("checkpoint.witnessed", size=head.size, witness=name)

    # --- what counts

    def newest(self) -> Cosigned | None:
        """Return the newest checkpoint that enough witnesses have cosigned."""
        return newest(self._ledger)

    def checkpoint(self) -> str:
        """Return the newest checkpoint that counts, else the present one, without witnesses."""
        found = self.newest()
        return found.note if found else self._ledger.checkpoint()

    def guard(self, connection: Connection, now: Micros) -> None:
        """Let a transaction permit something. Errors: Broken(unavailable) unless witnessed."""
        if not self.quorum.threshold or now <= self._open_until:
            return
        found = _newest(connection, self.quorum)
        self._open_until = Micros(found.at + self._patience()) if found else _NEVER
        if now > self._open_until:
            raise Broken(
                Reason.UNAVAILABLE,
                f"fewer than {self.quorum.threshold} witnesses have cosigned the ledger within "
                f"{self.quorum.seconds} seconds; nothing new is permitted until they have",
            )

    def _closes(self) -> Micros:
        found = self.newest()
        return Micros(found.at + self._patience()) if found else _NEVER

    def _patience(self) -> int:
        return self.quorum.seconds * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One witness's line, verified; or why there is none."""

    line: str = ""
    why: str = ""


def _signed(member: Member, text: str, said: str) -> _Answer:
    for line in said.splitlines():
        if notes.verify_line(text, line, member.key):
            return _Answer(line=line)
    return _Answer(why="what it signed does not verify")


def _news(connection: Connection, size: int) -> bool:
    """Say whether anything but cosignatures was logged since the last checkpoint cosigned."""
    last = connection.execute(select(func.max(cosignature.c.size))).scalar()
    since = () if last is None else (entry.c.seq >= last,)
    mine = (*since, entry.c.seq < size, entry.c.t != "checkpoint.witnessed")
    return connection.execute(select(entry.c.seq).where(*mine).limit(1)).first() is not None


def newest(ledger: Ledger) -> Cosigned | None:
    """Return the newest checkpoint that enough witnesses have cosigned; None if none need to."""
    if not ledger.quorum.threshold:
        return None
    with ledger.read() as connection:
        return _newest(connection, ledger.quorum)


def proving(ledger: Ledger, seq: Seq) -> tuple[str, int]:
    """Choose the checkpoint to prove an entry at: cosigned where one covers it, else the present.

    Returns the note and its size.
    """
    found = newest(ledger)
    if found is not None and seq < found.size:
        return found.note, found.size
    size = ledger.head()[0]
    return ledger.checkpoint(size), size


def _newest(connection: Connection, quorum: Quorum) -> Cosigned | None:
    names = [one.name for one in quorum.members]
    table = cosignature
    enough = (
        select(table.c.size)
        .where(table.c.witness.in_(names))
        .group_by(table.c.size)
        .having(func.count() >= quorum.threshold)
        .order_by(table.c.size.desc())
    )
    for size in connection.execute(enough).scalars():
        rows = connection.execute(select(table).where(table.c.size == size)).all()
        note, ats = rows[0].checkpoint, {row.witness: row.at for row in rows}
        text = notes.parse_checkpoint(note).text()
        good = quorum.good(text, {row.witness: row.line for row in rows})
        if len(good) >= quorum.threshold:
            since = sorted((ats[name] for name in good), reverse=True)[quorum.threshold - 1]
            lines = "".join(f"{line}\n" for line in good.values())
            return Cosigned(note=note + lines, size=size, at=Micros(since))
    return None
