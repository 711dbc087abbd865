# SPDX-License-Identifier: Apache-2.0
"""Who reads a feed and where they stand, in one question to the database, asked for every page.

Nothing of it is kept between pages: what was withdrawn, paused or erased a moment ago is gone from
the very next one.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import BindParameter, Connection, bindparam, exists, select

from consent.errors import Misused
from consent.policy import Policy
from consent.prepared import Prepared
from consent.tables import account, basis, log_head, pause, preview
from consent.words import Epoch, Micros, Purpose, Reason, Step, Subject
from feed import quiet
from feed.tables import feed_insert

_PURPOSE: Final = Purpose.FEED_INSERT


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A person in front of their feed."""

    head: Micros  #: the time of the last transaction
    epoch: Epoch | None  #: of the basis for inserts; None without one
    tried: bool  #: whether they let us experiment
    paused_until: Micros | None  #: the end of a pause, over or not; None for no end
    paused: bool
    answer: str | None  #: to the card that asks, and when
    answered: Micros
    inserts: bool  #: whether any insert, of any age, was placed for them

    def held(self, now: Micros) -> bool:
        """Say whether there may be inserts at all: a basis, and no pause."""
        rests = self.paused and (self.paused_until is None or self.paused_until > now)
        return self.epoch is not None and not rests

    @property
    def accepted(self) -> bool:
        """Say whether they said yes to the card that asks."""
        return self.answer == "accepted"

    def asking(self, policy: Policy, now: Micros) -> bool:
        """Say whether the card is due: needed, not accepted, and not answered lately."""
        rule = policy.rule(Step.INSERT, _PURPOSE)
        needed = rule is not None and "preview" in rule.needs and not self.accepted
        again = quiet.asks_again_at(self.answered, policy.slots)
        return needed and not (self.answer is not None and now < again)


def find(connection: Connection, viewer: Subject) -> Reader:
    """Read where a viewer stands now. Errors: Misused(unknown-subject) for whom nobody knows."""
    ((head, known, epoch, tried, paused, until, answer, answered, inserts),) = _READER(
        connection, viewer=viewer
    )
    if known is None:
        raise Misused(Reason.UNKNOWN_SUBJECT, "nobody here has this id")
    return Reader(
        head=Micros(head),
        epoch=None if epoch is None else Epoch(epoch),
        tried=bool(tried),
        paused=paused is not None,
        paused_until=None if until is None else Micros(until),
        answer=answer,
        answered=Micros(answered or 0),
        inserts=bool(inserts),
    )


_WHO: Final[BindParameter[int]] = bindparam("viewer")
_TRIED: Final = basis.alias()
_READER: Final = Prepared(
    select(
        log_head.c.now,
        account.c.subject.label("known"),
        basis.c.epoch,
        exists()
        .where((_TRIED.c.subject == _WHO) & (_TRIED.c.purpose == str(Purpose.EXPERIMENT)))
        .label("tried"),
        pause.c.subject.label("paused"),
        pause.c.until,
        preview.c.answer,
        preview.c.at.label("answered"),
        exists().where(feed_insert.c.subject == _WHO).label("inserts"),
    ).select_from(
        log_head.outerjoin(account, account.c.subject == _WHO)
        .outerjoin(basis, (basis.c.subject == _WHO) & (basis.c.purpose == str(_PURPOSE)))
        .outerjoin(pause, pause.c.subject == _WHO)
        .outerjoin(preview, (preview.c.subject == _WHO) & (preview.c.purpose == str(_PURPOSE)))
    )
)
