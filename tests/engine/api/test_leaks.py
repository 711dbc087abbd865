# SPDX-License-Identifier: Apache-2.0
"""Every action that is described, and every page, tried by everybody who is not the owner.

The actions come from the description, their classes from `test_matrix`, so a new one without a
class or without a body to try it with fails here. What is tried names what is Anna's, wherever a
request can name anything; what comes back must hold nothing of hers, and nothing of hers changes.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from consent.tables import metadata
from consent.words import public_id
from engine.api.tokens import PERSONAL, Issuer, Scope
from tests.engine.api import test_matrix as classes
from tests.engine.homes import Home

Action = tuple[str, str]
OBJECTS: Mapping[str, set[Action]] = {
    "portrait": classes.BY_PORTRAIT,
    "selfie": classes.BY_SELFIE,
    "job": classes.BY_JOB,
    "share": classes.BY_SHARE,
}
EXPERIMENTS = {action for action in classes.STAFF if "/experiments" in action[1]}
"""What experimenters read and auditors do not; all else that staff reads is the auditors'."""
TOKENS = {("POST", "/v1/token"), ("POST", "/enter")}
"""The development issuer gives anybody a token for anybody: that is what it is for."""
DESTROYS = ("erasure", "erase")


@dataclass(frozen=True)
class Case:
    """A home with one of everything that is Anna's, and the words by which it could be known."""

    home: Home
    hers: Mapping[str, str]
    secrets: frozenset[str]

    def rows(self) -> Mapping[str, list[str]]:
        """Read every row of Anna's."""
        anna = self.home.person("Anna")
        with self.home.rooms.consent.ledger.read() as connection:
            return {
                table.name: sorted(
                    repr(tuple(row))
                    for row in connection.execute(select(table).where(table.c.subject == anna))
                )
                for table in metadata.sorted_tables
                if "subject" in table.c
            }


def bodies(hers: Mapping[str, str]) -> Mapping[Action, Any]:
    """Say what to send to each action that reads JSON; whatever it can name is Anna's."""
    event = {"event_id": "e", "item_id": hers["portrait"]}
    shown = {"confirm": True}
    return {
        ("POST", "/v1/interactions"): {"req_id": "r", "events": [event | {"kind": "hide"}]},
        ("POST", "/v1/telemetry"): {"req_id": "r", "events": [event | {"kind": "seen"}]},
        ("PUT", "/v1/consents/{purpose}"): {"served_id": hers["notice"], "affirmative": True},
        ("POST", "/v1/erasure"): {"confirm": "erase"},
        ("POST", "/v1/pause"): {"until": None},
        ("PUT", "/v1/preferences"): {"per_week": 1, "blocked_themes": []},
        ("POST", "/v1/reports"): {"item_id": hers["portrait"]},
        ("POST", "/v1/imagine"): {},
        ("POST", "/v1/packs"): {"styles": ["jazz"], "count": 1},
        ("POST", "/v1/chat"): {"text": "/imagine me as a jazz singer"},
        ("POST", "/v1/portraits/{id}/share"): shown,
        ("POST", "/v1/portraits/{id}/story"): shown,
        ("POST", "/v1/portraits/{id}/profile-picture"): shown,
    }


@pytest.fixture
def case(home: Home) -> Case:
    """Give Anna a job and a share beside her portraits and her selfie."""
    anna = home.as_("Anna")
    job = home.client.post("/v1/imagine", headers=anna, json={}).json()["id"]
    hers = {
        "portrait": str(home.insert("Anna")["portrait_id"]),
        "selfie": home.selfie("Anna"),
        "job": str(job),
        "share": classes.shared(home),
        "person": public_id(home.person("Anna")),
        "notice": str(home.serve("Anna", "share")["served_id"]),
    }
    all_hers = {one["id"] for one in home.portraits("Anna")} | set(hers.values())
    return Case(home=home, hers=hers, secrets=frozenset(all_hers))


def described(home: Home) -> Mapping[Action, dict[str, Any]]:
    """List the API's actions as they are described."""
    told = home.client.get("/openapi.json").json()["paths"]
    return {
        (method.upper(), path): action
        for path, acts in told.items()
        for method, action in acts.items()
    }


def address(case: Case, action: Action) -> str:
    """Name Anna's own thing, of the kind that an action is about."""
    kind = next((kind for kind, known in OBJECTS.items() if action in known), "portrait")
    kind = "person" if action in classes.BY_ANYBODY else kind
    path = action[1].replace("{id}", case.hers[kind]).replace("{purpose}", "likeness")
    return path.replace("{path:path}", "0/000").replace("{path}", "0/000")


def send(case: Case, action: Action, headers: Mapping[str, str]) -> Any:
    """Try an action: a body of its own where it reads JSON, forms and files with all names."""
    method, path = action[0], address(case, action)
    sent: dict[str, Any] = {"headers": dict(headers)}
    body = bodies(case.hers).get(action)
    if body is not None:
        sent["json"] = body
    elif method == "POST" and action not in classes.API:
        names = ("id", "item_id", "portrait", "portrait_id", "share_id", "job", "selfie", "friend")
        mine = {
            name: case.hers.get(name.removesuffix("_id"), case.hers["portrait"]) for name in names
        }
        sent["data"] = mine | {"kind": "hide", "purpose": "story", "confirm": "erase"}
    elif method == "POST" and "selfies" in path:
        sent["files"] = [("file", ("x.jpg", b"x", "image/jpeg"))]
    return case.home.client.request(method, path, **sent)


def text(answer: Any) -> str:
    """Read an answer's words, those of the files in an archive too."""
    content: bytes = answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode("latin-1")


def order(actions: set[Action]) -> list[Action]:
    """Put what ends the asker's own account last."""
    return sorted(actions, key=lambda one: (one[1].endswith(DESTROYS), one[1], one[0]))


def told(answer: Any) -> tuple[int, str]:
    kind = answer.headers.get("content-type", "").startswith("application/problem+json")
    return answer.status_code, answer.json()["type"].rpartition("/")[2] if kind else ""


ALL = classes.OPEN | classes.API | classes.PAGES | classes.STAFF


def other(home: Home) -> dict[str, str]:
    return home.as_("Ben")


def anonymous(_home: Home) -> dict[str, str]:
    return {}


def auditor(home: Home) -> dict[str, str]:
    return home.as_(None, "audit:read")


def experimenter(home: Home) -> dict[str, str]:
    return home.as_(None, "experiment:read")


def expired(home: Home) -> dict[str, str]:
    """Sign Anna's own token with the right key, for a time that is over."""
    ours = home.client.app.state.desk.issuer  # type: ignore[attr-defined]  # any ASGI app
    over = Issuer(ours._secret, home.clock, lifetime=-1)
    scopes = PERSONAL | {Scope.AUDIT_READ}
    return {"Authorization": f"Bearer {over.issue(home.person('Anna'), scopes)}"}


PRINCIPALS = (other, anonymous, auditor, experimenter, expired)


def expected(action: Action, who: Callable[[Home], dict[str, str]]) -> tuple[int, str] | None:
    """Say how an action must be refused; None where it may answer, with nothing of Anna's."""
    if action in classes.OPEN:
        return None
    if who in {anonymous, expired}:
        return 401, "unauthenticated"
    if action in classes.STAFF:
        reader = experimenter if action in EXPERIMENTS else auditor
        return None if who is reader else (403, "scope")
    if who in {auditor, experimenter}:
        return 403, "scope"
    return (404, "not-found") if any(action in known for known in OBJECTS.values()) else None


@pytest.mark.parametrize("who", PRINCIPALS, ids=lambda one: one.__name__)
def test_nobody_else_gets_or_changes_anything_of_hers(
    case: Case, who: Callable[[Home], dict[str, str]]
) -> None:
    headers, before = who(case.home), case.rows()
    wrong: dict[Action, object] = {}
    for action in order(ALL):
        answer = send(case, action, headers)
        refusal = expected(action, who)
        named = {case.hers["person"]} if action in classes.BY_ANYBODY else set()
        leaked = [one for one in case.secrets - named if one in text(answer)]
        if answer.status_code >= 500 or leaked or refusal not in {None, told(answer)}:
            wrong[action] = (told(answer), leaked)
        if answer.status_code == 404:
            assert answer.content == classes.NOT_FOUND, action
    assert wrong == {}
    assert case.rows() == before


def test_after_she_took_everything_back_nothing_is_left_to_be_had(case: Case) -> None:
    home, anna = case.home, case.home.as_("Anna")
    for purpose in ("likeness", "story", "telemetry", "personalisation"):
        assert home.client.delete(f"/v1/consents/{purpose}", headers=anna).status_code == 200
    wrong: dict[Action, object] = {}
    for action in order(ALL - classes.STAFF):
        answer = send(case, action, anna)
        kind = answer.headers.get("content-type", "")
        picture = kind.startswith(("image/", "application/zip")) and action[1] != "/v1/export"
        gone = action[1].endswith(("/image", "/why", "/download")) and answer.status_code != 404
        if answer.status_code >= 500 or picture or gone or b"\xff\xd8\xff" in answer.content:
            wrong[action] = told(answer)
    assert wrong == {}


def test_what_is_described_is_classified_and_what_is_classified_is_described(home: Home) -> None:
    found = {(m, p.replace("{path}", "{path:path}")) for m, p in described(home)}
    api = classes.OPEN | classes.API | classes.STAFF
    assert found - TOKENS <= api
    pages = {"/openapi.json", "/audit", "/experiments", "/experiments/{id}"}
    undescribed = {("GET", page) for page in pages}
    assert api - found == undescribed


def test_every_action_that_reads_json_is_tried_with_a_body(case: Case) -> None:
    reading = {
        action
        for action, one in described(case.home).items()
        if "application/json" in one.get("requestBody", {}).get("content", {})
    }
    assert reading - TOKENS == set(bodies(case.hers))


def test_a_route_that_nobody_classified_is_noticed(home: Home) -> None:
    app = home.client.app
    app.get("/v1/new")(lambda: None)  # type: ignore[attr-defined]  # any ASGI app
    with pytest.raises(AssertionError):
        assert set(classes.walk(app.routes)) == classes.KNOWN  # type: ignore[attr-defined]
