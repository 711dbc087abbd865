# SPDX-License-Identifier: Apache-2.0
"""Who may see what somebody shows: the questions about shares, asked of the database at once.

Whoever sees a share is its owner, or of the audience of a living share. A share lives while its
portrait and both its bases do, a story for its hours; of whoever has paused, nobody else sees
anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from consent.standing import newest_terms
from consent.tables import pause
from consent.words import Micros, ObjectId, Purpose, Seq, Subject
from feed.friends import are_friends
from feed.tables import asset, feed_share


class Audience(StrEnum):
    """To whom a portrait is shown."""

    FRIENDS = "friends"
    STORY = "story"  #: friends, for the policy's hours
    PROFILE = "profile"  #: everybody signed in here


PURPOSE_OF: Final[Mapping[Audience, Purpose]] = MappingProxyType(
    {
        Audience.FRIENDS: Purpose.SHARE,
        Audience.STORY: Purpose.STORY,
        Audience.PROFILE: Purpose.PROFILE_PICTURE,
    }
)
"""The yes that each audience needs, beside that of the portrait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A living share. `made_for` is the purpose of the portrait, `seq` the entry of the share."""

    id: ObjectId
    object: ObjectId
    owner: Subject
    purpose: Purpose
    audience: Audience
    made_for: Purpose
    scenario: str
    at: Micros
    ends_at: Micros | None
    seq: Seq


def living(connection: Connection, which: ColumnElement[bool], now: Micros) -> tuple[Shared, ...]:
    """List living shares that match, the newest first."""
    same = and_(asset.c.object == _SHARE.object, asset.c.subject == _SHARE.subject)
    in_time = (asset.c.expires_at > now) & or_(_SHARE.ends_at.is_(None), _SHARE.ends_at > now)
    rows = connection.execute(
        select(*_COLUMNS)
        .select_from(feed_share.join(asset, same))
        .where(which, in_time)
        .order_by(_SHARE.at.desc(), _SHARE.effect_seq.desc())
    ).all()
    found = [_shared(*row) for row in rows]
    owners = sorted({one.owner for one in found})
    terms = newest_terms(connection, owners, {p for one in found for p in _rests_on(one)})
    return tuple(
        one
        for one in found
        if all((one.owner, p) in terms and terms[one.owner, p].end > now for p in _rests_on(one))
    )


def shown_to(viewer: Subject, now: Micros) -> ColumnElement[bool]:
    """Match shares of others whose audience somebody is of, none of whoever has paused."""
    resting = exists().where(
        pause.c.subject == _SHARE.subject, or_(pause.c.until.is_(None), pause.c.until > now)
    )
    invited = or_(_SHARE.audience == Audience.PROFILE, are_friends(_SHARE.subject, viewer))
    return and_(_SHARE.subject != viewer, invited, ~resting)


def seen_by(viewer: Subject, now: Micros) -> ColumnElement[bool]:
    """Match shares that somebody may see: their own, and those shown to them."""
    return or_(_SHARE.subject == viewer, shown_to(viewer, now))


def _rests_on(one: Shared) -> tuple[Purpose, Purpose]:
    return one.purpose, one.made_for


def _shared(share: int, obj: int, owner: int, purpose: str, *rest: Any) -> Shared:  # noqa: ANN401
    audience, made_for, scenario, at, ends_at, seq = rest
    return Shared(
        id=ObjectId(share),
        object=ObjectId(obj),
        owner=Subject(owner),
        purpose=Purpose(purpose),
        audience=Audience(audience),
        made_for=Purpose(made_for),
        scenario=scenario,
        at=Micros(at),
        ends_at=None if ends_at is None else Micros(ends_at),
        seq=Seq(seq),
    )


_SHARE: Final = feed_share.c
_COLUMNS: Final = (
    _SHARE.share,
    _SHARE.object,
    _SHARE.subject,
    _SHARE.purpose,
    _SHARE.audience,
    asset.c.purpose,
    asset.c.about,
    _SHARE.at,
    _SHARE.ends_at,
    _SHARE.effect_seq,
)
