# SPDX-License-Identifier: Apache-2.0
"""Close, after a restore, what people may have closed since: no entry tells of it.

Friends, wishes and what was hidden are rows alone, so nobody can know what became of them after
the backup was made. Rules:
1. nobody names anybody as a friend: people name each other again
2. everybody wants no portrait a week and no theme, until they say again what they want
3. what stands in a feed is taken out of it, as if it had been hidden, and what was made for one
   and did not stand there yet stays out: it may have stood there since. It stays in the album
"""

from typing import Final

from sqlalchemy import BigInteger, Connection, Integer, Text, cast, delete, exists, literal, select

from consent.tables import subject
from consent.words import Micros, Purpose
from consent.writing import Writing
from feed.inserts import AWAY, RESTORED
from feed.scenarios import Theme
from feed.tables import asset, blocked_theme, feed_act, friendship, preference

_EVENT: Final = RESTORED.ljust(65)
"""Begins the names of our events; longer than a client's may be, so that it is none of theirs."""


def close(writing: Writing) -> None:
    """Bring back no friend, no wish for portraits and nothing that was hidden, of anybody."""
    connection = writing.connection
    connection.execute(delete(friendship))
    _want_nothing(connection, writing.now)
    _take_away(connection, writing.now)


def _want_nothing(connection: Connection, now: Micros) -> None:
    for table in (preference, blocked_theme):
        connection.execute(delete(table))
    none = select(subject.c.id, literal(0, Integer))
    connection.execute(preference.insert().from_select(["subject", "per_week"], none))
    for theme in Theme:
        rows = select(subject.c.id, literal(str(theme), Text), literal(now, BigInteger))
        columns = ["subject", "theme", "at"]
        connection.execute(blocked_theme.insert().from_select(columns, rows))


def _take_away(connection: Connection, now: Micros) -> None:
    same = (feed_act.c.subject == asset.c.subject) & (feed_act.c.item == asset.c.object)
    rows = select(
        asset.c.subject,
        asset.c.purpose,
        asset.c.epoch,
        literal(_EVENT, Text).concat(cast(asset.c.object, Text)),
        asset.c.object,
        literal(RESTORED, Text),
        literal(now, BigInteger),
        literal(0, BigInteger),
    ).where(
        asset.c.purpose == Purpose.FEED_INSERT,
        ~exists().where(same, feed_act.c.kind.in_(AWAY)),
    )
    columns = ["subject", "purpose", "epoch", "event", "item", "kind", "at", "lesson"]
    connection.execute(feed_act.insert().from_select(columns, rows))
