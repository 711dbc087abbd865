# SPDX-License-Identifier: Apache-2.0
"""Who is whose friend: it counts where both name each other.

Naming somebody answers the same whoever they are, or are not: nobody learns from it who is here,
or whether they are named in return. What is listed is what counts, and nothing else.
"""

from sqlalchemy import ColumnElement, and_, delete, exists, select

from consent.ledger import Ledger
from consent.scopes import EVERYBODY, within
from consent.tables import account
from consent.words import Subject
from feed.tables import friendship


class Friends:
    """Name friends, take it back, list those who name one in return."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @within(EVERYBODY)  # whether somebody is here
    def befriend(self, person: Subject, friend: Subject) -> None:
        """Name somebody as a friend; whoever is unknown here, or oneself, is passed over."""
        mine = (friendship.c.subject == person, friendship.c.friend == friend)
        with self._ledger.write() as writing:
            known = writing.connection.execute(
                select(account.c.subject).where(account.c.subject == friend)
            ).first()
            named = writing.connection.execute(select(friendship.c.at).where(*mine)).first()
            if known is not None and named is None and friend != person:
                row = {"subject": person, "friend": friend, "at": writing.now}
                writing.insert(friendship, [row])

    def unfriend(self, person: Subject, friend: Subject) -> None:
        """Take it back: from then on neither sees what the other shows to friends."""
        mine = (friendship.c.subject == person, friendship.c.friend == friend)
        with self._ledger.write() as writing:
            writing.connection.execute(delete(friendship).where(*mine))

    def of(self, person: Subject) -> tuple[Subject, ...]:
        """List whom a person names who names them, too."""
        back = friendship.alias("back")
        both = and_(back.c.subject == friendship.c.friend, back.c.friend == friendship.c.subject)
        mutual = (
            select(friendship.c.friend)
            .join(back, both)
            .where(friendship.c.subject == person)
            .order_by(friendship.c.at, friendship.c.friend)
        )
        with self._ledger.read() as connection:
            return tuple(Subject(one) for one in connection.execute(mutual).scalars())


def are_friends(one: ColumnElement[int], other: Subject) -> ColumnElement[bool]:
    """Say in a query that the person of a row and another name each other."""
    here, back = friendship.alias(), friendship.alias()
    return and_(
        exists().where(here.c.subject == one, here.c.friend == other),
        exists().where(back.c.subject == other, back.c.friend == one),
    )
