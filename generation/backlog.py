# SPDX-License-Identifier: Apache-2.0
"""How much waits to be drawn, since when and in whose hands, and what was refused. Of nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select, union_all

from consent.words import Micros, Reason
from generation.tables import lease, quarantined, refusal, request


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is asked for and not made yet. Units: `oldest` is when it was asked for."""

    waiting: int
    oldest: Micros | None  #: None where nothing waits
    held: int  #: in the hands of a worker now
    dropped: int  #: were in the hands of one, who let the time pass


_WAITING: Final = select(func.count(), func.min(request.c.at)).select_from(
    lease.join(request, request.c.object == lease.c.object)
)
"""A request waits as long as its lease row stands (generation/leases.py)."""


def backlog(connection: Connection, now: Micros) -> Backlog:
    """Count what waits, and what workers hold of it."""
    waiting, oldest = connection.execute(_WAITING).one()
    held, leases = connection.execute(
        select(func.count().filter(lease.c.until > now), func.count()).where(lease.c.holder != "")
    ).one()
    return Backlog(
        waiting=waiting,
        oldest=None if oldest is None else Micros(oldest),
        held=held,
        dropped=leases - held,
    )


def refused(connection: Connection) -> Mapping[Reason, int]:
    """Count by reason what was begun and is not shown: refusals, and pictures held back."""
    reasons = union_all(select(refusal.c.reason), select(quarantined.c.reason)).subquery()
    rows = connection.execute(select(reasons.c.reason, func.count()).group_by(reasons.c.reason))
    return {Reason(reason): count for reason, count in rows}
