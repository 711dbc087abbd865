# SPDX-License-Identifier: Apache-2.0
"""People: a pseudonym that stays, a name that can be erased.

Who is here is looked for among everybody; what is found is a name and an id, and no more.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, bindparam, func, select

from consent import entries
from consent.among import among
from consent.chance import Chance, identifier
from consent.errors import Misused
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.scopes import EVERYBODY, within
from consent.tables import account, chain, subject
from consent.words import Micros, Reason, Subject, parse_id, public_id

_MAX_NAME = 80
_COLUMNS = (account.c.subject, account.c.name, account.c.created_at)

_NEXT_PLACE = select(func.coalesce(func.max(account.c.place) + 1, 0))
_BY_NAME = select(*_COLUMNS).where(account.c.name == bindparam("name"))
_BY_ID = select(*_COLUMNS).where(account.c.subject == bindparam("subject"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person as this installation knows them."""

    subject: Subject
    name: str
    created_at: Micros

    @property
    def id(self) -> str:
        """The id that clients see."""
        return public_id(self.subject)


def anybody(_person: Subject) -> bool:
    """Hold everybody: where there is one log."""
    return True


class Accounts:
    """Open accounts and find them by id or by name."""

    def __init__(
        self,
        ledger: Ledger,
        keys: KeyStore,
        chance: Chance,
        holds: Callable[[Subject], bool] = anybody,
    ) -> None:
        self._ledger = ledger
        self._keys = keys
        self._chance = chance
        self._holds = holds

    @within(EVERYBODY)
    def add(self, name: str) -> Account:
        """Open an account. Nothing is processed yet: an account is no consent.

        Errors: Misused(duplicate) for a name that is taken, Misused(unknown-key) for a bad one.
        """
        clean = " ".join(name.split())
        if not clean or len(clean) > _MAX_NAME:
            raise Misused(Reason.UNKNOWN_KEY, f"a name has 1 to {_MAX_NAME} characters")
        person = self._drawn()
        with self._ledger.write() as writing:
            if self._named(writing.connection.execute(_BY_NAME, {"name": clean}).one_or_none()):
                raise Misused(Reason.DUPLICATE, f"there is an account named {clean!r} already")
            tag = entries.tag(self._keys.new_secret(person), self._ledger.origin)
            writing.insert(subject, [{"id": person}])
            place = writing.connection.execute(_NEXT_PLACE).scalar_one()
            row = {"subject": person, "name": clean, "place": place, "created_at": writing.now}
            writing.insert(account, [row])
            writing.insert(chain, [{"subject": person, "tag": tag, "last": None}])
            return Account(subject=person, name=clean, created_at=writing.now)

    def _drawn(self) -> Subject:
        """Draw ids until one is of those that this log holds."""
        while not self._holds(drawn := Subject(identifier(self._chance))):
            pass
        return drawn

    @staticmethod
    def _named(row: Row[int, str, int] | None) -> Account | None:
        if row is None:
            return None
        person, name, created = row
        return Account(subject=Subject(person), name=name, created_at=Micros(created))

    def draw_keys(self, people: Sequence[Subject]) -> Mapping[Subject, int]:
        """Return what each person's seeded draws are keyed by: 64 bits from their place in line.

        Not from their tag or id, which are random: the same seed gives the same run anywhere.
        """
        places = select(account.c.subject, account.c.place).where(among(account.c.subject, people))
        with self._ledger.read() as connection:
            rows = connection.execute(places).all()
        return {Subject(person): _draw_key(place) for person, place in rows}

    @within(EVERYBODY)
    def names(self, people: Collection[Subject]) -> Mapping[Subject, str]:
        """Say what these people are called; whoever is not known here is not in the answer."""
        named = select(account.c.subject, account.c.name).where(among(account.c.subject, people))
        with self._ledger.read() as connection:
            return {Subject(person): name for person, name in connection.execute(named).all()}

    @within(EVERYBODY)
    def list(self) -> tuple[Account, ...]:
        """List all accounts in the order in which they were opened."""
        with self._ledger.read() as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(account.c.place)).all()
        return tuple(found for row in rows if (found := self._named(row)))

    @within(EVERYBODY)
    def find(self, id_or_name: str) -> Account:
        """Find a person by id or name. Errors: Misused(unknown-subject), the caller's fault."""
        number = parse_id(id_or_name)
        with self._ledger.read() as connection:
            row = (
                connection.execute(_BY_ID, {"subject": number}).one_or_none()
                if number is not None
                else None
            ) or connection.execute(_BY_NAME, {"name": id_or_name}).one_or_none()
        if (found := self._named(row)) is None:
            raise Misused(Reason.UNKNOWN_SUBJECT, f"nobody here has the id or name {id_or_name!r}")
        return found


def _draw_key(place: int) -> int:
    return int.from_bytes(hashlib.sha256(f"onlyou draws {place}".encode()).digest()[:8], "big")
