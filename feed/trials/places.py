# SPDX-License-Identifier: Apache-2.0
"""Where people stand in the experiments that run: their arms, and whether an arm acts for them.

Rules:
1. only people who hold `experiment` now have an arm; for everybody else nothing is looked up
2. an arm is a hash of the person's tag under a salt of this installation: nothing is stored
3. an arm acts for a person only once their exposure stands, noted under a `learn` permit at the
   first moment at which any two arms would have done something different for them. Whose arm is
   the control is noted at the same moment, so the arms compare the same people
4. one in so many of them is held out and is never shown any, once anything was ever tried here
5. the gate sees no arm: nothing here can make a step lawful (I15)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from consent import effects
from consent.among import among
from consent.chance import Chance, identifier
from consent.effects import Spent
from consent.gate import Ask, Gate, Learn, Permit
from consent.policy import Policy
from consent.standing import bases
from consent.tables import basis, chain
from consent.words import Epoch, Micros, ObjectId, Purpose, Step, Subject
from consent.writing import Writing
from feed.experiments.assignment import arm_of, held_out
from feed.experiments.treatments import Treatment, treatment
from feed.tables import exposure
from feed.trials import running
from feed.trials.running import Running

_PURPOSE: Final = Purpose.EXPERIMENT
_MOST: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One person's place in one running experiment."""

    running: Running
    arm: str
    exposed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where one person stands in all experiments that run."""

    held_out: bool = False
    places: tuple[Place, ...] = ()

    @property
    def acting(self) -> tuple[Place, ...]:
        """List the places whose arm acts for this person."""
        return tuple(place for place in self.places if place.exposed)

    @property
    def waiting(self) -> tuple[Place, ...]:
        """List the places whose arms have not yet differed for this person."""
        return tuple(place for place in self.places if not place.exposed)

    def treated(self, policy: Policy) -> Treatment:
        """Resolve what the person's own arms set, over a policy."""
        return treated(policy, ((place.running, place.arm) for place in self.acting))


NOWHERE: Final = Stand()
Due = tuple[Subject, Place]
"""Somebody whose exposure is to be noted now."""


def treated(policy: Policy, arms: Iterable[tuple[Running, str]]) -> Treatment:
    """Set the levers of several experiments' arms over a policy; no two set the same one."""
    made = Treatment(policy=policy)
    for one, arm in arms:
        levers = one.experiment.arm(arm)
        then = treatment(levers, made.policy)
        ranker = then.ranker if "ranker" in levers.levers else made.ranker
        made = Treatment(policy=then.policy, ranker=ranker)
    return made


class Trials:
    """Find people's arms, and note when they first matter."""

    def __init__(self, *, gate: Gate, policy: Policy, salt: bytes, chance: Chance) -> None:
        self._gate = gate
        self._policy = policy
        self._salt = salt
        self._chance = chance

    def of(self, connection: Connection, person: Subject, now: Micros) -> Stand:
        """Say where one person stands."""
        return self.stands(connection, [person], now).get(person, NOWHERE)

    def stands(
        self, connection: Connection, people: Sequence[Subject], now: Micros
    ) -> Mapping[Subject, Stand]:
        """Say where people stand; whoever does not hold `experiment` is not in the answer."""
        ever = running.started(connection, now)
        if not ever:
            return {}
        acting = running.acting(ever)
        found: dict[Subject, Stand] = {}
        for start in range(0, len(people), _MOST):
            some = people[start : start + _MOST]
            exposed = _exposed(connection, some)
            for person, tag in tags(connection, some):
                found[person] = self._stand(person, tag, acting, exposed)
        return found

    def _stand(
        self,
        person: Subject,
        tag: bytes,
        acting: Sequence[Running],
        exposed: Mapping[tuple[Subject, str], str],
    ) -> Stand:
        if self.held_out(tag):
            return Stand(held_out=True)
        places = []
        for one in acting:
            noted = exposed.get((person, one.experiment.id))
            arm = noted or self.arm(one, tag)
            if arm is not None and arm not in one.off:
                places.append(Place(running=one, arm=arm, exposed=noted is not None))
        return Stand(places=tuple(places))

    def arm(self, one: Running, tag: bytes) -> str | None:
        """Name the arm that a tag's hash gives today; None for who is not in it."""
        return arm_of(one.experiment, self._salt, tag, one.day)

    def held_out(self, tag: bytes) -> bool:
        """Say whether somebody is of those who are never shown any."""
        return held_out(self._salt, tag, self._policy.experiments.holdout_permille)

    def expose(self, writing: Writing, due: Sequence[Due]) -> frozenset[tuple[Subject, str]]:
        """Note exposures under a `learn` permit each; return (person, experiment) of those noted.

        Whom the gate would deny is not asked about: their arm does not act, and a page that they
        open again and again leaves no trail of denials.
        """
        asks: list[Ask[Learn]] = []
        going: list[Due] = []
        for person, place in due:
            ask: Ask[Learn] = Ask(
                step=Step.LEARN,
                subject=person,
                purpose=_PURPOSE,
                object=ObjectId(identifier(self._chance)),
            )
            if self._gate.foresee(writing.connection, writing.now, ask) is None:
                asks.append(ask)
                going.append((person, place))
        return self._note(writing, asks, going) if asks else frozenset()

    def _note(
        self, writing: Writing, asks: Sequence[Ask[Learn]], going: Sequence[Due]
    ) -> frozenset[tuple[Subject, str]]:
        answers = zip(self._gate.answer(writing, asks), going, strict=True)
        allowed = [(answer, due) for answer, due in answers if isinstance(answer, Permit)]
        inserts = _inserts(writing.connection, [person for person, _ in going])
        rows = [
            {
                "experiment": place.running.experiment.id,
                "arm": place.arm,
                "day": place.running.day,
                "inserts": inserts.get(person),
            }
            for _, (person, place) in allowed
        ]
        named = [f"{row['experiment']}/{row['arm']}" for row in rows]
        permits = [permit for permit, _ in allowed]
        done = effects.spend(writing, permits, exposure, rows, arms=named)
        return frozenset(
            (person, place.running.experiment.id)
            for spent, (_, (person, place)) in zip(done, allowed, strict=True)
            if isinstance(spent, Spent)
        )


def tags(
    connection: Connection, people: Sequence[Subject] | None = None
) -> Iterable[tuple[Subject, bytes]]:
    """Read the tags of those who hold `experiment`; of all of them without `people`."""
    held = (
        select(chain.c.subject, chain.c.tag)
        .join(basis, basis.c.subject == chain.c.subject)
        .where(basis.c.purpose == str(_PURPOSE))
        .order_by(chain.c.subject)
    )
    wanted = held if people is None else held.where(among(chain.c.subject, people))
    return [(Subject(person), tag.encode()) for person, tag in connection.execute(wanted)]


def _exposed(
    connection: Connection, people: Sequence[Subject]
) -> Mapping[tuple[Subject, str], str]:
    columns = (exposure.c.subject, exposure.c.experiment, exposure.c.arm)
    rows = connection.execute(select(*columns).where(among(exposure.c.subject, people)))
    return {(Subject(person), name): arm for person, name, arm in rows}


def _inserts(connection: Connection, people: Sequence[Subject]) -> Mapping[Subject, Epoch]:
    held = bases(connection, people, [Purpose.FEED_INSERT])
    return {person: epoch for (person, _), epoch in held.items()}
