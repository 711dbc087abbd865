# SPDX-License-Identifier: Apache-2.0
"""Who leads: of all who could do what only one should do at a time, the one whose term it is.

Rules:
1. whoever leads holds a row with a term and a time, and renews it; when the time is over, or the
   holder is dead, another leads under the next term
2. every transaction of a leader looks at the row when it has the log head: a leader whose term is
   over commits nothing, however long it slept
3. leading saves work. That a slot is planned once is what its row's key says (engine/plans.py)
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection, select, update

from consent import faults, fencing
from consent.errors import Broken
from consent.ledger import Ledger
from consent.words import SECOND, Micros, Reason
from consent.writing import Writing
from engine.tables import leader
from generation.holders import Holder

SECONDS: Final = 60
"""How long somebody leads who says nothing more."""
PLAN: Final = "plan"
_RENEWALS: Final = 3
_log: Final = logging.getLogger(__name__)


class NotLeading(Broken):
    """Another process leads, or has taken the lead over: nothing was written."""

    def __init__(self) -> None:
        super().__init__(Reason.UNAVAILABLE, "another process plans here now; it goes on with it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One time of somebody's leading. Plain words, so that other processes may act by it."""

    name: str
    holder: str
    number: int


_present: Final[ContextVar[Term | None]] = ContextVar("term", default=None)


@contextmanager
def led(
    ledger: Ledger, holder: Holder, *, name: str = PLAN, seconds: float = SECONDS
) -> Iterator[Term]:
    """Lead for a block; each of its transactions is written only while that is so.

    Errors: NotLeading where another leads, at the beginning or, later, in any transaction.
    """
    holder.appear()
    term = _taken(ledger, holder, name, seconds)
    ended = threading.Event()
    beat = threading.Thread(
        target=_beat, args=(ledger, term, seconds, ended), name="leader", daemon=True
    )
    beat.start()
    try:
        with fencing.behind(partial(check, term)), _leading(term):
            yield term
    finally:
        ended.set()
        beat.join()
        _let_go(ledger, term)


def present() -> Term | None:
    """Say by which term this task leads now; None where it does not."""
    return _present.get()


@contextmanager
def _leading(term: Term) -> Iterator[None]:
    before = _present.set(term)
    try:
        yield
    finally:
        _present.reset(before)


def check(term: Term, connection: Connection) -> None:
    """Look whether a term is still the present one. Errors: NotLeading."""
    faults.point("leader.check")
    row = (leader.c.holder, leader.c.term)
    found = connection.execute(select(*row).where(leader.c.name == term.name)).one_or_none()
    if found is None or tuple(found) != (term.holder, term.number):
        raise NotLeading


def _taken(ledger: Ledger, holder: Holder, name: str, seconds: float) -> Term:
    faults.point("leader.take")
    with ledger.write() as writing:
        number = _number(writing, holder, name)
        mine = {"holder": holder.name, "term": number, "until": _until(writing.now, seconds)}
        if number == 1:
            writing.insert(leader, [{"name": name} | mine])
        else:
            here = leader.c.name == name
            writing.connection.execute(update(leader).where(here).values(mine))
    return Term(name=name, holder=holder.name, number=number)


def _number(writing: Writing, holder: Holder, name: str) -> int:
    """Say which term would be ours. Errors: NotLeading while it is another's."""
    row = (leader.c.holder, leader.c.term, leader.c.until)
    query = select(*row).where(leader.c.name == name)
    found = writing.connection.execute(query).one_or_none()
    if found is None:
        return 1
    other, number, until = found
    if until > writing.now and not holder.dead([other]):
        raise NotLeading
    return int(number) + 1


def _beat(ledger: Ledger, term: Term, seconds: float, ended: threading.Event) -> None:
    while not ended.wait(seconds / _RENEWALS):
        try:
            _renew(ledger, term, seconds)
        except NotLeading:
            return
        except Exception:  # noqa: BLE001 - the next beat may come through
            _log.exception("the lead could not be renewed; it is tried again")


def _renew(ledger: Ledger, term: Term, seconds: float) -> None:
    """Lead for a while more. Errors: NotLeading where another does."""
    faults.point("leader.renew")
    with ledger.write() as writing:
        check(term, writing.connection)
        until = {"until": _until(writing.now, seconds)}
        here = leader.c.name == term.name
        writing.connection.execute(update(leader).where(here).values(until))


def _let_go(ledger: Ledger, term: Term) -> None:
    """Let anybody lead next; whoever has taken it over is left alone."""
    try:
        _renew(ledger, term, 0)
    except NotLeading:
        return
    except Exception:  # noqa: BLE001 - what ended the block matters more; the time passes anyway
        _log.exception("the lead could not be given up; it ends with its time")


def _until(now: Micros, seconds: float) -> int:
    return now + round(seconds * SECOND)
