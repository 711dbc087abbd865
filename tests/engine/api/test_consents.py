# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from consent import merkle, notes
from consent.grants import Grants
from consent.keepsakes import flaws
from consent.notices import Notice, read_notices
from consent.validity import surfaces
from consent.words import DAY, SECOND, Purpose, Seq, Subject
from engine import wiring
from engine.api.shapes import Consent, Receipt
from engine.web import site
from tests.engine.homes import Home


def consent(home: Home, name: str, purpose: str) -> dict[str, Any]:
    items = home.client.get("/v1/consents", headers=home.as_(name)).json()["items"]
    (found,) = [item for item in items if item["purpose"] == purpose]
    assert isinstance(found, dict)
    return found


def say_yes(home: Home, name: str, purpose: str, **headers: str) -> Any:
    served = home.serve(name, purpose)["served_id"]
    return home.client.put(
        f"/v1/consents/{purpose}",
        headers=home.as_(name) | headers,
        json={"served_id": served, "affirmative": True},
    )


def test_every_purpose_is_listed_granted_or_not(home: Home) -> None:
    items = home.client.get("/v1/consents", headers=home.as_("Dora")).json()["items"]
    assert [item["purpose"] for item in items] == [str(purpose) for purpose in Purpose]
    assert {item["state"] for item in items} == {"not_granted"}


def test_what_a_withdrawal_would_take_is_said_beforehand(home: Home) -> None:
    own = consent(home, "Anna", "feed_insert")
    assert own["state"] == "granted"
    assert own["basis"] == "explicit"
    assert own["requires"] == "likeness"
    assert own["would_destroy"] == {"portraits": 1, "inserts": 1, "shares": 0}
    assert consent(home, "Anna", "likeness")["would_destroy"]["portraits"] == 2


def test_a_yes_quotes_the_words_that_were_served(home: Home) -> None:
    answer = say_yes(home, "Dora", "likeness")
    assert answer.status_code == 200
    given = Consent.model_validate(answer.json())
    assert given.state == "granted"
    assert given.notice is not None
    assert given.notice.sha256 == home.serve("Dora", "likeness")["sha256"]
    assert answer.headers["etag"] == given.etag


def test_a_yes_without_words_is_refused(home: Home) -> None:
    refused = home.client.put(
        "/v1/consents/likeness",
        headers=home.as_("Dora"),
        json={"served_id": "0" * 13, "affirmative": True},
    )
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/notice-required")


def test_words_served_to_somebody_else_do_not_count(home: Home) -> None:
    served = home.serve("Anna", "likeness")["served_id"]
    refused = home.client.put(
        "/v1/consents/likeness",
        headers=home.as_("Dora"),
        json={"served_id": served, "affirmative": True},
    )
    assert refused.status_code == 409


@pytest.mark.parametrize(
    "body", [{}, {"served_id": "x"}, {"served_id": "x", "affirmative": False}]
)
def test_nothing_but_a_plain_yes_is_a_yes(home: Home, body: dict[str, object]) -> None:
    refused = home.client.put("/v1/consents/likeness", headers=home.as_("Dora"), json=body)
    assert refused.status_code == 422
    assert consent(home, "Dora", "likeness")["state"] == "not_granted"


def test_a_child_purpose_needs_its_parent(home: Home) -> None:
    refused = say_yes(home, "Dora", "imagine")
    assert refused.status_code == 403
    assert refused.json()["reason"] == "not-granted"
    assert refused.json()["purpose"] == "likeness"


def test_a_yes_can_be_tied_to_what_was_seen(home: Home) -> None:
    seen = consent(home, "Anna", "imagine")["etag"]
    home.client.delete("/v1/consents/imagine", headers=home.as_("Anna"))
    stale = say_yes(home, "Anna", "imagine", **{"If-Match": seen})
    assert stale.status_code == 412
    assert stale.json()["type"].endswith("/stale")
    fresh = consent(home, "Anna", "imagine")["etag"]
    assert say_yes(home, "Anna", "imagine", **{"If-Match": fresh}).status_code == 200


def test_a_no_that_comes_between_look_and_yes_is_not_overtaken(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen is compared again in the transaction of the yes, not only before it."""
    seen = consent(home, "Anna", "imagine")["etag"]
    served = home.serve("Anna", "imagine")["served_id"]
    honest = Grants.grant

    def late(grants: Grants, subject: Subject, *given: Any, **more: Any) -> Seq:
        home.rooms.consent.withdrawals.withdraw(subject, Purpose.IMAGINE)
        return honest(grants, subject, *given, **more)

    monkeypatch.setattr(Grants, "grant", late)
    said = home.client.put(
        "/v1/consents/imagine",
        json={"served_id": served, "affirmative": True},
        headers=home.as_("Anna") | {"If-Match": seen},
    )
    assert said.status_code == 412
    assert said.json()["type"].endswith("/stale")
    assert consent(home, "Anna", "imagine")["state"] == "not_granted"


def test_any_present_yes_matches_a_star(home: Home) -> None:
    assert say_yes(home, "Anna", "imagine", **{"If-Match": "*"}).status_code == 200
    assert say_yes(home, "Dora", "likeness", **{"If-Match": "*"}).status_code == 412


def test_a_no_needs_nothing_and_is_at_once(home: Home) -> None:
    insert = home.insert("Anna")
    headers = home.as_("Anna")
    assert home.client.get(insert["image_url"], headers=headers).status_code == 200
    said = home.client.delete(
        "/v1/consents/feed_insert", headers=headers | {"If-Match": "W/stale"}
    )
    assert said.status_code == 200
    receipt = Receipt.model_validate(said.json())
    assert receipt.destroyed is not None
    assert receipt.destroyed.model_dump() == {
        "portraits": 1, "inserts": 1, "shares": 0, "keys": 1,
    }  # fmt: skip
    for what in ("image", "why"):
        gone = home.client.get(f"/v1/portraits/{insert['portrait_id']}/{what}", headers=headers)
        assert gone.status_code == 404
    line = home.client.get(f"/v1/portraits/{insert['portrait_id']}", headers=headers).json()
    assert line["state"] == "destroyed"
    assert line["image_url"] is None
    assert not [item for item in home.feed("Anna")["items"] if item["kind"] == "imagined"]


def test_a_no_said_again_succeeds_with_the_same_receipt(home: Home) -> None:
    headers = home.as_("Anna")
    first = home.client.delete("/v1/consents/feed_insert", headers=headers).json()
    for _ in range(2):
        again = home.client.delete("/v1/consents/feed_insert", headers=headers)
        assert again.status_code == 200
        assert again.json()["entry"] == first["entry"]
        assert again.json()["destroyed"] == first["destroyed"]


def test_a_no_to_what_was_never_granted_succeeds(home: Home) -> None:
    said = home.client.delete("/v1/consents/story", headers=home.as_("Dora"))
    assert said.status_code == 200
    assert Receipt.model_validate(said.json()).epoch is None


def test_a_receipt_proves_itself_against_its_checkpoint(home: Home) -> None:
    headers = home.as_("Anna")
    receipt = home.client.get("/v1/consents/feed_insert/receipt", headers=headers).json()
    entry = base64.urlsafe_b64decode(receipt["entry"] + "==")
    assert json.loads(entry)["t"] == "grant"
    signer = home.rooms.consent.ledger.signer
    signed = notes.open_note(receipt["checkpoint"], signer.verifier)
    assert signed is not None
    checkpoint = notes.parse_checkpoint(signed)
    proof = tuple(bytes.fromhex(node) for node in receipt["proof"])
    assert merkle.verify_inclusion(
        leaf=merkle.leaf_hash(entry),
        seq=receipt["seq"],
        size=checkpoint.size,
        proof=proof,
        root=checkpoint.root,
    )


def test_there_is_no_receipt_for_what_was_never_said(home: Home) -> None:
    answer = home.client.get("/v1/consents/story/receipt", headers=home.as_("Anna"))
    assert answer.status_code == 404


def test_a_minor_says_so_and_then_needs_a_guardian(home: Home) -> None:
    def say(**more: object) -> Any:
        served = home.serve("Dora", "likeness")["served_id"]
        yes = {"served_id": served, "affirmative": True} | more
        return home.client.put("/v1/consents/likeness", headers=home.as_("Dora"), json=yes)

    alone = say(age_band="minor")
    assert (alone.status_code, alone.json()["reason"]) == (403, "guardian-required")
    assert say(age_band="adult").json()["reason"] == "age"
    assert say(guardian=True).json()["basis"] == "parental"
    off = home.client.delete("/v1/consents/likeness?guardian=true", headers=home.as_("Dora"))
    assert off.status_code == 200
    last = home.rooms.consent.entry(Seq(off.json()["seq"]))
    assert last["actor"] == "guardian"


def test_a_place_that_is_none_is_refused_before_anything_is_taken(home: Home) -> None:
    served = home.serve("Dora", "likeness")["served_id"]
    yes = {"served_id": served, "affirmative": True, "region": "Mars"}
    refused = home.client.put("/v1/consents/likeness", headers=home.as_("Dora"), json=yes)
    assert (refused.status_code, refused.json()["reason"]) == (422, "unknown-key")
    assert consent(home, "Dora", "likeness")["state"] == "not_granted"


def reworded(home: Home, purpose: Purpose, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Open the same home again after an upgrade that brought new words for one purpose."""
    newer = tuple(_newer(one) if one.purpose is purpose else one for one in read_notices())
    monkeypatch.setattr("consent.room.read_notices", lambda: newer)
    chosen = home.rooms.settings
    rooms = wiring.build(chosen, home.rooms.consent.ledger.engine, home.clock)
    rooms.consent.publish()
    client = TestClient(site(rooms, chosen), raise_server_exceptions=False, follow_redirects=False)
    return Home(rooms=rooms, clock=home.clock, client=client)


def _newer(one: Notice) -> Notice:
    text = one.text + "\nMore of this is done now than before.\n"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return replace(one, version=str(int(one.version) + 1), text=text, sha256=sha256)


def test_a_raised_notice_version_makes_every_old_yes_insufficient(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = home.serve("Anna", "feed_insert")["served_id"]
    home = reworded(home, Purpose.FEED_INSERT, monkeypatch)
    assert consent(home, "Anna", "feed_insert")["state"] == "outdated"
    assert consent(home, "Anna", "likeness")["state"] == "granted"
    insert = home.insert("Anna")
    denied = home.client.get(insert["image_url"], headers=home.as_("Anna"))
    assert (denied.status_code, denied.json()["reason"]) == (409, "notice-outdated")
    yes = {"served_id": stale, "affirmative": True}
    put = "/v1/consents/feed_insert"
    refused = home.client.put(put, headers=home.as_("Anna"), json=yes)
    assert (refused.status_code, refused.json()["reason"]) == (409, "notice-outdated")
    renewed = say_yes(home, "Anna", "feed_insert")
    assert renewed.json()["state"] == "granted"
    receipt = home.client.get(f"{put}/receipt", headers=home.as_("Anna")).json()
    assert receipt["event"] == "renew"
    again = home.client.get(insert["image_url"], headers=home.as_("Anna"))
    assert again.status_code == 200


def test_a_yes_runs_out_is_said_so_and_leaves_nothing(home: Home) -> None:
    headers = home.as_("Anna")
    image = home.insert("Anna")["image_url"]
    home.clock.advance(366 * DAY // SECOND)
    assert consent(home, "Anna", "likeness")["state"] == "expired"
    home.rooms.consent.retention.sweep()
    assert consent(home, "Anna", "likeness")["state"] == "not_granted"
    fresh = home.as_("Anna")
    assert home.client.get(image, headers=fresh).status_code == 404
    assert home.client.get("/v1/selfies", headers=fresh).json() == {"items": []}
    refused = home.client.post(
        "/v1/selfies", headers=fresh, files=[("file", ("a.jpg", b"x"))], data={}
    )
    assert (refused.json()["reason"], refused.status_code) == ("expired", 403)
    assert "run out" in refused.json()["detail"]
    receipt = home.client.get("/v1/consents/likeness/receipt", headers=fresh).json()
    assert (receipt["event"], headers != fresh) == ("withdraw", True)


@pytest.mark.parametrize("kind", ["27560", "kantara"])
def test_a_receipt_can_be_had_in_other_formats(home: Home, kind: str) -> None:
    headers = home.as_("Anna")
    path = "/v1/consents/feed_insert/receipt"
    made = home.client.get(path, headers=headers, params={"format": kind}).json()
    assert made["receipt"]["seq"] == home.client.get(path, headers=headers).json()["seq"]
    assert flaws(made, home.rooms.consent.ledger.signer.verifier) == ()
    (card,) = made["processors"]
    assert "selfie_segmentation.tflite" in [one.get("file") for one in card["model"]]
    why = f"/v1/portraits/{home.insert('Anna')['portrait_id']}/why"
    assert home.client.get(why, headers=headers).json()["recipe"]["sha256"] == card["sha256"]


def test_an_unknown_format_and_a_receipt_of_nothing_are_refused(home: Home) -> None:
    def get(purpose: str, kind: str) -> Any:
        path = f"/v1/consents/{purpose}/receipt"
        return home.client.get(path, headers=home.as_("Anna"), params={"format": kind})

    assert get("feed_insert", "pdf").status_code == 422
    assert get("story", "27560").status_code == 404


def test_a_yes_and_a_no_take_as_many_requests_as_is_committed_to(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = home.as_("Dora")
    monkeypatch.setattr(Home, "as_", lambda *_: headers)
    send, sent = home.client.request, []

    def request(method: str, path: str, **more: Any) -> Any:
        sent.append(method)
        return send(method, path, **more)

    monkeypatch.setattr(home.client, "request", request)
    assert say_yes(home, "Dora", "likeness").status_code == 200
    home.client.delete("/v1/consents/likeness", headers=headers)
    assert sent == ["GET", "PUT", "DELETE"]
    assert (surfaces()["api"].grant, surfaces()["api"].withdraw) == (2, 1)
