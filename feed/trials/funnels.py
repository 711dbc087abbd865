# SPDX-License-Identifier: Apache-2.0
"""How far people got towards an experiment by now, and what kept the others: consent first.

Counted of the accounts that are there: who was erased is in no stage. What is lost between two
stages adds up.
"""

from sqlalchemy import Connection, func, select

from consent.tables import account, basis, granted
from consent.words import Purpose, Subject
from feed.experiments.record import Loss, Stage
from feed.tables import exposure
from feed.trials.places import Trials, tags
from feed.trials.running import Running


def funnel(connection: Connection, one: Running, trials: Trials) -> tuple[int, tuple[Stage, ...]]:
    """Return how many people are in the service, and the stages."""
    people = int(connection.execute(select(func.count()).select_from(account)).scalar_one())
    known = dict(tags(connection))
    letting = set(known)
    held_out = {who for who, tag in known.items() if trials.held_out(tag)}
    inside = {who for who, tag in known.items() if trials.arm(one, tag)} - held_out
    having = inside & _holding(connection, Purpose.FEED_INSERT)
    met = having & _exposed(connection, one.experiment.id)
    before = _ever(connection, Purpose.EXPERIMENT) - len(letting)
    return people, (
        Stage(title="Use the service", people=people),
        Stage(
            title="Let us include them in experiments",
            people=len(letting),
            lost=_lost(
                ("took it back", before), ("have not said yes", people - len(letting) - before)
            ),
        ),
        Stage(
            title="Are in this one",
            people=len(inside),
            lost=_lost(
                ("held out: never shown any", len(held_out)),
                ("in another part, or not let in yet", len(letting - held_out - inside)),
            ),
        ),
        Stage(
            title="Have portraits in their feed turned on",
            people=len(having),
            lost=_lost(("never turned on, or turned off", len(inside - having))),
        ),
        Stage(
            title="Met a difference",
            people=len(met),
            lost=_lost(("nothing differed yet", len(having - met))),
        ),
    )


def _lost(*why: tuple[str, int]) -> tuple[Loss, ...]:
    return tuple(Loss(why=words, people=people) for words, people in why if people)


def _holding(connection: Connection, purpose: Purpose) -> set[Subject]:
    held = select(basis.c.subject).where(basis.c.purpose == str(purpose))
    return {Subject(who) for who in connection.execute(held).scalars()}


def _exposed(connection: Connection, name: str) -> set[Subject]:
    noted = select(exposure.c.subject).where(exposure.c.experiment == name)
    return {Subject(who) for who in connection.execute(noted).scalars()}


def _ever(connection: Connection, purpose: Purpose) -> int:
    """Count those with an account who ever said yes to a purpose."""
    said = (
        select(func.count(granted.c.subject.distinct()))
        .join(account, account.c.subject == granted.c.subject)
        .where(granted.c.purpose == str(purpose))
    )
    return int(connection.execute(said).scalar_one())
