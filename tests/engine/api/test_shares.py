# SPDX-License-Identifier: Apache-2.0
"""Sharing over HTTP: who sees what, and for how long."""

from typing import Any

import pytest

from consent.words import public_id
from engine.api.problems import answer, not_found
from tests.engine.homes import Home

NOT_FOUND = bytes(answer(not_found()).body)
FRIENDS = ("Anna", "Ben")


@pytest.fixture
def open_home(home: Home) -> Home:
    return opened(home)


def opened(home: Home) -> Home:
    """Make Anna and Ben friends; Anna says yes to stories and to sharing."""
    ids = {name: public_id(home.person(name)) for name in FRIENDS}
    for name, other in zip(FRIENDS, reversed(FRIENDS), strict=True):
        done = home.client.put(f"/v1/friends/{ids[other]}", headers=home.as_(name))
        assert done.status_code == 204
    for purpose in ("story", "share"):
        says_yes(home, "Anna", purpose)
    return home


def says_yes(home: Home, name: str, purpose: str) -> None:
    served = home.serve(name, purpose)["served_id"]
    body = {"served_id": served, "affirmative": True}
    done = home.client.put(f"/v1/consents/{purpose}", headers=home.as_(name), json=body)
    assert done.status_code == 200


def share(home: Home, how: str = "story", which: int = 0, **body: Any) -> dict[str, Any]:
    portrait = home.portraits("Anna")[which]["id"]
    done = home.client.post(
        f"/v1/portraits/{portrait}/{how}",
        headers=home.as_("Anna"),
        json={"confirm": True} | body,
    )
    assert done.status_code == 201, done.json()
    made: dict[str, Any] = done.json()
    return made


def seen_by(home: Home, name: str) -> list[str]:
    answer = home.client.get("/v1/shares", headers=home.as_(name))
    return [one["share_id"] for one in answer.json()["items"]]


def test_a_friend_sees_it_and_nobody_else_does(open_home: Home) -> None:
    home, made = open_home, share(open_home)
    assert seen_by(home, "Ben") == [made["share_id"]]
    image = home.client.get(made["url"], headers=home.as_("Ben"))
    assert (image.status_code, image.headers["content-type"]) == (200, "image/jpeg")
    for path in (made["url"], made["url"].removesuffix("/image")):
        hidden = home.client.get(path, headers=home.as_("Cleo"))
        assert (hidden.status_code, hidden.content) == (404, NOT_FOUND)
    assert seen_by(home, "Cleo") == []
