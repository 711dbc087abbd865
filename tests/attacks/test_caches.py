# SPDX-License-Identifier: Apache-2.0
"""No cache may keep what is private, nor be made to by an address that looks like a file's."""

from collections.abc import Iterator

from consent.words import public_id
from tests.engine.api import test_matrix as classes
from tests.engine.homes import Home

EVERYBODYS = {"/static", "/pictures", "/v1/ledger/tile/{path:path}", "/v1/ledger/checkpoint"}
DISGUISES = (
    "/x.css", "/x.jpg", ".css", ".jpg", ";x.css", "%3bx.css", "%2fx.css", "%2f..%2fx.css",
    "%00.css", "%0a.css", "%23.css", "%3fx.css", "/", "//", "/%2e", "/%2e%2e/x.css", "\\x.css",
    "%5cx.css", "~", "%20",
)  # fmt: skip
"""What is appended so that something between us and a person takes an answer for a public file."""
SEPARATORS = (b"\xff\xd8\xff", b"RIFF")


def addresses(home: Home) -> Iterator[str]:
    """Name everything of Anna's that can be read."""
    mine = {
        "portraits": str(home.insert("Anna")["portrait_id"]),
        "shares": classes.shared(home),
        "jobs": str(
            home.client.post("/v1/imagine", headers=home.as_("Anna"), json={}).json()["id"]
        ),
    }
    for method, path in sorted(classes.OWN | classes.BY_PURPOSE | classes.PAGES | BY_ID):
        if method == "GET":
            kind = next((kind for kind in mine if kind in path), "portraits")
            yield path.replace("{id}", mine[kind]).replace("{purpose}", "likeness")


BY_ID = classes.BY_PORTRAIT | classes.BY_JOB | classes.BY_SHARE


def private(headers: object) -> bool:
    said = {name.lower(): value for name, value in dict(headers).items()}  # type: ignore[call-overload]
    return (
        {"private", "no-store"} <= {word.strip() for word in said["cache-control"].split(",")}
        and "authorization" in said["vary"].lower()
        and said["cross-origin-resource-policy"] == "same-origin"
        and said["x-content-type-options"] == "nosniff"
    )


def test_every_private_answer_says_that_it_is(home: Home) -> None:
    headers, seen = home.as_("Anna"), 0
    for path in addresses(home):
        for asked in (headers, {}, home.as_("Ben")):
            answer = home.client.get(path, headers=asked)
            assert private(answer.headers), (path, answer.status_code, dict(answer.headers))
            seen += answer.status_code == 200
    assert seen > 30


def test_no_private_answer_hides_behind_a_files_name(home: Home) -> None:
    headers = home.as_("Anna")
    shown: list[tuple[str, int]] = []
    for path in addresses(home):
        for disguise in DISGUISES:
            answer = home.client.get(path + disguise, headers=headers)
            assert not answer.content.startswith(SEPARATORS), (path, disguise)
            assert private(answer.headers), (path, disguise)
            if answer.status_code == 200 and path != "/":
                shown.append((path + disguise, answer.status_code))
    assert shown == []


def test_a_question_mark_makes_nothing_public(home: Home) -> None:
    url = home.insert("Anna")["image_url"]
    for query in ("?x.css", "?v=1", "?_=x.jpg", "#x.css"):
        answer = home.client.get(url + query, headers=home.as_("Anna"))
        assert private(answer.headers)


def test_the_methods_beside_get_are_as_private(home: Home) -> None:
    url = home.insert("Anna")["image_url"]
    for method in ("HEAD", "OPTIONS", "POST", "TRACE", "PROPFIND"):
        answer = home.client.request(method, url, headers=home.as_("Anna"))
        assert answer.status_code in {200, 404, 405}, method
        assert private(answer.headers), method


def test_what_is_nobodys_is_as_private_as_what_is_somebodys(home: Home) -> None:
    for path in ("/v1/portraits/{}/image", "/v1/shares/{}/image", "/v1/jobs/{}"):
        answer = home.client.get(path.format(public_id(77)), headers=home.as_("Anna"))
        assert answer.status_code == 404
        assert private(answer.headers)
