# SPDX-License-Identifier: Apache-2.0
"""What a person wants less of: fewer inserts than the policy allows, and never these themes.

Rules:
1. a wish only lowers: it never allows more than the policy does
2. both act at once: on the next page (also on what stands in the feed already), on whose turn it
   is, on what the ranking may choose, and on what is asked for by name
3. whoever has said nothing has the policy's rules and no theme is blocked
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Integer,
    Text,
    bindparam,
    delete,
    literal,
    select,
    union_all,
)

from consent.among import among
from consent.errors import Misused
from consent.ledger import Ledger
from consent.policy import Policy, SlotRules
from consent.prepared import Prepared
from consent.words import Reason, Subject
from feed.scenarios import Catalogue, Scenario, Theme
from feed.tables import blocked_theme, preference


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What one person said; `per_week` is None where they left it to the policy."""

    per_week: int | None = None
    blocked: frozenset[Theme] = frozenset()

    def unwanted(self, catalogue: Catalogue) -> frozenset[str]:
        """Name the scenarios that touch a blocked theme."""
        if not self.blocked:
            return frozenset()
        return frozenset(
            one.id for one in catalogue.scenarios if not self.blocked.isdisjoint(one.themes)
        )


NO_WISHES: Final = Wishes()
EVERYTHING: Final = (
    "Every theme that can be drawn here is blocked. You can change that under Likeness."
)


class Unwanted(Misused):
    """An idea whose theme the person blocked; they can take the block back, nobody else can."""


class Preferences:
    """Keep what people want less of."""

    def __init__(self, ledger: Ledger, policy: Policy, catalogue: Catalogue) -> None:
        self._ledger = ledger
        self._policy = policy
        self._catalogue = catalogue

    @property
    def most(self) -> int:
        """Return how many inserts a week the policy allows."""
        return self._policy.slots.per_week

    def of(self, subject: Subject) -> Wishes:
        """Return what a person wants less of."""
        with self._ledger.read() as connection:
            return of(connection, subject)

    def put(self, subject: Subject, wishes: Wishes) -> Wishes:
        """Keep what a person wants from now on, in place of what they said before.

        Units: `per_week` is inserts in any seven days, from none to the policy's own.
        Errors: Misused(unknown-key) for a number the policy does not allow, the caller's fault.
        """
        if wishes.per_week is not None and not 0 <= wishes.per_week <= self.most:
            raise Misused(
                Reason.UNKNOWN_KEY, f"a week has at most {self.most} portraits in your feed here"
            )
        with self._ledger.write() as writing:
            for table in (preference, blocked_theme):
                mine = table.c.subject == subject
                writing.connection.execute(delete(table).where(mine))
            themes = [
                {"subject": subject, "theme": theme, "at": writing.now}
                for theme in sorted(wishes.blocked)
            ]
            if wishes.per_week is not None:
                writing.insert(preference, [{"subject": subject, "per_week": wishes.per_week}])
            writing.insert(blocked_theme, themes)
        return wishes

    def unwanted(self, subject: Subject) -> frozenset[str]:
        """Name the scenarios that this person does not want to be drawn in."""
        return self.of(subject).unwanted(self._catalogue)

    def check(self, subject: Subject, scenario: Scenario) -> None:
        """Refuse an idea that a person asked for by name and blocked before.

        Errors: Unwanted, with the themes in its sentence.
        """
        found = sorted(self.of(subject).blocked.intersection(scenario.themes))
        if found:
            raise Unwanted(
                Reason.UNKNOWN_KEY,
                f"This is blocked for you ({', '.join(found)}). "
                "You can change that under Likeness.",
            )


def of(connection: Connection, subject: Subject) -> Wishes:
    """Return what one person wants less of; every page with an insert asks for it."""
    rows = _OF_ONE(connection, who=subject)
    weekly = next((per_week for per_week, theme in rows if theme is None), None)
    themes = frozenset(Theme(theme) for _, theme in rows if theme is not None)
    return Wishes(per_week=weekly, blocked=themes) if rows else NO_WISHES


def wishes(connection: Connection, people: Sequence[Subject]) -> Mapping[Subject, Wishes]:
    """Return what each of these people said; whoever said nothing is not in it."""
    budgets = select(preference.c.subject, preference.c.per_week)
    rows = connection.execute(budgets.where(among(preference.c.subject, people))).all()
    weekly = {Subject(person): per_week for person, per_week in rows}
    themes: dict[Subject, set[Theme]] = {}
    blocked = select(blocked_theme.c.subject, blocked_theme.c.theme)
    for person, theme in connection.execute(blocked.where(among(blocked_theme.c.subject, people))):
        themes.setdefault(Subject(person), set()).add(Theme(theme))
    return {
        person: Wishes(per_week=weekly.get(person), blocked=frozenset(themes.get(person, ())))
        for person in weekly.keys() | themes.keys()
    }


def lowered(rules: SlotRules, wanted: Wishes) -> SlotRules:
    """Lower the policy's week to what a person wants; a wish never raises it."""
    if wanted.per_week is None:
        return rules
    return replace(rules, per_week=min(rules.per_week, wanted.per_week))


def _of_one() -> CompoundSelect[int | None, str | None]:
    who = bindparam("who", type_=BigInteger)
    weekly = select(preference.c.per_week, literal(None, Text)).where(preference.c.subject == who)
    themes = select(literal(None, Integer), blocked_theme.c.theme)
    return union_all(weekly, themes.where(blocked_theme.c.subject == who))


_OF_ONE: Final = Prepared(_of_one())
"""Built once: both tables in one question."""
