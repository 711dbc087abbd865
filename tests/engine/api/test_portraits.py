# SPDX-License-Identifier: Apache-2.0
import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from consent.words import Purpose, Step
from engine import wiring
from feed.tables import feed_view
from generation.recipes import Row
from generation.tables import asset_view
from tests.engine.doors import Door
from tests.engine.homes import Home
from tests.engine.town import Quick, Town
from tests.generation.samples import portrait_of
from tests.generation.test_moderation import Fixed


def entries(home: Home) -> int:
    return home.rooms.consent.ledger.head()[0]


def rows(home: Home, table: object) -> int:
    with home.rooms.consent.ledger.read() as connection:
        return len(connection.execute(table.select()).all())  # type: ignore[attr-defined]


def test_a_portrait_opens_for_its_owner(home: Home) -> None:
    picture = home.client.get(home.insert("Anna")["image_url"], headers=home.as_("Anna"))
    assert picture.status_code == 200
    assert picture.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.size == (512, 640)


def test_looking_is_logged_once_a_viewing_session(home: Home) -> None:
    address = home.insert("Anna")["image_url"]
    headers = home.as_("Anna")
    before = entries(home)
    home.client.get(address, headers=headers)
    assert entries(home) == before + 2
    home.client.get(address, headers=headers)
    assert entries(home) == before + 2
    home.clock.advance(601)
    home.client.get(address, headers=headers)
    assert entries(home) == before + 4


def test_it_is_looked_at_where_it_stands(home: Home) -> None:
    headers = home.as_("Anna")
    for one in home.portraits("Anna"):
        home.client.get(one["image_url"], headers=headers)
    assert rows(home, feed_view) == 1
    assert rows(home, asset_view) == 1
    assert feed_view.info["step"] is Step.VIEW


def test_listing_writes_nothing_and_describing_neither(home: Home) -> None:
    headers = home.as_("Anna")
    own = home.portraits("Anna")[0]["id"]
    before = entries(home)
    for path in ("", f"/{own}", f"/{own}/why"):
        assert home.client.get(f"/v1/portraits{path}", headers=headers).status_code == 200
    assert entries(home) == before


def test_everything_is_listed_newest_first_and_once(home: Home) -> None:
    headers = home.as_("Anna")
    whole = home.portraits("Anna")
    assert [one["inserted"] for one in whole] == [True, False]
    first = home.client.get("/v1/portraits", headers=headers, params={"limit": 1}).json()
    assert first["items"] == whole[:1]
    rest = home.client.get(
        "/v1/portraits", headers=headers, params={"limit": 1, "cursor": first["cursor"]}
    ).json()
    assert rest == {"items": whole[1:]}


def test_a_cursor_is_worth_nothing_to_anybody_else(home: Home) -> None:
    first = home.client.get("/v1/portraits", headers=home.as_("Anna"), params={"limit": 1}).json()
    for cursor in (first["cursor"], "x", "####", "é"):
        refused = home.client.get(
            "/v1/portraits", headers=home.as_("Ben"), params={"cursor": cursor}
        )
        assert refused.status_code == 422
        assert refused.json()["field"] == "cursor"


def test_why_names_exactly_what_it_rests_on(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    why = home.client.get(f"/v1/portraits/{own}/why", headers=home.as_("Anna")).json()
    assert why["portrait_id"] == own
    assert why["selfies"] == [home.selfie("Anna")]
    assert why["purpose"] == "feed_insert"
    assert why["basis"] == "explicit"
    assert why["policy"]["id"] == "strict-opt-in"
    assert why["recipe"]["id"] == "photobooth"
    assert why["notice"]["version"] == "1"


def test_a_destroyed_portrait_keeps_its_line_and_nothing_else(home: Home) -> None:
    headers = home.as_("Anna")
    own = home.insert("Anna")["portrait_id"]
    for _ in range(2):
        assert home.client.delete(f"/v1/portraits/{own}", headers=headers).status_code == 204
    line = home.client.get(f"/v1/portraits/{own}", headers=headers).json()
    assert line["state"] == "destroyed"
    assert line["scenario"]["id"]
    assert line["image_url"] is None
    assert home.client.get(f"/v1/portraits/{own}/image", headers=headers).status_code == 404
    assert home.client.get(f"/v1/portraits/{own}/why", headers=headers).status_code == 404
    assert not [item for item in home.feed("Anna")["items"] if item["kind"] == "imagined"]


def test_a_portrait_is_gone_when_its_time_is_over(home: Home) -> None:
    own = home.portraits("Anna")[1]
    headers = home.as_("Anna")
    assert home.client.get(own["image_url"], headers=headers).status_code == 200
    home.clock.advance(30 * 86_400)
    headers = home.as_("Anna")
    assert home.client.get(own["image_url"], headers=headers).status_code == 404
    line = home.client.get(f"/v1/portraits/{own['id']}", headers=headers).json()
    assert line["state"] == "destroyed"


# --- held back


def test_what_is_held_back_is_described_with_its_reason_its_end_and_the_appeal(home: Home) -> None:
    own = home.hold_back("Anna")
    (line,) = [one for one in home.portraits("Anna") if one["id"] == own]
    assert line == home.client.get(f"/v1/portraits/{own}", headers=home.as_("Anna")).json()
    told = {name: line[name] for name in ("state", "reason", "image_url", "inserted", "appeal")}
    assert told == {
        "state": "quarantined",
        "reason": "nsfw",
        "image_url": None,
        "inserted": False,
        "appeal": "open",
    }
    assert line["expires_at"].startswith("2026-06-05T12:00:00")
    assert {one["appeal"] for one in home.portraits("Anna") if one["id"] != own} == {None}


def test_it_opens_for_nobody_and_others_see_nothing_at_all(home: Home) -> None:
    own = home.hold_back("Anna")
    before = entries(home)
    for path in ("image", "why"):
        mine = home.client.get(f"/v1/portraits/{own}/{path}", headers=home.as_("Anna"))
        assert mine.status_code == 409
        assert mine.json()["type"].endswith("/quarantined")
        assert mine.json()["reason"] == "nsfw"
        theirs = home.client.get(f"/v1/portraits/{own}/{path}", headers=home.as_("Ben"))
        nobodys = home.client.get(f"/v1/portraits/0000000000001/{path}", headers=home.as_("Ben"))
        assert (theirs.status_code, theirs.content) == (404, nobodys.content)
    assert entries(home) == before
    assert rows(home, asset_view) == 0


def test_an_appeal_that_passes_makes_a_portrait_of_it(home: Home) -> None:
    own = home.hold_back("Anna")
    headers = home.as_("Anna")
    stranger = home.client.post(f"/v1/portraits/{own}/appeal", headers=home.as_("Ben"))
    assert stranger.status_code == 404
    for _ in range(2):
        passed = home.client.post(f"/v1/portraits/{own}/appeal", headers=headers)
        assert passed.status_code == 200
        assert (passed.json()["state"], passed.json()["appeal"]) == ("ready", None)
    picture = home.client.get(passed.json()["image_url"], headers=headers)
    assert picture.headers["content-type"] == "image/jpeg"


def test_an_appeal_that_fails_is_used_up(home: Home) -> None:
    own = home.hold_back("Anna")
    headers = home.as_("Anna")
    judging = home.rooms.studio.appeals
    judging._judge = replace(home.rooms.studio._inspector, scorer=Fixed(0.9))
    failed = home.client.post(f"/v1/portraits/{own}/appeal", headers=headers)
    assert failed.status_code == 200
    assert (failed.json()["state"], failed.json()["appeal"]) == ("quarantined", "used")
    again = home.client.post(f"/v1/portraits/{own}/appeal", headers=headers)
    assert again.status_code == 429
    assert again.json()["type"].endswith("/quota")


def test_nothing_can_be_appealed_that_is_gone(home: Home) -> None:
    own = home.hold_back("Anna")
    headers = home.as_("Anna")
    assert home.client.delete(f"/v1/portraits/{own}", headers=headers).status_code == 204
    assert home.client.get(f"/v1/portraits/{own}", headers=headers).json()["state"] == "destroyed"
    gone = home.client.post(f"/v1/portraits/{own}/appeal", headers=headers)
    assert gone.status_code == 404


def test_it_goes_by_itself_to_the_second(home: Home) -> None:
    own = home.hold_back("Anna")
    home.clock.advance(7 * 86_400)
    headers = home.as_("Anna")
    line = home.client.get(f"/v1/portraits/{own}", headers=headers).json()
    assert (line["state"], line["reason"], line["appeal"]) == ("destroyed", None, None)
    assert home.client.get(f"/v1/portraits/{own}/image", headers=headers).status_code == 404


class Swaying(Quick):
    """Draw what moves, too: the head as it is, a little to the left and to the right."""

    def frames(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        heads = [portrait_of(row.likenesses[0]) for row in rows]
        return tuple(np.stack([np.roll(one, by, axis=1) for by in (-3, 0, 3)]) for one in heads)


@pytest.fixture
def moving_town(make_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch) -> Town:
    """Open a town whose recipe draws what moves."""
    monkeypatch.setattr(wiring, "recipe", lambda _chosen: Swaying())
    return make_town()


def test_what_moves_is_served_as_what_it_is_and_still_to_whoever_wants_that(
    moving_town: Town,
) -> None:
    door = Door(moving_town)
    job = door.post("/v1/imagine", prompt="me as a pirate", form="loop").json()["id"]
    door.atelier.drain()
    (id_,) = door.client.get(f"/v1/jobs/{job}").json()["portraits"]
    assert door.client.get(f"/v1/portraits/{id_}").json()["form"] == "loop"
    moving = door.client.get(f"/v1/portraits/{id_}/image")
    still = door.client.get(f"/v1/portraits/{id_}/image?still=1")
    assert moving.headers["content-type"] == "image/webp"
    assert still.headers["content-type"] == "image/jpeg"
    for answer in (moving, still):
        assert answer.headers["cache-control"] == "private, no-store"
        seen = door.client.post("/v1/verify", files={"file": ("x", answer.content)}).json()
        told = [seen[mark] for mark in ("c2pa", "watermark", "fingerprint")]
        assert told == ["trusted", "found", "found"]
    assert door.client.get(f"/v1/portraits/{id_}/download").headers["content-type"] == "image/webp"
    assert door.client.get("/v1/portraits/nobodys/image?still=1").status_code == 404


def test_a_share_of_what_moves_moves_or_stands_still(moving_town: Town) -> None:
    moving_town.says_yes("Bo", Purpose.STORY)
    door = Door(moving_town)
    (id_,) = door.job(door.post("/v1/imagine", scenario="jazz", form="loop"))["portraits"]
    shared = door.post(f"/v1/portraits/{id_}/story", confirm=True).json()
    kinds = {
        query: door.client.get(shared["url"] + query).headers["content-type"]
        for query in ("", "?still=1")
    }
    assert kinds == {"": "image/webp", "?still=1": "image/jpeg"}


def test_what_never_moved_is_the_same_still(home: Home) -> None:
    url = home.insert("Anna")["image_url"]
    plain, still = (home.client.get(url + q, headers=home.as_("Anna")) for q in ("", "?still=1"))
    assert plain.content == still.content
