# SPDX-License-Identifier: Apache-2.0
"""The client says everything that a person can say, over a test client or a network."""

import inspect
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from engine.client import Client, Refused
from tests.engine.homes import Home
from tests.engine.test_client_requests import Said, Wire
from tests.generation import samples

DOCS = Path(__file__).parents[2] / "docs"
TOLD = json.loads((DOCS / "openapi.json").read_text("utf-8"))
NOTICE = {"purpose": "story", "served_id": "x"}
PAGE = {"req_id": "r", "items": []}
GIVEN: dict[str, Any] = {
    "notice": NOTICE,
    "page": PAGE,
    "item": {"id": "i", "context": "c"},
    "photos": [b""],
    "picture": b"",
    "styles": ["a"],
    "events": [],
    "count": 1,
    "per_week": 1,
    "blocked_themes": [],
}
ANY = b'{"items": [], "results": [{}], "access_token": "t", "req_id": "r"}'


def _routes() -> set[tuple[str, str]]:
    return {(m.upper(), path) for path, actions in TOLD["paths"].items() for m in actions}


def _methods() -> list[str]:
    return [name for name, one in inspect.getmembers(Client, inspect.isfunction) if name[0] != "_"]


@pytest.mark.parametrize("name", sorted(set(_methods()) - {"send", "get", "post", "items"}))
def test_what_the_client_calls_is_a_route_that_is_described(name: str) -> None:
    wire = Wire([Said(ANY)])
    method = getattr(Client(wire), name)
    needed = [
        one.name
        for one in inspect.signature(method).parameters.values()
        if one.default is one.empty and one.kind not in {one.VAR_POSITIONAL, one.VAR_KEYWORD}
    ]
    made = method(**{one: GIVEN.get(one, "x") for one in needed})
    if inspect.isgenerator(made):
        list(made)
    ((verb, path, _),) = wire.sent
    patterns = {(m, re.sub(r"\{\w+\}", "[^/]+", template)) for m, template in _routes()}
    assert any(verb == m and re.fullmatch(one, path) for m, one in patterns), (verb, path)


def test_a_person_reads_acts_asks_why_and_leaves(home: Home) -> None:
    anna = Client(home.client).as_("Anna")
    page = anna.feed()
    (mine,) = [item for item in page["items"] if item["kind"] == "imagined"]
    assert anna.image(mine["portrait_id"])[:2] == b"\xff\xd8"
    assert anna.why(mine["portrait_id"])["portrait_id"] == mine["portrait_id"]
    assert anna.act(page, mine, "like", "e-1")["status"] == "done"
    assert anna.act(page, mine, "like", "e-1")["status"] == "duplicate"
    assert len({item["id"] for one in anna.pages(7) for item in one["items"]}) == 31
    assert len(list(anna.portraits(limit=1))) == 2
    assert anna.consents()["feed_insert"]["state"] == "granted"
    gone = anna.withdraw("feed_insert")
    assert gone["destroyed"]["portraits"] == 1
    assert anna.receipt("feed_insert")["seq"] == gone["seq"]
    with pytest.raises(Refused) as refused:
        anna.image(mine["portrait_id"])
    assert refused.value.slug == "not-found"


def test_a_yes_quotes_what_was_served_and_a_photo_is_given(home: Home) -> None:
    dora = Client(home.client).as_("Dora")
    for purpose in ("likeness", "telemetry"):
        seen = dora.consents()[purpose]["etag"]
        assert dora.grant(dora.notice(purpose), seen)["state"] == "granted"
    (taken,) = dora.give([samples.file_of(8)])
    assert taken["accepted"]
    (selfie,) = dora.selfies()
    dora.remove_selfie(selfie["id"])
    page = dora.feed()
    event = {"event_id": "e", "item_id": page["items"][0]["id"], "kind": "dwell", "ms": 700}
    assert dora.measure(page["req_id"], [event])[0]["status"] == "done"
    assert {one["seq"] for one in dora.own_entries(limit=3)}
    assert dora.erase()["schema"] == "onlyou-erasure/1"


@pytest.fixture
def url(home: Home) -> Iterator[str]:
    """Serve the home on a free port."""
    server = uvicorn.Server(uvicorn.Config(home.client.app, port=0, log_level="error"))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        running.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    running.join(10)


def test_what_its_page_shows_runs_over_a_network(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = (DOCS / "client.md").read_text("utf-8")
    code = shown.partition("```python\n")[2].partition("```")[0]
    assert "http://127.0.0.1:8000" in code
    names: dict[str, Any] = {}
    here = code.replace("http://127.0.0.1:8000", url).replace('"Noa"', '"Anna"')
    exec(here, names)  # noqa: S102  our own page
    for one in ("nobody", "noa"):
        names[one]._http.close()
    said = capsys.readouterr().out
    assert "Only you can see this" in said
    assert "403 consent-required not-granted" in said
