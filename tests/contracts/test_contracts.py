# SPDX-License-Identifier: Apache-2.0
"""The contract as an outsider reads it: answers over HTTP against shapes that are data here.

What is asked for is taken from the contract and not from the code, and proofs are checked with
arithmetic of their own, so that a mistake shared by the engine and its verifier would show.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from consent import bundle
from engine.client_shapes import FeedPage
from tests.contracts import proofs
from tests.contracts.shapes import ENTRIES, PURPOSES, STATUS, item_shape, wrong
from tests.engine.homes import Home
from tests.generation import samples

PRIVATE = "private, no-store"


def get(home: Home, name: str, path: str, **query: Any) -> Any:
    answer = home.client.get(path, headers=home.as_(name), params=query)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, PRIVATE)
    return answer.json()


def put(home: Home, name: str, purpose: str, served: str, **headers: str) -> Any:
    return home.client.put(
        f"/v1/consents/{purpose}",
        headers=home.as_(name) | headers,
        json={"served_id": served, "affirmative": True},
    )


def is_problem(answer: Any, slug: str, reason: str | None = None) -> None:
    body = answer.json()
    assert not wrong("problem", body)
    assert body["type"] == f"https://onlyou.example/problems/{slug}"
    assert answer.status_code == body["status"] == STATUS[slug]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == PRIVATE
    assert reason is None or body["reason"] == reason


# --- shapes


def test_a_field_that_is_missing_or_of_another_kind_is_named() -> None:
    scenario = {"id": "jazz", "title": "You, second set"}
    assert not wrong("scenario", scenario | {"more": 1})
    assert wrong("scenario", scenario | {"id": 7}) == ["id"]
    assert wrong("scenario", {"id": "jazz"}) == ["title"]
    assert wrong("checked", {"accepted": True, "reason": "ugly"}) == ["reason"]


@pytest.mark.parametrize("name", ["Anna", "Ben", "Cleo", "Dora"])
def test_everybodys_answers_have_the_shapes_of_the_contract(home: Home, name: str) -> None:
    page = get(home, name, "/v1/feed")
    assert [(item, wrong(item_shape(item), item)) for item in page["items"]] == [
        (item, []) for item in page["items"]
    ]
    assert not wrong("page", page)
    for one in get(home, name, "/v1/portraits")["items"]:
        assert not wrong("portrait", one)
        assert not wrong("why", get(home, name, f"/v1/portraits/{one['id']}/why"))
    for path, shape in (("selfies", "selfie"), ("consents", "consent")):
        found = get(home, name, f"/v1/{path}")["items"]
        assert [wrong(shape, one) for one in found] == [[] for _ in found]


def test_there_is_one_consent_a_purpose_with_its_parent(home: Home) -> None:
    found = get(home, "Anna", "/v1/consents")["items"]
    assert [one["purpose"] for one in found] == PURPOSES
    roots = {"likeness", "personalisation", "experiment", "telemetry"}
    assert {one["purpose"] for one in found if one["requires"] is None} == roots


def test_the_card_that_asks_promises_nothing_that_was_not_made(home: Home) -> None:
    card = home.insert("Cleo")
    assert not wrong("card", card)
    assert not {"portrait_id", "scenario", "why", "image_url", "expires_at"} & set(card)
    cleo = home.says("Cleo")
    page = cleo.feed()
    (asking,) = [item for item in page["items"] if item["kind"] == "imagined"]
    assert cleo.act(page, asking, "accept")["status"] == "done"
    assert not [one for one in cleo.feed()["items"] if one["kind"] == "imagined"]


def test_a_notice_is_the_words_that_its_hash_says(home: Home) -> None:
    dora = home.says("Dora")
    for purpose in set(PURPOSES) - {"ads", "training"}:
        served = dora.notice(purpose)
        assert not wrong("notice", served)
        assert hashlib.sha256(served["text"].encode()).hexdigest() == served["sha256"]


def test_a_selfie_upload_says_of_each_what_became_of_it(home: Home) -> None:
    said = {"attest_self": "true", "attest_adult": "true"}
    files = [("file", ("me.jpg", samples.file_of(8), "image/jpeg"))]
    headers = home.as_("Ben") | {"Idempotency-Key": "upload"}
    home.client.delete(f"/v1/selfies/{home.selfie('Ben')}", headers=headers)
    answer = home.client.post("/v1/selfies", headers=headers, data=said, files=files)
    assert answer.status_code == 201
    assert [wrong("checked", one) for one in answer.json()["items"]] == [[]]
    assert [one["accepted"] for one in answer.json()["items"]] == [True]
    again = home.client.post("/v1/selfies", headers=headers, data=said, files=files)
    assert (again.status_code, again.content) == (201, answer.content)
    assert len(get(home, "Ben", "/v1/selfies")["items"]) == 1


# --- pages and acts


def test_the_same_cursor_gives_the_same_page_until_the_end(home: Home) -> None:
    anna = home.says("Anna")
    pages = list(anna.pages(limit=7))
    again = [anna.feed(page.get("cursor"), 7) for page in (FeedPage(items=[], req_id=""), *pages)]
    assert [page["items"] for page in again[:-1]] == [page["items"] for page in pages]
    seen = [item["id"] for page in pages for item in page["items"]]
    assert len(seen) == len(set(seen)) == 31


def test_a_cursor_is_good_for_its_owner_as_it_was_given(home: Home) -> None:
    cursor = get(home, "Anna", "/v1/feed", limit=5)["cursor"]
    wanted = [("Ben", cursor), *(("Anna", text) for text in (cursor[:-3], cursor + "=", "", "é"))]
    for name, text in wanted:
        answer = home.client.get("/v1/feed", headers=home.as_(name), params={"cursor": text})
        is_problem(answer, "invalid")


def test_an_act_is_taken_once_and_undo_brings_the_item_back(home: Home) -> None:
    anna = home.says("Anna")
    page = anna.feed()
    (mine,) = [item for item in page["items"] if item["kind"] == "imagined"]
    for item in (mine, page["items"][0]):
        for kind in ("hide", "fewer"):
            assert anna.act(page, item, kind, f"{kind} {item['id']}")["status"] == "done"
            assert anna.act(page, item, kind, f"{kind} {item['id']}")["status"] == "duplicate"
            assert item not in anna.feed()["items"]
            anna.act(page, item, "undo")
            assert item in anna.feed()["items"]


def test_of_a_batch_with_one_bad_act_none_is_taken(home: Home) -> None:
    item = home.feed("Anna")["items"][0]["id"]
    good = {"event_id": "one", "item_id": item, "kind": "like"}
    bad = {"event_id": "two", "item_id": "nothing", "kind": "like"}
    send: dict[str, Any] = {
        "headers": home.as_("Anna"),
        "json": {"req_id": "r", "events": [good, bad]},
    }
    is_problem(home.client.post("/v1/interactions", **send), "not-found")
    send["json"] = {"req_id": "r", "events": [good, good]}
    answer = home.client.post("/v1/interactions", **send).json()["results"]
    assert [one["status"] for one in answer] == ["done", "duplicate"]


# --- saying yes and no


def test_no_needs_nothing_and_says_the_same_again(home: Home) -> None:
    odd = {"If-Match": '"x"', "Content-Type": "text/plain"}
    headers = home.as_("Anna") | odd
    path = "/v1/consents/feed_insert"
    first = home.client.request("DELETE", path, headers=headers, content=b"no").json()
    again = home.says("Anna").withdraw("feed_insert")
    assert not wrong("receipt", first)
    assert first["destroyed"] == {"portraits": 1, "inserts": 1, "shares": 0, "keys": 1}
    assert (again["seq"], again["destroyed"]) == (first["seq"], first["destroyed"])


def test_no_to_what_was_never_granted_is_one_entry(home: Home) -> None:
    dora = home.says("Dora")
    before = home.rooms.consent.ledger.head()[0]
    said = [dora.withdraw("story") for _ in range(2)]
    assert said[0]["seq"] == said[1]["seq"] == before
    assert said[0]["epoch"] is None
    assert home.rooms.consent.ledger.head()[0] == before + 1


def test_every_receipt_proves_its_entry_to_somebody_with_the_key_alone(home: Home) -> None:
    key = home.rooms.consent.ledger.signer.verifier
    anna = home.says("Anna")
    grant = anna.receipt("feed_insert")
    anna.grant(anna.notice("feed_insert"))
    renewal = anna.receipt("feed_insert")
    anna.withdraw("feed_insert")
    withdrawal = anna.receipt("feed_insert")
    for made, event in ((grant, "grant"), (renewal, "renew"), (withdrawal, "withdraw")):
        assert not wrong("receipt", made)
        assert proofs.receipt(made, key)["t"] == made["event"] == event
        assert made["epoch"] == grant["seq"]


def test_a_yes_quotes_the_persons_own_fresh_notice_for_that_purpose(home: Home) -> None:
    served = str(home.serve("Anna", "story")["served_id"])
    for name, purpose, quoted in (
        ("Anna", "share", served),
        ("Ben", "story", served),
        ("Anna", "story", "nothing"),
    ):
        is_problem(put(home, name, purpose, quoted), "notice-required", "notice-missing")
    is_problem(put(home, "Anna", "story", served, **{"If-Match": '"x"'}), "stale")
    said = put(home, "Anna", "story", served)
    assert (said.status_code, wrong("consent", said.json())) == (200, [])
    is_problem(put(home, "Anna", "story", served), "notice-required", "notice-missing")
    child = str(home.serve("Dora", "imagine")["served_id"])
    is_problem(put(home, "Dora", "imagine", child), "consent-required", "not-granted")


# --- doors


def test_what_is_not_there_and_what_is_not_yours_are_the_same_bytes(home: Home) -> None:
    mine = home.insert("Anna")["portrait_id"]
    home.client.delete(f"/v1/portraits/{mine}", headers=home.as_("Anna"))
    assert get(home, "Anna", f"/v1/portraits/{mine}")["state"] == "destroyed"
    paths = [f"/v1/portraits/{mine}/{what}" for what in ("image", "why", "download")]
    own = [home.client.get(path, headers=home.as_("Anna")) for path in paths]
    others = [
        home.client.get(path, headers=home.as_("Ben"))
        for path in (*paths, f"/v1/portraits/{mine}", "/v1/portraits/x", "/v1/nothing")
    ]
    for answer in (*own, *others):
        is_problem(answer, "not-found")
    assert len({answer.content for answer in (*own, *others)}) == 1


def test_a_scope_opens_only_its_routes_and_staff_see_nobody(home: Home) -> None:
    for name, scopes, path in (
        ("Anna", ["feed:read"], "/v1/consents"),
        ("Anna", ["likeness:manage"], "/v1/feed"),
        (None, [], "/v1/feed"),
        (None, [], f"/v1/portraits/{home.insert('Anna')['id']}/image"),
    ):
        is_problem(home.client.get(path, headers=home.as_(name, *scopes)), "scope")
    assert not wrong("token", home.client.post("/v1/token", json={}).json())
    is_problem(home.client.post("/v1/token", json={"scopes": ["feed:read"]}), "invalid")


def test_a_token_ends_and_none_or_a_wrong_one_opens_nothing(home: Home) -> None:
    headers = home.as_("Anna")
    home.clock.advance(home.client.post("/v1/token", json={}).json()["expires_in"] + 1)
    for sent in (headers, {}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eA=="}):
        is_problem(home.client.get("/v1/feed", headers=sent), "unauthenticated")


def test_a_key_repeats_the_first_answer_and_takes_no_other_body(home: Home) -> None:
    item = home.feed("Anna")["items"][0]["id"]
    body: dict[str, Any] = {"req_id": "r", "events": []}
    body["events"] = [{"event_id": "e", "item_id": item, "kind": "like"}]
    sent: dict[str, Any] = {"headers": home.as_("Anna") | {"Idempotency-Key": "k"}}
    first = home.client.post("/v1/interactions", json=body, **sent)
    again = home.client.post("/v1/interactions", json=body, **sent)
    assert first.content == again.content
    assert first.json()["results"] == [{"event_id": "e", "status": "done"}]
    is_problem(
        home.client.post("/v1/interactions", json=body | {"req_id": "s"}, **sent), "key-reused"
    )


def test_a_write_by_cookie_comes_from_our_own_page(home: Home) -> None:
    entered = home.client.post("/enter", data={"subject": "Anna"})
    kept = entered.headers["set-cookie"].lower()
    assert ("httponly" in kept, "samesite=strict" in kept) == (True, True)
    path = "/v1/consents/story"
    for site in ("cross-site", "same-site", "none"):
        is_problem(home.client.delete(path, headers={"Sec-Fetch-Site": site}), "scope")
    is_problem(home.client.delete(path), "scope")
    own = home.client.delete(path, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 200


# --- the description of all this


def test_the_description_is_whole_and_names_problems_as_what_they_are(home: Home) -> None:
    told = home.client.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    named = set(told["components"]["schemas"])
    text = json.dumps(told)
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= named
    assert "HTTPValidationError" not in named
    actions = [action for path in told["paths"].values() for action in path.values()]
    assert len({action["operationId"] for action in actions}) == len(actions)
    refusals = [action["responses"][status] for action in actions for status in ("4XX", "5XX")]
    assert {tuple(answer["content"]) for answer in refusals} == {("application/problem+json",)}


# --- what an auditor takes home


@pytest.fixture
def taken(home: Home, tmp_path: Path) -> tuple[Path, str]:
    """Take a bundle after a renewal, two withdrawals and a destroyed portrait."""
    put(home, "Anna", "likeness", str(home.serve("Anna", "likeness")["served_id"]))
    home.client.get(home.insert("Ben")["image_url"], headers=home.as_("Ben"))
    home.client.delete("/v1/consents/feed_insert", headers=home.as_("Ben"))
    made = home.portraits("Anna")[0]["id"]
    home.client.delete(f"/v1/portraits/{made}", headers=home.as_("Anna"))
    home.client.delete("/v1/consents/telemetry", headers=home.as_("Dora"))
    bundle.export(home.rooms.consent, tmp_path / "taken")
    return tmp_path / "taken", home.rooms.consent.ledger.signer.verifier


def test_a_bundle_holds_what_its_checkpoint_signs(taken: tuple[Path, str]) -> None:
    folder, key = taken
    assert (folder / "keys" / "log.vkey").read_text().splitlines()[0] == key
    size, top = proofs.checkpoint((folder / "checkpoint").read_text(), key)
    found = proofs.entries(folder)
    assert len(found) == size
    assert proofs.root([proofs.leaf(entry) for entry in found]) == top
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["schema"] == "onlyou-bundle/1"
    assert (manifest["size"], manifest["root"]) == (size, top.hex())
    for kind, ending in (("policies", "toml"), ("notices", "md")):
        for file in (folder / kind).iterdir():
            assert file.name == f"{hashlib.sha256(file.read_bytes()).hexdigest()}.{ending}"


def test_every_entry_has_the_fields_of_its_type_and_its_place_in_its_chain(
    taken: tuple[Path, str],
) -> None:
    bodies = [json.loads(entry) for entry in proofs.entries(taken[0])]
    assert {body["t"] for body in bodies} == set(ENTRIES)
    newest: dict[str, int] = {}
    for seq, body in enumerate(bodies):
        must, may = (set(words.split()) for words in ENTRIES[body["t"]])
        fields = set(body) - {"v", "t", "at"}
        assert must <= fields <= must | may, body
        assert None not in body.values()
        if "tag" in body:
            assert body.get("prev") == newest.get(body["tag"])
            newest[body["tag"]] = seq


def test_every_effect_spends_an_allowed_decision_on_the_same_thing_once(
    taken: tuple[Path, str],
) -> None:
    bodies = [json.loads(entry) for entry in proofs.entries(taken[0])]
    effects = [body for body in bodies if body["t"] == "effect"]
    spent = [body["effect_of"] for body in effects]
    assert len(spent) == len(set(spent)) > 0
    for effect in effects:
        decision: Mapping[str, Any] = bodies[effect["effect_of"]]
        assert (decision["t"], decision["verdict"]) == ("decision", "allow")
        same = ("tag", "step", "object", "request")
        assert [effect.get(field) for field in same] == [decision.get(field) for field in same]
        assert effect["at"] < decision["not_after"]
