# SPDX-License-Identifier: Apache-2.0
"""How long a feed stays without inserts after its person said so.

Rules, each a value of the policy's `[slots]`:
1. after `hide` or `report`: `hide_hours`
2. after the n-th `fewer`: `fewer_days`, times `fewer_factor` for each one before it
3. after `stop` for good: there is no basis, so there are no inserts
4. "Not now" on the card that asks is as much as one `fewer`: it is not asked again sooner
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from consent.policy import SlotRules
from consent.prepared import Prepared
from consent.words import DAY, HOUR, Micros, Subject
from feed.slots import NO_QUIET
from feed.tables import feed_act

_BRIEF: Final = ("hide", "report")
_SAID: Final = Prepared(
    select(feed_act.c.kind, feed_act.c.at)
    .where(feed_act.c.subject == bindparam("viewer"))
    .order_by(feed_act.c.at)
)
_POSITIVE: Final = frozenset({"accept", "like", "share_intent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One act of a person on their inserts."""

    kind: str
    at: Micros


def said(connection: Connection, viewer: Subject) -> tuple[Said, ...]:
    """List a person's acts on inserts under the present basis, oldest first."""
    rows = _SAID(connection, viewer=viewer)
    return tuple(Said(kind=kind, at=Micros(at)) for kind, at in rows)


def quiet_until(acts: Sequence[Said], rules: SlotRules) -> Micros:
    """Say until when nothing is placed."""
    brief = [act.at + rules.hide_hours * HOUR for act in acts if act.kind in _BRIEF]
    long = [
        act.at + rules.fewer_days * rules.fewer_factor**earlier * DAY
        for earlier, act in enumerate(act for act in acts if act.kind == "fewer")
    ]
    return Micros(max([NO_QUIET, *brief, *long]))


def asks_again_at(answered: Micros, rules: SlotRules) -> Micros:
    """Say when the card may ask again after "Not now"."""
    return Micros(answered + rules.fewer_days * DAY)


def newcomer(acts: Sequence[Said]) -> bool:
    """Say whether a person has not yet shown in any way that they like this."""
    return not any(act.kind in _POSITIVE for act in acts)
