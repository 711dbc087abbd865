# SPDX-License-Identifier: Apache-2.0
"""A home in which something is tried: people who let us, an experiment, and what they do."""

import atexit
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from consent.words import Micros, ObjectId, Purpose, Subject
from feed.experiments.plan import Arm, Experiment, Guardrail, Setting
from feed.experiments.record import Record
from feed.room import build
from feed.tables import exposure, feed_insert
from feed.trials import daybook, running
from feed.trials.places import Stand, tags
from feed.trials.running import Running
from tests.feed.conftest import Home, furnished
from tests.rooms import Rooms, empty

RECIPE = "photobooth"
METRICS = (
    "engaged", "kept", "shown", "withdrew", "hidden", "fewer", "reported", "seconds-to-hide",
)  # fmt: skip


def plan(**changed: Any) -> Experiment:
    """Write an experiment with two arms: the usual first slot, and one further down."""
    return replace(
        Experiment(
            id="deeper",
            title="Deeper down",
            question="Is it missed when it comes later?",
            where="feed",
            policy="strict-opt-in",
            namespace="slots",
            segments=(0, 1_000),
            days=30,
            needed=0,
            primary="engaged",
            metrics=METRICS,
            arms=(Arm(id="now", title="As it is"), sets("later", first=8)),
            guardrails=(Guardrail(metric="withdrew", level=0.05),),
        ),
        **changed,
    )


def sets(name: str, **levers: Setting) -> Arm:
    """Write an arm that sets something."""
    return Arm(id=name, title=name.title(), levers=MappingProxyType(levers))


def as_running(experiment: Experiment) -> Running:
    """See an experiment as it is on its first day."""
    off: frozenset[str] = frozenset()
    return Running(experiment=experiment, plan="00", started_at=Micros(0), day=1, off=off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A home with people in it."""

    home: Home
    people: tuple[Subject, ...]
    #: portraits that stand in people's feeds already and that nobody has come upon
    waiting: dict[Subject, ObjectId] = field(default_factory=dict)

    def start(self, experiment: Experiment | None = None) -> Experiment:
        """Start an experiment by hand."""
        one = experiment or plan()
        self.home.feed.switches.start(one, by="Ines", recipe=RECIPE)
        return one

    def start_with(self, experiment: Experiment | None = None, **wanted: int) -> Experiment:
        """Start it under a name whose hash puts at least so many people into each arm."""
        salt = self.home.feed.trials
        with self.home.rooms.consent.ledger.read() as connection:
            known = [tag for _, tag in tags(connection) if not salt.held_out(tag)]
        for n in range(1_000):
            one = replace(experiment or plan(), id=f"deeper-{n}")
            found = Counter(salt.arm(as_running(one), tag) for tag in known)
            if all(found[arm] >= count for arm, count in wanted.items()):
                return self.start(one)
        raise AssertionError("too few people")

    def running(self, name: str | None = None) -> Running:
        """Find an experiment as it is now; the only one where none is named."""
        now = self.home.rooms.consent.ledger.now()
        with self.home.rooms.consent.ledger.read() as connection:
            ever = running.started(connection, now)
        return next(one for one in ever if name in (None, one.experiment.id))

    def stand(self, person: Subject) -> Stand:
        """Say where somebody stands."""
        now = self.home.rooms.consent.ledger.now()
        with self.home.rooms.consent.ledger.read() as connection:
            return self.home.feed.trials.of(connection, person, now)

    def arms(self) -> Mapping[str, list[Subject]]:
        """Name everybody by the arm that the hash puts them into."""
        found: dict[str, list[Subject]] = {}
        for person in self.people:
            for place in self.stand(person).places:
                found.setdefault(place.arm, []).append(person)
        return found

    def meet(
        self, people: Iterable[Subject] | None = None, scenario: str = "aurora"
    ) -> Mapping[Subject, ObjectId]:
        """Let people find a portrait in their feeds; say which."""
        found = {}
        for person in self.people if people is None else people:
            ready = self.waiting.pop(person, None)
            found[person] = ready or self.home.insert(person, scenario)
            self.home.page(person)
        return found

    def count_in(self) -> Mapping[Subject, ObjectId]:
        """Note everybody's exposure at once, without a page; say what waits for them."""
        now = self.home.rooms.consent.ledger.now()
        with self.home.rooms.consent.ledger.write() as writing:
            stands = self.home.feed.trials.stands(writing.connection, self.people, now)
            due = [(who, place) for who, one in stands.items() for place in one.waiting]
            self.home.feed.trials.expose(writing, due)
        return self.waiting

    def exposed(self) -> int:
        """Count exposures."""
        return self.home.rooms.count(exposure)

    def record(self) -> Record:
        """Read the only run as a report does."""
        with self.home.rooms.consent.ledger.read() as connection:
            (found,) = daybook.runs(connection).values()
        return found


def people_in(rooms: Rooms, count: int) -> tuple[Subject, ...]:
    """Open accounts of people who want inserts and let us experiment."""
    people = tuple(rooms.inserted_person(f"Person {n}") for n in range(count))
    for person in people:
        rooms.grant(person, Purpose.EXPERIMENT)
    return people


@cache
def _village(count: int, waiting: bool) -> Path:
    """Make once a process what `ready` copies."""
    folder = Path(tempfile.mkdtemp(prefix="onlyou-village-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    rooms = Rooms.open(empty(folder), folder)
    trial = gather(rooms, count)
    for person in trial.people if waiting else ():
        trial.home.insert(person)
    rooms.close()
    return folder


def village(folder: Path, count: int, *, waiting: bool = True) -> str:
    """Put people, whose feeds hold a portrait, into an empty folder; return the database."""
    shutil.copytree(_village(count, waiting), folder, dirs_exist_ok=True)
    return f"sqlite:///{folder}/onlyou.db"


def settled(home: Home) -> Trial:
    """Find the people of a village and what waits for them."""
    people = tuple(account.subject for account in home.rooms.consent.accounts.list())
    with home.rooms.consent.ledger.read() as connection:
        rows = connection.execute(select(feed_insert.c.subject, feed_insert.c.object)).all()
    waiting = {Subject(who): ObjectId(obj) for who, obj in rows}
    return Trial(home=home, people=people, waiting=waiting)


def ready(folder: Path, count: int = 5) -> Trial:
    """Open a copy of a village: as `gather`, and everybody's feed holds a portrait."""
    rooms = Rooms.open(village(folder, count), folder)
    return settled(Home(rooms=rooms, feed=build(rooms.consent)))


def gather(rooms: Rooms, count: int = 6) -> Trial:
    """Furnish a home with people who want inserts and let us experiment."""
    return Trial(home=furnished(rooms), people=people_in(rooms, count))
