# SPDX-License-Identifier: Apache-2.0
"""Friends over HTTP: both must name each other, and nobody learns who is here."""

from consent.words import public_id
from tests.engine.homes import Home


def friends(home: Home, name: str) -> list[str]:
    answer = home.client.get("/v1/friends", headers=home.as_(name))
    return [one["name"] for one in answer.json()["items"]]


def test_both_must_name_each_other(home: Home) -> None:
    anna, ben = (public_id(home.person(name)) for name in ("Anna", "Ben"))
    home.client.put(f"/v1/friends/{ben}", headers=home.as_("Anna"))
    assert (friends(home, "Anna"), friends(home, "Ben")) == ([], [])
    home.client.put(f"/v1/friends/{anna}", headers=home.as_("Ben"))
    assert (friends(home, "Anna"), friends(home, "Ben")) == (["Ben"], ["Anna"])
    home.client.delete(f"/v1/friends/{anna}", headers=home.as_("Ben"))
    assert (friends(home, "Anna"), friends(home, "Ben")) == ([], [])


def test_every_id_is_answered_the_same(home: Home) -> None:
    here, nobody, headers = home.person("Ben"), 123_456_789, home.as_("Anna")
    for method in ("PUT", "DELETE"):
        answers = [
            home.client.request(method, f"/v1/friends/{one}", headers=headers)
            for one in (public_id(here), public_id(nobody), "x", public_id(home.person("Anna")))
        ]
        assert {answer.status_code for answer in answers} == {204}
        told = [
            {k: v for k, v in answer.headers.items() if k != "ratelimit"} for answer in answers
        ]
        assert all(one == told[0] for one in told)
    assert friends(home, "Anna") == []
