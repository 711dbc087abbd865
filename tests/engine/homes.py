# SPDX-License-Identifier: Apache-2.0
"""A small home with four people, made once, and the whole HTTP engine over a copy of it.

Anna and Ben want inserts and have one portrait in their feeds, Anna one more that she asked for;
Cleo has said yes to inserts and has not seen the card that asks; Dora has an account.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from consent import database
from consent.clocks import VirtualClock
from consent.gate import Ask, Denial
from consent.words import DAY, HOUR, Micros, ObjectId, Purpose, Step, Subject, public_id
from engine import settings, wiring
from engine.client import Client
from engine.rooms import Rooms
from engine.settings import Settings
from engine.web import site
from feed.population import Written
from feed.slots import Neighbour
from generation.enrolment import Enrolled
from generation.portraits import HeldBack, Portrait, Wish
from tests import portals
from tests.generation import samples
from tests.generation.test_moderation import Fixed

NOON = Micros(20_602 * DAY + 12 * HOUR)
AUTHORS = ("Ida", "Jon", "Kim", "Lea", "Max")
PEOPLE = {"Anna": 1, "Ben": 3, "Cleo": 5, "Dora": None}


def named(text: str) -> list[str]:
    """List who of the four is named; as a word, since three letters stand in some signatures."""
    return [name for name in PEOPLE if re.search(rf"\b{name}\b", text)]


@dataclass(frozen=True)
class Home:
    """One open home and the engine over it."""

    rooms: Rooms
    clock: VirtualClock
    client: TestClient

    def person(self, name: str) -> Subject:
        return self.rooms.consent.accounts.find(name).subject

    def token(self, name: str | None, *scopes: str) -> str:
        asked: dict[str, Any] = {} if name is None else {"subject": name}
        asked |= {"scopes": list(scopes)} if scopes else {}
        return str(self.client.post("/v1/token", json=asked).json()["access_token"])

    def says(self, name: str) -> Client:
        """Speak as a person, through the typed client."""
        return Client(self.client).as_(name)

    def as_(self, name: str | None, *scopes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(name, *scopes)}"}

    def feed(self, name: str, **query: Any) -> dict[str, Any]:
        answer = self.client.get("/v1/feed", headers=self.as_(name), params=query)
        body: dict[str, Any] = answer.json()
        return body

    def insert(self, name: str) -> dict[str, Any]:
        """Read the one imagined item of a person's feed."""
        items = self.feed(name)["items"]
        (found,) = [item for item in items if item["kind"] == "imagined"]
        assert isinstance(found, dict)
        return found

    def portraits(self, name: str) -> list[dict[str, Any]]:
        answer = self.client.get("/v1/portraits", headers=self.as_(name))
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def selfie(self, name: str) -> str:
        answer = self.client.get("/v1/selfies", headers=self.as_(name))
        return str(answer.json()["items"][0]["id"])

    def serve(self, name: str, purpose: str) -> Mapping[str, Any]:
        answer = self.client.get(f"/v1/notices/{purpose}", headers=self.as_(name))
        body: dict[str, Any] = answer.json()
        return body

    def hold_back(self, name: str, score: float = 0.9) -> str:
        """Draw a portrait that somebody asks for and that the scorer does not pass."""
        studio, real = self.rooms.studio, self.rooms.studio._workshop
        harsh = replace(real.inspector, scorer=Fixed(score))
        studio.__dict__["_workshop"] = replace(real, inspector=harsh)
        try:
            return public_id(_draw(self.rooms, self.person(name), Purpose.IMAGINE, HeldBack))
        finally:
            studio.__dict__["_workshop"] = real

    def close(self) -> None:
        self.rooms.consent.ledger.engine.dispose()


def make(folder: Path) -> None:
    """Make the home that every test gets a copy of."""
    clock = VirtualClock(Micros(NOON - 2 * DAY))
    chosen = Settings(home=folder, dev_tokens=True)
    settings.write(chosen)
    connected = database.connect(chosen.database)
    database.create(connected)
    rooms = wiring.founded(chosen, connected, clock)
    rooms.feed.posts.publish(_posts())
    people = {name: rooms.consent.accounts.add(name).subject for name in PEOPLE}
    for name in ("Anna", "Ben", "Cleo"):
        _says_yes(rooms, people[name], Purpose.LIKENESS, Purpose.FEED_INSERT)
        _gives_a_selfie(rooms, people[name], PEOPLE[name] or 0)
    for name in ("Anna", "Ben"):
        rooms.consent.grants.answer_preview(people[name], accepted=True)
    _says_yes(rooms, people["Anna"], Purpose.IMAGINE)
    _draw(rooms, people["Anna"], Purpose.IMAGINE)
    clock.advance(90_000)
    for name in ("Anna", "Ben"):
        _place(rooms, people[name], _draw(rooms, people[name], Purpose.FEED_INSERT))
    rooms.consent.ledger.engine.dispose()


def _posts() -> list[Written]:
    """Write thirty posts, the last one hour ago."""
    return [
        Written(
            id=1000 + number,
            author=f"{AUTHORS[number % 5]} Poster",
            text=f"Post number {number}.",
            picture=None,
            alt=None,
            neighbour=Neighbour.ORDINARY,
            at=Micros(NOON - (30 - number) * HOUR),
        )
        for number in range(30)
    ]


def _says_yes(rooms: Rooms, person: Subject, *purposes: Purpose) -> None:
    for purpose in purposes:
        served = rooms.consent.notices.serve(person, purpose)
        rooms.consent.grants.grant(person, purpose, served.served_id)


def _gives_a_selfie(rooms: Rooms, person: Subject, number: int) -> None:
    (done,) = rooms.studio.enrol(person, [samples.file_of(number)], samples.TRUE)
    assert isinstance(done, Enrolled)


def _draw(
    rooms: Rooms, person: Subject, purpose: Purpose, expected: type[object] = Portrait
) -> ObjectId:
    obj = ObjectId(int.from_bytes(rooms.consent.chance.token(7), "big"))
    ask: Ask[Any] = Ask(step=Step.SELECT, subject=person, purpose=purpose, object=obj, request=obj)
    scenario = min(rooms.studio.recipe.scenarios)
    (order,) = rooms.studio.order([rooms.consent.gate.ask(ask)], [Wish(scenario=scenario, seed=7)])
    assert not isinstance(order, Denial)
    (made,) = rooms.studio.make([order])
    assert isinstance(made, expected), made
    return obj


def _place(rooms: Rooms, person: Subject, obj: ObjectId) -> None:
    ask: Ask[Any] = Ask(
        step=Step.INSERT,
        subject=person,
        purpose=Purpose.FEED_INSERT,
        object=obj,
        request=obj,
    )
    rooms.feed.inserts.place([rooms.consent.gate.ask(ask)], [min(rooms.studio.recipe.scenarios)])


def open_copy(template: Path, folder: Path, **changed: Any) -> Home:
    """Open the engine over a copy of the made home, at noon."""
    shutil.copytree(template, folder)
    chosen = replace(Settings(home=folder, dev_tokens=True), **changed)
    clock = VirtualClock(NOON)
    rooms = wiring.build(chosen, database.connect(chosen.database), clock)
    app = site(rooms, chosen)
    app.state.scrapes._kept = 0  # what is told is looked at, not kept
    client = portals.shared(TestClient(app, raise_server_exceptions=False, follow_redirects=False))
    return Home(rooms=rooms, clock=clock, client=client)


def public(subject: Subject | ObjectId) -> str:
    return public_id(subject)
