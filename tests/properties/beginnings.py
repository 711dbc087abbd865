# SPDX-License-Identifier: Apache-2.0
"""Where histories begin: three people in the middle of everything, in a home to be copied."""

from dataclasses import replace
from pathlib import Path

from consent import database, policies
from consent.policy import Caps, Policy
from consent.words import ObjectId, Purpose, Step, Subject
from tests.properties.model import Model
from tests.properties.world import TABLE_OF, World
from tests.rooms import Rooms

NAMES = ("Ada", "Bob", "Cy")


def short() -> Policy:
    """Return the default policy with small caps and a term of two days: ends that can be met."""
    strict = policies.load("strict-opt-in")
    caps = {purpose: Caps(per_day=2, per_week=3) for purpose in strict.caps}
    return replace(strict, caps=caps, consent=replace(strict.consent, term_days=2))


def settled(home: Path) -> World:
    """Make a home in which three people are in the middle of everything; to be copied."""
    url = f"sqlite:///{home}/onlyou.db"
    engine = database.connect(url)
    database.create(engine)
    engine.dispose()
    return settled_on(url, home)


def settled_on(url: str, home: Path) -> World:
    """Let them settle on a database that has the schema already."""
    policy = short()
    world = World(rooms=Rooms.open(url, home, policy=policy), model=Model(policy=policy))
    for name in NAMES:
        begin(world, world.join(name))
    world.rooms.close()
    return world


def begin(world: World, person: Subject) -> None:
    """Say yes to everything, give a selfie and have a portrait made."""
    wanted = Purpose.IMAGINE if person == world.people[0] else Purpose.FEED_INSERT
    for purpose in (Purpose.LIKENESS, wanted, Purpose.STORY, Purpose.PERSONALISATION):
        world.grant(person, purpose)
    world.answer_preview(person, accepted=True)
    _take(world, Step.ENROL, person, Purpose.LIKENESS, world.rooms.object())
    portrait(world, person, wanted)


def portrait(world: World, person: Subject, purpose: Purpose) -> None:
    """Make a portrait from its request to its place, as far as permits allow."""
    obj = world.rooms.object()
    for step in (Step.SELECT, Step.GENERATE, Step.MODERATE, Step.STORE, Step.INSERT):
        if not _take(world, step, person, purpose, obj):
            return


def _take(world: World, step: Step, person: Subject, purpose: Purpose, obj: ObjectId) -> bool:
    given = world.ask(step, person, purpose, obj)
    return given is not None and world.land(given, TABLE_OF[step])
