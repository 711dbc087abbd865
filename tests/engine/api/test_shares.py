# SPDX-License-Identifier: Apache-2.0
"""Sharing over HTTP: who sees what, and for how long."""

from typing import Any

import pytest

from consent.words import public_id
from engine.api.problems import answer, not_found
from generation import photographs
from tests.engine.homes import Home

NOT_FOUND = bytes(answer(not_found()).body)
FRIENDS = ("Anna", "Ben")


@pytest.fixture
def company(home: Home) -> Home:
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


def test_a_friend_sees_it_and_nobody_else_does(company: Home) -> None:
    home, made = company, share(company)
    assert seen_by(home, "Ben") == [made["share_id"]]
    image = home.client.get(made["url"], headers=home.as_("Ben"))
    assert (image.status_code, image.headers["content-type"]) == (200, "image/jpeg")
    for path in (made["url"], made["url"].removesuffix("/image")):
        hidden = home.client.get(path, headers=home.as_("Cleo"))
        assert (hidden.status_code, hidden.content) == (404, NOT_FOUND)
    assert seen_by(home, "Cleo") == []


def test_without_a_confirmation_nothing_is_shared_and_nothing_is_logged(company: Home) -> None:
    home, own = company, company.portraits("Anna")[0]["id"]
    before = home.rooms.consent.ledger.head()[0]
    for body in ({}, {"confirm": False}, {"confirm": "yes"}, {"confirm": 1}, None):
        for how in ("share", "story"):
            path = f"/v1/portraits/{own}/{how}"
            refused = home.client.post(path, headers=home.as_("Anna"), json=body)
            assert refused.status_code == 422, body
    wrong = {"confirm": True, "audience": "friends"}
    refused = home.client.post(f"/v1/portraits/{own}/story", headers=home.as_("Anna"), json=wrong)
    assert (refused.status_code, refused.json()["field"]) == (422, "audience")
    assert home.rooms.consent.ledger.head()[0] == before


def test_the_answer_is_the_contracts_and_a_second_is_the_same(company: Home) -> None:
    made = share(company, "share")
    own = company.portraits("Anna")[0]
    assert made["portrait_id"] == own["id"]
    assert (made["purpose"], made["audience"], made["mine"]) == ("share", "friends", True)
    assert made["url"] == f"/v1/shares/{made['share_id']}/image"
    assert company.rooms.consent.entry(made["seq"])["step"] == "share"
    assert share(company, "share") == made
    assert own["shared"] == ["friends"]


def test_the_audience_is_told_what_it_is_and_nothing_that_leads_to_its_owners_own(
    company: Home,
) -> None:
    made = share(company)
    told = company.client.get(
        made["url"].removesuffix("/image"), headers=company.as_("Ben")
    ).json()
    assert told["by"] == "Anna"
    assert told["ai_label"] == company.rooms.consent.policy.labels.made_by
    assert told["scenario"]["title"]
    assert (told["mine"], told["ends_at"]) == (False, made["ends_at"])
    assert not {"portrait_id", "seq", "purpose"} & set(told)
    assert made["portrait_id"] not in str(told)
    for path in ("", "/image", "/why", "/download"):
        hidden = company.client.get(
            f"/v1/portraits/{made['portrait_id']}{path}", headers=company.as_("Ben")
        )
        assert (hidden.status_code, hidden.content) == (404, NOT_FOUND)


def test_what_the_audience_gets_is_labelled_in_its_pixels(company: Home) -> None:
    made, home = share(company), company
    sealed = home.client.get(home.portraits("Anna")[0]["image_url"], headers=home.as_("Anna"))
    for name in FRIENDS:
        shown = home.client.get(made["url"], headers=home.as_(name))
        assert shown.headers["cache-control"] == "private, no-store"
        before, after = photographs.kept(sealed.content), photographs.kept(shown.content)
        assert abs(before.astype(int) - after).max() > 60
    answer = home.client.post("/v1/verify", files={"file": ("x.jpg", shown.content)}).json()
    assert (answer["c2pa"], answer["watermark"]) == ("trusted", "found")


def test_ended_it_is_gone_for_everybody_and_can_be_shared_again(company: Home) -> None:
    made, home = share(company), company
    address = f"/v1/shares/{made['share_id']}"
    refused = home.client.delete(address, headers=home.as_("Ben"))
    assert (refused.status_code, refused.content) == (404, NOT_FOUND)
    assert home.client.delete(address, headers=home.as_("Anna")).status_code == 204
    for name in FRIENDS:
        for path in (address, f"{address}/image"):
            gone = home.client.get(path, headers=home.as_(name))
            assert (gone.status_code, gone.content) == (404, NOT_FOUND)
    assert home.portraits("Anna")[0]["shared"] == []
    assert share(home)["share_id"] != made["share_id"]
    assert len(seen_by(home, "Ben")) == 1


def test_a_pause_hides_it_and_the_end_of_the_pause_shows_it_again(company: Home) -> None:
    made, home = share(company), company
    home.rooms.consent.pauses.pause(home.person("Anna"), None)
    assert (seen_by(home, "Ben"), seen_by(home, "Anna")) == ([], [made["share_id"]])
    hidden = home.client.get(made["url"], headers=home.as_("Ben"))
    assert (hidden.status_code, hidden.content) == (404, NOT_FOUND)
    own = home.client.get(made["url"], headers=home.as_("Anna"))
    assert own.status_code == 200
    home.rooms.consent.pauses.resume(home.person("Anna"))
    assert seen_by(home, "Ben") == [made["share_id"]]


def test_withdrawing_its_purpose_or_the_portraits_ends_it(company: Home) -> None:
    home = company
    for purpose, how in (("story", "story"), ("feed_insert", "share")):
        made = share(home, how)
        shown = home.client.get("/v1/consents", headers=home.as_("Anna")).json()["items"]
        (told,) = [one for one in shown if one["purpose"] == purpose]
        assert told["would_destroy"]["shares"] == 1
        ended = home.client.delete(f"/v1/consents/{purpose}", headers=home.as_("Anna")).json()
        assert ended["destroyed"]["shares"] == 1
        assert made["share_id"] not in seen_by(home, "Ben")


def test_only_a_portrait_made_as_one_becomes_a_profile_picture(company: Home) -> None:
    own = company.portraits("Anna")[0]["id"]
    body = {"audience": "profile", "confirm": True}
    refused = company.client.post(
        f"/v1/portraits/{own}/share", headers=company.as_("Anna"), json=body
    )
    assert (refused.status_code, refused.json()["reason"]) == (403, "purpose-mismatch")


def test_a_no_is_told_with_its_reason_and_is_on_record(home: Home) -> None:
    own = home.portraits("Anna")[0]["id"]
    path = f"/v1/portraits/{own}/story"
    refused = home.client.post(path, headers=home.as_("Anna"), json={"confirm": True})
    assert (refused.status_code, refused.json()["reason"]) == (403, "not-granted")
    assert home.rooms.consent.entry(refused.json()["seq"])["verdict"] == "deny"


def test_what_ends_while_its_file_is_written_is_not_sent(
    company: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, studio = share(company), company.rooms.studio
    write = studio.leaving

    def ending(*given: Any) -> bytes:
        company.client.delete(f"/v1/shares/{made['share_id']}", headers=company.as_("Anna"))
        return write(*given)

    monkeypatch.setattr(studio, "leaving", ending)
    gone = company.client.get(made["url"], headers=company.as_("Ben"))
    assert (gone.status_code, gone.content) == (404, NOT_FOUND)


def test_pages_of_shares_follow_each_other(company: Home) -> None:
    made = [share(company, "story"), share(company, "share", which=1)]
    headers, found = company.as_("Ben"), []
    query: dict[str, Any] = {"limit": 1}
    for _ in made:
        page = company.client.get("/v1/shares", headers=headers, params=query).json()
        found += [one["share_id"] for one in page["items"]]
        query["cursor"] = page.get("cursor", "")
    assert found == [one["share_id"] for one in reversed(made)]
    assert "cursor" not in page
