# SPDX-License-Identifier: Apache-2.0
"""One installation under one policy, and a story played in it over HTTP.

Every line of it is kept, so that the page of the system tells what was played.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from httpx2 import Response
from numpy.typing import NDArray
from PIL import Image
from starlette.testclient import TestClient

from consent import bundle, policies
from consent.clocks import VirtualClock
from consent.replay import loading, run
from consent.words import SECOND, Micros, Purpose, public_id
from engine import cycle, settings, wiring
from engine.atelier import Atelier
from engine.rooms import Rooms
from engine.web import site
from feed.population import Written
from feed.slots import Neighbour
from tests import portals
from tests.generation import samples

NINE = Micros(1_767_603_600_000_000)
STRICT = "strict-opt-in"
DAY_SECONDS = 86_400
Answer = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing that happened: when, by whom, what, and what was answered."""

    at: Micros
    who: str
    does: str
    answer: str


@dataclass
class Stage:
    """A town whose people act over HTTP, on a clock that the story turns."""

    rooms: Rooms
    clock: VirtualClock
    client: TestClient
    lines: list[Line] = field(default_factory=list)
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)

    @property
    def atelier(self) -> Atelier:
        """Find the one who draws what was asked for."""
        found = self.client.app.state.atelier  # type: ignore[attr-defined]
        assert isinstance(found, Atelier)
        return found

    def tells(self, who: str, does: str, answer: str) -> None:
        """Keep a line of the story."""
        self.lines.append(Line(self.rooms.consent.ledger.now(), who, does, answer))

    def arrives(self, *names: str) -> None:
        """Give people accounts."""
        for name in names:
            self.rooms.consent.accounts.add(name)

    def later(self, seconds: float) -> None:
        """Let time pass, and what ran out be swept, as the scheduler's tick does."""
        self.clock.advance(seconds)
        self.rooms.consent.retention.sweep()

    def draws(self) -> None:
        """Draw everything that was asked for and waits."""
        self.atelier.drain()

    def plan(self) -> dict[str, int]:
        """Run the nightly plan of this moment."""
        return dict(cycle.run(self.rooms, self.rooms.consent.ledger.now()))

    def ask(self, who: str | None, method: str, path: str, **more: Any) -> Response:
        """Send one request as somebody, or as nobody."""
        headers = {}
        if who is not None:
            asked = self.client.post("/v1/token", json={"subject": who})
            headers = {"Authorization": f"Bearer {asked.json()['access_token']}"}
        return self.client.request(method, path, headers=headers, **more)

    def read(self, who: str, path: str) -> Answer:
        """Read what must be there."""
        answer = self.ask(who, "GET", path)
        assert answer.status_code == 200, answer.content
        body: Answer = answer.json()
        return body

    def says_yes(self, who: str, *purposes: Purpose) -> None:
        """Read each notice and agree to it."""
        for purpose in purposes:
            served = self.read(who, f"/v1/notices/{purpose}")
            said = {"served_id": served["served_id"], "affirmative": True}
            answer = self.ask(who, "PUT", f"/v1/consents/{purpose}", json=said)
            assert answer.status_code == 200, answer.content

    def gives(self, who: str, files: Sequence[bytes], purpose: str = "likeness") -> Response:
        """Upload selfies."""
        named = [("file", (f"{n}.jpg", file, "image/jpeg")) for n, file in enumerate(files)]
        said = {"purpose": purpose, "attest_self": "true", "attest_adult": "true"}
        return self.ask(who, "POST", "/v1/selfies", files=named, data=said)

    def portraits(self, who: str) -> list[Answer]:
        """List every image made of somebody, newest first."""
        found: list[Answer] = self.read(who, "/v1/portraits")["items"]
        return found

    def states(self, who: str) -> dict[str, str]:
        """Say where somebody stands for each purpose, and how they came there."""
        items = self.read(who, "/v1/consents")["items"]
        return {one["purpose"]: one["basis"] or one["state"] for one in items}

    def insert(self, who: str) -> Answer | None:
        """Find the one imagined item of somebody's feed, if there is one."""
        items = self.read(who, "/v1/feed")["items"]
        found = [one for one in items if one["kind"] == "imagined"]
        assert len(found) <= 1 or self.rooms.consent.policy.slots.per_page > 1
        return found[0] if found else None

    def acts(self, who: str, item: str, kind: str) -> None:
        """Say something of an item of one's feed."""
        event = {"event_id": f"{who}-{item}-{kind}", "item_id": item, "kind": kind}
        body = {"req_id": "story", "events": [event]}
        assert self.ask(who, "POST", "/v1/interactions", json=body).status_code == 200

    def looks(self, who: str, path: str) -> bool:
        """Look at a picture; what is seen is kept for the page."""
        answer = self.ask(who, "GET", path)
        if answer.status_code == 200:
            with Image.open(io.BytesIO(answer.content)) as image:
                self.pictures.append(np.array(image.convert("RGB")))
        return answer.status_code == 200

    def public(self, name: str) -> str:
        """Name somebody as the API does."""
        return public_id(self.rooms.consent.accounts.find(name).subject)

    def befriend(self, one: str, other: str) -> None:
        """Have two people name each other."""
        for who, friend in ((one, other), (other, one)):
            answer = self.ask(who, "PUT", f"/v1/friends/{self.public(friend)}")
            assert answer.status_code in {200, 204}, answer.content

    def shares(self, who: str, own: str, way: str, audience: str) -> Answer:
        """Show a portrait to others, confirmed."""
        said = {"audience": audience, "confirm": True}
        answer = self.ask(who, "POST", f"/v1/portraits/{own}/{way}", json=said)
        assert answer.status_code == 201, answer.content
        body: Answer = answer.json()
        return body

    def hidden_from(self, *names: str | None, path: str) -> bool:
        """Say whether a path shows nothing to any of these people."""
        return all(self.ask(who, "GET", path).status_code in {401, 404} for who in names)

    def pack(self, who: str, styles: Sequence[str], count: int) -> Response:
        """Ask for a pack of avatars."""
        return self.ask(who, "POST", "/v1/packs", json={"styles": list(styles), "count": count})

    def job(self, who: str, answer: Response) -> Answer:
        """Have a job drawn, and read what became of it."""
        assert answer.status_code == 202, answer.content
        self.draws()
        return self.read(who, answer.headers["location"])

    def seen(self, path: Path) -> tuple[Answer, Answer]:
        """Export the log, verify it offline, replay it under our own policy."""
        bundle.export(self.rooms.consent, path)
        loaded = loading.load(path)
        assert loaded.report["findings"] == []
        assert loaded.recorded is not None
        strict = run.replay(loaded.recorded, policies.load(STRICT), "closed-loop")
        return loaded.report, strict


def build(home: Path, policy: str) -> Stage:
    """Open an installation under a policy with thirty posts and nobody in it."""
    clock = VirtualClock(NINE)
    chosen = settings.read(home, policy=policy, dev_tokens=True)
    rooms = wiring.install(chosen, clock)
    rooms.feed.posts.publish(
        [
            Written(
                id=1_000 + number,
                author="Ida Poster",
                text=f"Post number {number}.",
                picture=None,
                alt=None,
                neighbour=Neighbour.ORDINARY,
                at=Micros(NINE - (30 - number) * 60 * SECOND),
            )
            for number in range(30)
        ]
    )
    client = portals.shared(
        TestClient(site(rooms, chosen), raise_server_exceptions=False, follow_redirects=False)
    )
    return Stage(rooms=rooms, clock=clock, client=client)


def selfies(count: int) -> list[bytes]:
    """Give different photographs of one synthetic person, 1 to 18 of them."""
    sheet = samples.image_of(1, "emotions_sheet", longer=2_400)
    cells = [
        (left, top, left + 497, top + 314)
        for top in (123, 546, 970, 1_393)
        for left in (109, 670, 1_232, 1_793)
    ]
    made = [samples.small_file_of(1), samples.small_file_of(1, "studio_portrait")]
    made += [samples.written(sheet.crop(cell), quality=95) for cell in cells[: count - 2]]
    return made[:count]
