# SPDX-License-Identifier: Apache-2.0
"""What `onlyou doctor` says of who plans and draws."""

from collections.abc import Iterator
from importlib.util import find_spec

from sqlalchemy import select

from consent.words import SECOND
from engine.checks import Check, attempt
from engine.leading import PLAN
from engine.rooms import Rooms
from engine.tables import leader
from engine.workers import joining, tokens
from generation import backlog


def checks(rooms: Rooms) -> Iterator[Check]:
    """Look at the workers' settings, at who leads, and at what workers hold. Starts nothing."""
    yield attempt("workers", lambda: _workers(rooms))
    yield attempt("lead", lambda: _lead(rooms))
    yield attempt("leases", lambda: _leases(rooms))


def _workers(rooms: Rooms) -> Check:
    chosen = rooms.settings
    if chosen.workers == "local":
        return Check("workers", True, "local: this process plans and draws")
    joining.check(chosen)
    if find_spec("ray") is None:
        return Check("workers", False, "Ray is not installed: the extra `ray`")
    if chosen.ray_address or tokens.place(chosen).exists():
        tokens.check(chosen)
    where = f"joins {chosen.ray_address}" if chosen.ray_address else "on this machine"
    return Check("workers", True, f"ray, {where}; its token is ours alone")


def _lead(rooms: Rooms) -> Check:
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        plans = select(leader.c.term, leader.c.until).where(leader.c.name == PLAN)
        row = connection.execute(plans).one_or_none()
    if row is None:
        return Check("lead", True, "nobody has planned yet")
    term, until = row
    left = (until - now) // SECOND
    state = f"held for {left} s unless renewed" if left > 0 else "nobody plans now"
    return Check("lead", True, f"term {term}: {state}")


def _leases(rooms: Rooms) -> Check:
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        found = backlog.backlog(connection, now)
    said = f"{found.waiting} wait, {found.held} in a worker's hands, {found.dropped} let drop"
    return Check("leases", None if found.dropped else True, said)
