# SPDX-License-Identifier: Apache-2.0
"""Every route has a class; by id, what is not theirs and what does not exist are the same.

Who may reach what, for every class and everybody, is tried in `test_leaks`.
Source: OWASP API1 (broken object level authorization).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from consent.words import public_id
from engine.api.problems import answer, not_found
from engine.web import site
from tests.engine.homes import Home

OPEN = {
    ("GET", "/healthz"),
    ("GET", "/metrics"),
    ("GET", "/v1/ledger/checkpoint"),
    ("GET", "/v1/ledger/tile/{path:path}"),
    ("GET", "/openapi.json"),
    ("POST", "/v1/verify"),
    ("GET", "/v1/verify/anchor"),
}
DEVELOPMENT = {("POST", "/v1/token"), ("POST", "/enter"), ("GET", "/enter"), ("POST", "/leave")}
DEVELOPMENT |= {("POST", "/audit/enter"), ("POST", "/welcome/join")}
STAFF = {
    ("GET", "/audit"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/audit/replay"),
    ("GET", "/v1/audit/report"),
    ("GET", "/experiments"),
    ("GET", "/experiments/{id}"),
    ("GET", "/v1/experiments"),
    ("GET", "/v1/experiments/{id}"),
    ("GET", "/v1/experiments/{id}/report"),
}
OWN = {
    ("GET", "/v1/feed"),
    ("POST", "/v1/interactions"),
    ("POST", "/v1/telemetry"),
    ("GET", "/v1/portraits"),
    ("GET", "/v1/selfies"),
    ("POST", "/v1/selfies"),
    ("GET", "/v1/consents"),
    ("GET", "/v1/pause"),
    ("POST", "/v1/pause"),
    ("POST", "/v1/erasure"),
    ("GET", "/v1/ledger/me"),
    ("GET", "/v1/preferences"),
    ("PUT", "/v1/preferences"),
    ("GET", "/v1/reports"),
    ("POST", "/v1/reports"),
    ("GET", "/v1/export"),
    ("GET", "/v1/shares"),
    ("GET", "/xrpc/app.bsky.feed.getFeedSkeleton"),
    ("GET", "/v1/friends"),
    ("POST", "/v1/imagine"),
    ("POST", "/v1/packs"),
    ("POST", "/v1/chat"),
    ("GET", "/v1/jobs"),
}
BY_PURPOSE = {
    ("GET", "/v1/notices/{purpose}"),
    ("PUT", "/v1/consents/{purpose}"),
    ("DELETE", "/v1/consents/{purpose}"),
    ("GET", "/v1/consents/{purpose}/receipt"),
}
BY_PORTRAIT = {
    ("GET", "/v1/portraits/{id}"),
    ("GET", "/v1/portraits/{id}/image"),
    ("GET", "/v1/portraits/{id}/why"),
    ("DELETE", "/v1/portraits/{id}"),
    ("POST", "/v1/portraits/{id}/appeal"),
    ("POST", "/v1/portraits/{id}/share"),
    ("POST", "/v1/portraits/{id}/story"),
    ("POST", "/v1/portraits/{id}/profile-picture"),
    ("GET", "/v1/portraits/{id}/download"),
}
BY_SELFIE = {("DELETE", "/v1/selfies/{id}")}
BY_JOB = {
    ("GET", "/v1/jobs/{id}"),
    ("DELETE", "/v1/jobs/{id}"),
    ("GET", "/v1/jobs/{id}/download"),
}
BY_SHARE = {
    ("GET", "/v1/shares/{id}"),
    ("GET", "/v1/shares/{id}/image"),
    ("DELETE", "/v1/shares/{id}"),
}
BY_ANYBODY = {("PUT", "/v1/friends/{id}"), ("DELETE", "/v1/friends/{id}")}
"""Naming a friend answers the same for every id there can be."""
PAGES = {
    ("GET", "/"),
    ("POST", "/act"),
    ("GET", "/why/{id}"),
    ("GET", "/likeness"),
    ("GET", "/likeness/notices/{purpose}"),
    ("GET", "/likeness/receipts/{purpose}"),
    ("POST", "/likeness/answer"),
    ("POST", "/likeness/withdraw"),
    ("POST", "/likeness/portraits/appeal"),
    ("POST", "/likeness/portraits/destroy"),
    ("POST", "/likeness/selfies/destroy"),
    ("POST", "/likeness/selfies"),
    ("POST", "/likeness/erase"),
    ("POST", "/likeness/preferences"),
    ("POST", "/likeness/pause"),
    ("GET", "/welcome"),
    ("POST", "/welcome"),
    ("GET", "/welcome/selfies"),
    ("POST", "/welcome/selfies"),
    ("GET", "/welcome/uses"),
    ("POST", "/welcome/uses"),
    ("GET", "/welcome/first"),
    ("GET", "/studio"),
    ("POST", "/studio/selfies"),
    ("POST", "/studio/imagine"),
    ("POST", "/studio/pack"),
    ("POST", "/studio/again"),
    ("POST", "/studio/destroy"),
    ("POST", "/studio/report"),
    ("GET", "/studio/jobs/{id}"),
    ("POST", "/studio/jobs/{id}/stop"),
    ("GET", "/share/{id}"),
    ("POST", "/share/{id}"),
    ("POST", "/share/{id}/end"),
    ("POST", "/shown/report"),
    ("GET", "/likeness/images"),
    ("GET", "/likeness/asked"),
    ("POST", "/likeness/shares/end"),
    ("POST", "/likeness/friends"),
    ("POST", "/likeness/friends/end"),
}
API = OWN | BY_PURPOSE | BY_PORTRAIT | BY_SELFIE | BY_JOB | BY_SHARE | BY_ANYBODY
PUBLIC = {("MOUNT", "/static"), ("MOUNT", "/pictures")}
KNOWN = OPEN | PUBLIC | DEVELOPMENT | API | PAGES | STAFF
MANAGED = (
    BY_PURPOSE
    | BY_SELFIE
    | BY_ANYBODY
    | {
        ("GET", "/v1/selfies"),
        ("POST", "/v1/selfies"),
        ("GET", "/v1/consents"),
        ("GET", "/v1/pause"),
        ("POST", "/v1/pause"),
        ("POST", "/v1/erasure"),
        ("GET", "/v1/ledger/me"),
        ("GET", "/v1/preferences"),
        ("PUT", "/v1/preferences"),
        ("GET", "/v1/export"),
        ("DELETE", "/v1/portraits/{id}"),
        ("POST", "/v1/portraits/{id}/appeal"),
        ("POST", "/v1/portraits/{id}/share"),
        ("POST", "/v1/portraits/{id}/story"),
        ("DELETE", "/v1/shares/{id}"),
        ("POST", "/v1/portraits/{id}/profile-picture"),
        ("POST", "/v1/imagine"),
        ("POST", "/v1/packs"),
        ("POST", "/v1/chat"),
        ("DELETE", "/v1/jobs/{id}"),
    }
)

BODIES = {("POST", "/v1/portraits/{id}/profile-picture"): {"confirm": True}}
"""What a route reads before it looks for the object."""
NOT_FOUND = bytes(answer(not_found()).body)


def walk(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """List what answers, through every router that was included."""
    for route in routes:
        if isinstance(route, Route | APIRoute):
            yield from ((method, route.path) for method in (route.methods or set()) - {"HEAD"})
        elif isinstance(route, Mount):
            yield ("MOUNT", route.path)
        else:
            yield from walk(route.original_router.routes)


def test_every_route_is_classified(home: Home) -> None:
    app = site(home.rooms, home.rooms.settings)
    assert set(walk(app.routes)) == KNOWN


def named(home: Home, path: str) -> str:
    """Name something of Anna's, of the kind that a path is about."""
    if "selfies" in path:
        return home.selfie("Anna")
    if "shares" in path:
        return shared(home)
    if "jobs" in path:
        asked = home.client.post("/v1/imagine", headers=home.as_("Anna"), json={})
        return str(asked.json()["id"])
    return str(home.insert("Anna")["portrait_id"])


def shared(home: Home) -> str:
    """Put a portrait of Anna's into her story; she has no friends."""
    served = home.serve("Anna", "story")["served_id"]
    yes = {"served_id": served, "affirmative": True}
    headers, portrait = home.as_("Anna"), home.insert("Anna")["portrait_id"]
    home.client.put("/v1/consents/story", headers=headers, json=yes)
    story = f"/v1/portraits/{portrait}/story"
    answer = home.client.post(story, headers=headers, json={"confirm": True})
    return str(answer.json()["share_id"])


def ids(home: Home, path: str) -> Mapping[str, str]:
    """Give an id that is somebody else's, one that nobody has, and some that are none."""
    theirs = named(home, path)
    return {
        "theirs": theirs,
        "nobodys": public_id(123_456_789),
        "none": "x",
        "traversal": "..%2f..%2fenter",
        "suffix": theirs + ".jpg",
        "encoded": theirs + "%3b.css",
    }


@pytest.mark.parametrize(
    "routes",
    [BY_PORTRAIT, BY_SELFIE, BY_JOB, BY_SHARE],
    ids=["portrait", "selfie", "job", "share"],
)
def test_what_is_somebody_elses_answers_like_what_does_not_exist(
    home: Home, routes: set[tuple[str, str]]
) -> None:
    headers = home.as_("Ben")
    given = ids(home, min(routes)[1])
    for method, path in sorted(routes):
        answers = [
            home.client.request(
                method, path.replace("{id}", one), headers=headers, json=BODIES.get((method, path))
            )
            for one in given.values()
        ]
        assert {answer.status_code for answer in answers} == {404}, path
        assert {answer.content for answer in answers} == {NOT_FOUND}
        hidden = {"ratelimit": "", "ratelimit-policy": ""}
        heads = [dict(answer.headers) | hidden for answer in answers]
        assert heads == [heads[0]] * len(heads)


@pytest.mark.parametrize("path", ["/why/{id}"])
def test_a_page_hides_it_just_as_well(home: Home, path: str) -> None:
    headers = home.as_("Ben")
    for given in ids(home, path).values():
        answer = home.client.get(path.replace("{id}", given), headers=headers)
        assert answer.content == NOT_FOUND


FORMS = ("/likeness/portraits/appeal", "/likeness/portraits/destroy", "/likeness/selfies/destroy")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_cannot_touch_what_is_somebody_elses(home: Home, form: str) -> None:
    for given in ids(home, form).values():
        answer = home.client.post(form, headers=home.as_("Ben"), data={"id": given})
        assert answer.content == NOT_FOUND
    assert {one["state"] for one in home.portraits("Anna")} == {"ready"}
    assert home.selfie("Anna")


def statuses(
    home: Home, routes: Iterable[tuple[str, str]], headers: Mapping[str, str]
) -> dict[tuple[str, str], tuple[int, str]]:
    """Try routes as somebody, with an id that is none: the status and problem of each."""
    found = {}
    for method, path in routes:
        url = path.replace("{id}", "x").replace("{purpose}", "likeness")
        answer = home.client.request(method, url, headers=dict(headers))
        kind = answer.headers.get("content-type", "").startswith("application/problem+json")
        problem = answer.json()["type"].rpartition("/")[2] if kind else ""
        found[method, path] = (answer.status_code, problem)
    return found


def test_a_reading_token_manages_nothing(home: Home) -> None:
    found = statuses(home, API, home.as_("Anna", "feed:read"))
    refused = {route for route, (status, problem) in found.items() if problem == "scope"}
    assert refused == MANAGED


def test_what_a_person_sees_is_all_theirs(home: Home) -> None:
    of_anna = {one["id"] for one in home.portraits("Anna")}
    of_ben = {one["id"] for one in home.portraits("Ben")}
    assert of_anna
    assert of_ben
    assert not of_anna & of_ben
    assert home.insert("Anna")["portrait_id"] in of_anna
    assert home.insert("Ben")["portrait_id"] in of_ben
