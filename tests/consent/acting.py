# SPDX-License-Identifier: Apache-2.0
"""A process whose threads act together until SIGKILL ends it at one named point.

`python -m tests.consent.acting URL HOME POINT`: prints each answer when it is given.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, select

from consent import committing
from consent.committing import Committer
from consent.tables import chain
from consent.words import Seq, Subject
from consent.writing import Writing
from tests.rooms import Rooms

GROUPS = 4
"""So many transactions go well; the one after them does not."""


def die() -> None:
    """End this process as a power cut would, once whoever was answered has said so."""
    time.sleep(0.4)
    os.kill(os.getpid(), signal.SIGKILL)


def replace(owner: Any, name: str, spoilt: Callable[..., object]) -> None:
    """Put another method in the place of an honest one."""
    setattr(owner, name, spoilt)


def before_the_commit() -> None:
    """Die when all acts of a group are done and nothing is committed."""
    seen: list[Connection] = []

    def committing(connection: Connection) -> None:
        seen.append(connection)
        if len(seen) > GROUPS:
            die()

    event.listen(Engine, "commit", committing)


def between_two_acts() -> None:
    """Die in the middle of a group."""
    honest = Writing.keep_part
    kept: list[Writing] = []

    def keep(writing: Writing) -> None:
        honest(writing)
        kept.append(writing)
        if len(kept) > 3 * GROUPS:
            die()

    replace(Writing, "keep_part", keep)


def after_the_commit() -> None:
    """Die when a group is committed and nobody in it has been answered."""
    honest = Committer._end
    ended: list[int] = []

    def end(committer: Committer, group: Any, failed: Exception | None) -> None:
        ended.append(len(group))
        if len(ended) > GROUPS:
            die()
        honest(committer, group, failed)

    replace(Committer, "_end", end)


def answering_too_early() -> None:
    """Break the rule: answer when the acts are done, not when they are committed; then die."""
    honest = committing._attempt

    def too_early(writing: Writing, acts: Any) -> None:
        honest(writing, acts)
        for act in acts:
            act.end(None)

    replace(committing, "_attempt", too_early)
    before_the_commit()


POINTS: dict[str, Callable[[], None]] = {
    "before the commit": before_the_commit,
    "between two acts": between_two_acts,
    "after the commit": after_the_commit,
    "answering too early": answering_too_early,
}


def pair(writing: Writing, people: Sequence[Subject]) -> Sequence[Seq]:
    """Say two things of each that belong together, with the database in between."""
    return [_pair(writing, person) for person in people]


def _pair(writing: Writing, person: Subject) -> Seq:
    seq = writing.append("pause", subject=person)
    writing.connection.execute(select(chain.c.tag)).all()
    writing.append("resume", subject=person)
    return seq


def one_by_one(writing: Writing, people: Sequence[Subject]) -> Sequence[Seq]:
    """Say the same, each as an act of a kind of its own."""
    return pair(writing, people)


def main(url: str, home: str, point: str) -> None:
    """Let everybody act without end, and print what each is answered."""
    rooms = Rooms.open(url, Path(home))
    people = [rooms.consent.accounts.find(f"P{n}").subject for n in range(8)]
    rooms.consent.ledger.together(pair, people[0])
    POINTS[point]()

    def client(person: Subject) -> None:
        while True:
            seq = rooms.consent.ledger.together(pair if person % 2 else one_by_one, person)
            os.write(1, b"%d\n" % seq)

    for person in people:
        threading.Thread(target=client, args=(person,)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
